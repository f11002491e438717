"""The trail: who did what to which key, when and from where, and the seals that chain its entries.

Append only. Entries and their rows are written by `services.trail` alone, seals by `services.sealing`.
"""

import uuid
from typing import Any

from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _


class Action(models.TextChoices):
    """What was done."""

    ADDED = "added", _("Added")
    CHANGED = "changed", _("Changed")
    ARCHIVED = "archived", _("Archived")
    RESTORED = "restored", _("Restored")
    COMPROMISED = "compromised", _("Marked as compromised")
    DELETED = "deleted", _("Deleted")
    REVEALED = "revealed", _("Revealed")
    LOADED = "loaded", _("Loaded with a release")
    REVEAL_REFUSED = "reveal-refused", _("Reveal refused")
    REVEALS_STOPPED = "reveals-stopped", _("Reveals stopped")
    REVEALS_RELEASED = "reveals-released", _("Reveals released")
    SIGNED_IN = "signed-in", _("Signed in")
    SIGN_IN_FAILED = "sign-in-failed", _("Sign-in failed")
    SIGNED_OUT = "signed-out", _("Signed out")
    RESET_ASKED = "reset-asked", _("New password asked for")
    FACTOR_ADDED = "factor-added", _("Second factor added")
    FACTOR_REMOVED = "factor-removed", _("Second factor removed")
    CODES_RENEWED = "codes-renewed", _("New recovery codes made")
    EXPORTED = "exported", _("Audit log exported")
    IMPORTED = "imported", _("Keys imported")
    IMPORT_UNDONE = "import-undone", _("Import undone")
    KEYS_EXPORTED = "keys-exported", _("Keys exported")
    AGREEMENT_ADDED = "agreement-added", _("Agreement added")
    AGREEMENT_CHANGED = "agreement-changed", _("Agreement changed")
    AGREEMENT_DELETED = "agreement-deleted", _("Agreement deleted")
    TEMPLATE_ADDED = "template-added", _("Rollout template added")
    TEMPLATE_CHANGED = "template-changed", _("Rollout template changed")
    TEMPLATE_DELETED = "template-deleted", _("Rollout template deleted")
    PRUNED = "pruned", _("Old entries removed")
    MASTER_KEY_ADDED = "master_key_added", _("Master key added")
    MASTER_KEY_REPLACED = "master_key_replaced", _("Re-encrypted with the new master key")
    MASTER_KEY_REMOVED = "master_key_removed", _("Old master key removed")


AT_THE_DOOR = (Action.SIGN_IN_FAILED, Action.RESET_ASKED)
"""What somebody did who was not signed in: nobody knows who it was."""

READINGS = (Action.REVEALED, Action.REVEAL_REFUSED, Action.KEYS_EXPORTED)
"""What people did to read a key: the names beside it are for auditors."""

ABOUT_AGREEMENTS = (Action.AGREEMENT_ADDED, Action.AGREEMENT_CHANGED, Action.AGREEMENT_DELETED)

ABOUT_TEMPLATES = (Action.TEMPLATE_ADDED, Action.TEMPLATE_CHANGED, Action.TEMPLATE_DELETED)

WITHOUT_CHANGE = (*READINGS, Action.PRUNED)
"""What is said about a key that did not change it."""


class Why(models.TextChoices):
    """Why something was refused, or how it was done.

    The trail keeps the value, so that each person reads it in their own language.
    """

    NO_RIGHT = "no-right", _("without the right to reveal keys")
    TOO_MANY = "too-many", _("more reveals in an hour than one person may have")
    STOPPED = "stopped", _("reveals were stopped")
    KEY_IN_REASON = "key-in-reason", _("the reason contained a product key")
    SEALED_ELSEWHERE = "sealed-elsewhere", _("the stored key does not belong to this entry")
    WRONG_PASSWORD = "wrong-password", _("wrong password")
    WRONG_SECOND_FACTOR = "wrong-second-factor", _("wrong second factor")
    UNKNOWN_NAME = "unknown-name", _("unknown user name")
    DEACTIVATED = "deactivated", _("the account is deactivated")
    NO_ROLE = "no-role", _("no group of the directory gives a role")
    OWN_PASSWORD = "own-password", _("the account has a password of its own")
    NAME_REFUSED = "name-refused", _("no account can have this user name")
    DIRECTORY_DOWN = "directory-down", _("the directory did not answer")
    COMMAND_LINE = "command-line", _("on the command line")
    COMPANY_GROUPS = "company-groups", _("by the groups of the company account")
    COMPANY_LINKED = "company-linked", _("now signs in with the company account")
    UNPROVEN = "unproven", _("the answer of the company's sign-in could not be believed")
    TOO_MANY_GROUPS = "too-many-groups", _("the company account has more groups than the directory lists")
    NO_USER_NAME = "no-user-name", _("the company account has no user name that fits")
    NAME_TAKEN = "name-taken", _("the user name belongs to somebody who signs in another way")
    OTHER_ACCOUNT = "other-account", _("confirmed with another company account")
    NOT_ASKED_AGAIN = "not-asked-again", _("the company's sign-in did not ask again")
    LDAP_GROUPS = "ldap-groups", _("by the groups of the LDAP directory")
    OIDC_GROUPS = "oidc-groups", _("by the groups of the company account (OpenID Connect)")
    SAML_GROUPS = "saml-groups", _("by the groups of the company account (SAML)")
    NO_EMAIL = "no-email", _("the account has no e-mail address")
    NO_PASSWORD = "no-password", _("the account has no password of its own")
    LINK = "link", _("by a link in a letter")


class TrailEntry(models.Model):
    """One act. People and things are named by uid and the name they had, never by foreign key: entries outlive both.

    `before` and `after` hold the changed fields; a product key among them appears as "changed", never as itself.
    `proof` shows that the portal wrote the entry (`services.chain`).
    """

    Action = Action

    uid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    at = models.DateTimeField(_("when"), default=timezone.now, editable=False, db_index=True)
    actor_uid = models.UUIDField(null=True)
    actor_name = models.CharField(_("who"), max_length=150, blank=True)
    address = models.GenericIPAddressField(_("from"), null=True)
    action = models.CharField(_("what"), max_length=20, choices=Action)
    subject_uid = models.UUIDField(null=True)
    subject_name = models.CharField(_("which key"), max_length=200, blank=True)
    reason = models.CharField(_("reason"), max_length=200, blank=True)
    before = models.JSONField(default=dict)
    after = models.JSONField(default=dict)
    proof = models.CharField(max_length=64, blank=True, editable=False)

    class Meta:
        ordering = ["-id"]
        verbose_name = _("trail entry")
        verbose_name_plural = _("trail entries")
        default_permissions = ("view",)
        indexes = [
            models.Index(fields=["subject_uid", "-id"], name="trail_subject"),
            models.Index(fields=["subject_name"], name="trail_subject_name"),
            models.Index(fields=["actor_uid", "-id"], name="trail_actor"),
            models.Index(fields=["action", "-id"], name="trail_action"),
        ]

    def __str__(self) -> str:
        return f"{self.get_action_display()}: {self.subject_name}"

    def plain(self) -> dict[str, Any]:
        """What the entry says as JSON can hold it, for whatever leaves the portal."""
        return {
            "id": self.pk,
            "uid": str(self.uid),
            "at": self.at.isoformat(),
            "action": str(self.action),
            "actor_name": self.actor_name,
            "actor_uid": str(self.actor_uid) if self.actor_uid else None,
            "address": self.address,
            "subject_name": self.subject_name,
            "subject_uid": str(self.subject_uid) if self.subject_uid else None,
            "reason": self.reason,
            "before": self.before,
            "after": self.after,
        }


class TrailRow(models.Model):
    """One of the things that an entry was about when it was about many, such as an import: `values` are its own.

    The entry says how many rows it has, and a digest over them in the order of their ids: so its proof and its seal
    cover them (`services.trail.record_batch`).
    """

    entry_uid = models.UUIDField()
    subject_uid = models.UUIDField()
    subject_name = models.CharField(max_length=200)
    values = models.JSONField(default=dict)

    class Meta:
        ordering = ["id"]
        default_permissions = ()
        indexes = [
            models.Index(fields=["entry_uid", "id"], name="trail_row_entry"),
            models.Index(fields=["subject_uid", "-id"], name="trail_row_subject"),
        ]

    def __str__(self) -> str:
        return self.subject_name


class TrailSeal(models.Model):
    """The place of one entry in the chain: a keyed digest over the entry, its place, and the digest of the seal before.

    It stands beside the entry and names it by its id: no entry is ever touched again, and who writes one never waits.
    """

    sequence = models.BigIntegerField(primary_key=True)
    entry = models.BigIntegerField(unique=True)
    digest = models.CharField(max_length=64)

    class Meta:
        default_permissions = ()

    def __str__(self) -> str:
        return f"{self.sequence}"


class TrailKey(models.Model):
    """The key of proofs and seals, sealed under the key ring (`services.trail_key`). There is one row."""

    sealed = models.TextField()

    class Meta:
        default_permissions = ()

    def __str__(self) -> str:
        return "the key of the trail"
