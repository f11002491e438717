"""Whose keys are whose: a site, a customer, a department. A portal that does without has none."""

import uuid

from django.db import models
from django.utils.translation import gettext_lazy as _


class Scope(models.Model):
    """A part of the house with keys of its own. `uid` names it in the trail and never changes."""

    uid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    name = models.CharField(
        _("name"), max_length=100, unique=True, error_messages={"unique": _("There is a scope of this name already.")}
    )

    class Meta:
        ordering = ["name"]
        verbose_name = _("scope")
        verbose_name_plural = _("scopes")

    def __str__(self) -> str:
        return self.name
