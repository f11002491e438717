"""A deployment file that somebody brought to have it checked: it waits for an hour, sealed, for them alone."""

import uuid

from django.conf import settings
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from productkeys.models.sealed_secret import SealedSecret


class CheckedFile(models.Model):
    """The file itself is `secret` (`services.answer_files`): it may hold product keys and passwords.

    `uid` names it in addresses, `name` is what it was called, empty for a text that was pasted.
    """

    uid = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    person = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="+")
    name = models.CharField(_("file"), max_length=200, blank=True)
    size = models.PositiveIntegerField(_("size"))
    secret = models.OneToOneField(SealedSecret, models.CASCADE, related_name="+")
    created_at = models.DateTimeField(_("brought"), default=timezone.now)

    class Meta:
        ordering = ["-created_at"]
        default_permissions = ()
        indexes = [models.Index(fields=["person", "-created_at"], name="checked_file_of_person")]

    def __str__(self) -> str:
        return self.name
