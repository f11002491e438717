"""A waiting or finished import: what was brought, what people say it means, and how far it is.

The file and its rows are secrets and lie sealed until the import is over, then they go; what stays is what happened.
"""

import uuid

from django.conf import settings
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from productkeys.models.sealed_secret import SealedSecret


class State(models.TextChoices):
    """How far an import is; in the order in which they follow."""

    CHECKING = "checking", _("Rows are being checked")
    CHECKED = "checked", _("Waits for your decision")
    STORING = "storing", _("Keys are being stored")
    DONE = "done", _("Done")
    CANCELLED = "cancelled", _("Cancelled")
    FAILED = "failed", _("Failed")
    UNDOING = "undoing", _("Is being undone")
    UNDONE = "undone", _("Undone")


OPEN_STATES = (State.CHECKING, State.CHECKED, State.STORING)
"""The states in which rows of the file are still kept."""
WORK_STATES = (State.CHECKING, State.STORING, State.UNDOING)
"""The states in which the portal has work to do."""


class Existing(models.TextChoices):
    """What becomes of a key that the portal holds already."""

    CHANGE = "change", _("Change them as the file says")
    LEAVE = "leave", _("Leave them as they are")


class Mode(models.TextChoices):
    """What becomes of an import with refused rows."""

    GOOD_ROWS = "good-rows", _("Import the good rows, leave the refused ones out")
    ALL_OR_NOTHING = "all-or-nothing", _("All or nothing")


class Import(models.Model):
    """One import of one person; of the portal itself (a command) where there is none.

    `uid` names it in addresses and in the trail. `plan` is the reference of a sealed secret: the columns of the file,
    their meaning, the values that people mapped, the texts nobody understood and the names of a workbook's sheets (any
    of these may hold a key). `format` is what else was recognised of the file. `checked` and `stored` count rows,
    `total` is None until somebody knows it; `counts` are rows by outcome. `attempt` grows with every new check, so that
    a worker notices that its work is of yesterday. `lease_until` is how long the worker that took it may be trusted to
    live. `fault` is the code and the particulars of what ended it, led back to its preview or kept it from being
    undone.
    """

    State = State

    uid = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    person = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+", verbose_name=_("who")
    )
    address = models.GenericIPAddressField(null=True)
    name = models.CharField(_("file"), max_length=200)
    size = models.PositiveBigIntegerField(_("size"), default=0)
    state = models.CharField(_("state"), max_length=10, choices=State, default=State.CHECKING)
    format = models.JSONField(default=dict)
    plan = models.OneToOneField(SealedSecret, models.SET_NULL, null=True, related_name="+")
    existing = models.CharField(_("existing keys"), max_length=10, choices=Existing, default=Existing.CHANGE)
    mode = models.CharField(_("refused rows"), max_length=20, choices=Mode, default=Mode.GOOD_ROWS)
    attempt = models.PositiveIntegerField(default=1)
    total = models.PositiveIntegerField(null=True)
    checked = models.PositiveIntegerField(default=0)
    stored = models.PositiveIntegerField(default=0)
    counts = models.JSONField(default=dict)
    fault = models.JSONField(default=dict)
    began_at = models.DateTimeField(null=True)
    lease_until = models.DateTimeField(null=True)
    created_at = models.DateTimeField(_("brought"), default=timezone.now)
    finished_at = models.DateTimeField(_("finished"), null=True)

    class Meta:
        ordering = ["-created_at"]
        verbose_name = _("import")
        verbose_name_plural = _("imports")
        default_permissions = ()
        indexes = [
            models.Index(fields=["person", "-created_at"], name="import_of_person"),
            models.Index(fields=["state", "lease_until"], name="import_with_work"),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def is_open(self) -> bool:
        return self.state in OPEN_STATES

    @property
    def counts_lines(self) -> bool:
        """Whether the number of a row is that of its line in a text; elsewhere it is that of a row of a sheet."""
        return self.format.get("kind") in ("delimited", "lines", "json_lines")

    @property
    def has_work(self) -> bool:
        return self.state in WORK_STATES


class ImportPart(models.Model):
    """A piece of the brought file, sealed."""

    owner = models.ForeignKey(Import, models.CASCADE, related_name="parts")
    number = models.PositiveIntegerField()
    secret = models.OneToOneField(SealedSecret, models.CASCADE, related_name="+")

    class Meta:
        default_permissions = ()
        ordering = ["number"]
        constraints = [models.UniqueConstraint(fields=["owner", "number"], name="import_part_once")]

    def __str__(self) -> str:
        return f"{self.owner_id} {self.number}"


class ImportChunk(models.Model):
    """Consecutive rows of an import, sealed: their cells, and what the check said of each.

    `outcomes` has one letter for each row (`services.importing.outcomes`), so that pages and counts open no secret.
    """

    owner = models.ForeignKey(Import, models.CASCADE, related_name="chunks")
    number = models.PositiveIntegerField()
    first = models.PositiveIntegerField()
    outcomes = models.TextField(blank=True)
    secret = models.OneToOneField(SealedSecret, models.CASCADE, related_name="+")

    class Meta:
        default_permissions = ()
        ordering = ["number"]
        constraints = [models.UniqueConstraint(fields=["owner", "number"], name="import_chunk_once")]

    def __str__(self) -> str:
        return f"{self.owner_id} {self.number}"


class ImportedChange(models.Model):
    """What an import changed of a key that was there before: for undoing it.

    `version` is the key's since then, `seen_version` the one before (None in old imports), `undone_version` the one
    that undoing gave it: with that, the key is what it was at `seen_version`.
    """

    owner = models.ForeignKey(Import, models.CASCADE, related_name="changes")
    key_uid = models.UUIDField(db_index=True)
    seen_version = models.PositiveIntegerField(null=True)
    version = models.PositiveIntegerField()
    undone_version = models.PositiveIntegerField(null=True)
    before = models.JSONField()

    class Meta:
        default_permissions = ()

    def __str__(self) -> str:
        return f"{self.owner_id} {self.key_uid}"


class ImportMapping(models.Model):
    """What columns mean, kept under a name and offered again for a file that looks the same.

    `columns` are the heads of the file, `fields` their meaning, `values` what texts of products mean, as in the plan of
    an import. A head or a value that holds a key is never kept. Everybody who may add keys shares the mappings.
    """

    name = models.CharField(_("name"), max_length=100, unique=True)
    columns = models.JSONField()
    fields = models.JSONField()
    values = models.JSONField(default=dict)
    created_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    created_at = models.DateTimeField(default=timezone.now)

    class Meta:
        default_permissions = ()
        ordering = ["name"]

    def __str__(self) -> str:
        return self.name
