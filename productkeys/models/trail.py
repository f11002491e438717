"""The trail: who did what to which key, when and from where. Append only, written by `services.trail` alone."""

import uuid

from django.db import models
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


class TrailEntry(models.Model):
    """One act. People and things are named by uid and the name they had, never by foreign key: entries outlive both.

    `before` and `after` hold the changed fields; a product key among them appears as "changed", never as itself.
    """

    Action = Action

    uid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    at = models.DateTimeField(_("when"), auto_now_add=True, db_index=True)
    actor_uid = models.UUIDField(null=True)
    actor_name = models.CharField(_("who"), max_length=150, blank=True)
    address = models.GenericIPAddressField(_("from"), null=True)
    action = models.CharField(_("what"), max_length=20, choices=Action)
    subject_uid = models.UUIDField(null=True)
    subject_name = models.CharField(_("which key"), max_length=200, blank=True)
    reason = models.CharField(_("reason"), max_length=200, blank=True)
    before = models.JSONField(default=dict)
    after = models.JSONField(default=dict)

    class Meta:
        ordering = ["-id"]
        verbose_name = _("trail entry")
        verbose_name_plural = _("trail entries")
        default_permissions = ("view",)
        indexes = [models.Index(fields=["subject_uid", "-id"], name="trail_subject")]

    def __str__(self) -> str:
        return f"{self.get_action_display()}: {self.subject_name}"
