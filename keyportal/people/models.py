"""The user model: Django's, and how each person likes the workspace."""

import uuid

from django.contrib.auth.models import AbstractUser
from django.db import models
from django.utils.translation import gettext_lazy as _

PAGE_SIZES = (25, 50, 100, 200)
"""How many rows a person may want on a page of the list."""


class Theme(models.TextChoices):
    AUTO = "auto", _("as the system")
    LIGHT = "light", _("light")
    DARK = "dark", _("dark")


class User(AbstractUser):
    """A person. `uid` names them in the trail and never changes; an empty `language` means the browser's."""

    Theme = Theme

    uid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    language = models.CharField(_("language"), max_length=10, blank=True)
    theme = models.CharField(_("theme"), max_length=5, choices=Theme, default=Theme.AUTO)
    columns = models.JSONField(_("columns of the list"), default=list, blank=True)
    page_size = models.PositiveSmallIntegerField(_("rows per page"), default=50)
    shortcuts = models.BooleanField(_("single-key shortcuts"), default=True)

    @property
    def full_name(self) -> str:
        """First and last name, or the user name where neither is known."""
        return self.get_full_name() or self.get_username()

    @property
    def initials(self) -> str:
        """Two letters for the badge beside the name."""
        words = self.full_name.replace(".", " ").split()
        return "".join(word[0] for word in (words[0], words[-1]) if word)[: 2 if len(words) > 1 else 1].upper()
