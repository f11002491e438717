"""Labels: short words of the house by which keys are sorted and found. All people share them."""

from typing import Any

from django.db import models
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from productkeys.models.text import fold


def identity_of(name: str) -> str:
    """What two labels have in common that are one: the name without case and accents."""
    return fold(name)[:100]


class Label(models.Model):
    """A label; two that differ only in case or accents are one."""

    name = models.CharField(_("name"), max_length=50)
    name_sort = models.CharField(max_length=100, unique=True, editable=False)

    class Meta:
        ordering = ["name_sort"]
        verbose_name = pgettext_lazy("on a key", "label")
        verbose_name_plural = _("labels")
        default_permissions = ()

    def __str__(self) -> str:
        return self.name

    def save(self, *args: Any, **kwargs: Any) -> None:
        self.name_sort = identity_of(self.name)
        super().save(*args, **kwargs)
