"""The rollout template: what one kind of rollout installs, and with which keys."""

import uuid
from typing import TYPE_CHECKING, Any, Self

from django.contrib.auth.models import AnonymousUser
from django.core.validators import MaxValueValidator
from django.db import models
from django.db.models import Q
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from productkeys.domain.choices import Architecture
from productkeys.domain.rollout import MAX_BUILD
from productkeys.models import reference
from productkeys.models.attributed import Attributed
from productkeys.models.operating_system import OperatingSystem
from productkeys.models.product_key import ProductKey
from productkeys.models.scope import Scope
from productkeys.models.sealed_secret import SealedSecret
from productkeys.models.text import fold

if TYPE_CHECKING:
    from keyportal.people.models import User


class RolloutTemplateQuerySet(models.QuerySet["RolloutTemplate"]):
    def visible_to(self, person: "User | AnonymousUser") -> Self:
        """The templates that `person` may know of: everybody's, and those of the scopes in which they may see some."""
        right = "productkeys.view_rollouttemplate"
        if not person.has_perm(right):
            return self.none()
        assert person.is_authenticated
        scopes = person.scopes_with(right)
        return self if scopes is None else self.filter(Q(scope__in=scopes) | Q(scope__isnull=True))

    def that_use(self, keys: Any) -> Self:
        """The templates that use one of `keys`: keys, their ids, or a query of them."""
        return self.filter(Q(installation_key__in=keys) | Q(activation_key__in=keys))


class RolloutTemplate(Attributed):
    """What a rollout installs and with which keys. `uid` names it in the trail; `version` grows with every change.

    `seen` is what its keys were when somebody last confirmed the template, by the field of the key: it tells that a key
    is another by now, and which one stood here where it was deleted. The answer file is sealed, since such files hold
    passwords. Without a scope the template is everybody's.
    """

    uid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    name = models.CharField(_("name"), max_length=100)
    name_sort = models.CharField(max_length=200, editable=False)
    description = models.TextField(_("description"), max_length=2000, blank=True)
    operating_system = models.ForeignKey(
        OperatingSystem, models.PROTECT, related_name="rollout_templates", verbose_name=_("operating system")
    )
    edition = models.CharField(_("edition"), max_length=60, blank=True, choices=reference.edition_choices)
    architecture = models.CharField(_("architecture"), max_length=10, choices=Architecture, default=Architecture.X64)
    build = models.PositiveIntegerField(_("build"), null=True, blank=True, validators=[MaxValueValidator(MAX_BUILD)])
    kms_host = models.CharField(_("KMS host"), max_length=260, blank=True)
    installation_key = models.ForeignKey(
        ProductKey, models.SET_NULL, null=True, blank=True, related_name="+", verbose_name=_("installation key")
    )
    activation_key = models.ForeignKey(
        ProductKey, models.SET_NULL, null=True, blank=True, related_name="+", verbose_name=_("activation key")
    )
    seen = models.JSONField(default=dict, blank=True, editable=False)
    answer_file = models.ForeignKey(
        SealedSecret,
        models.PROTECT,
        null=True,
        blank=True,
        editable=False,
        related_name="+",
        verbose_name=_("answer file"),
    )
    answer_file_name = models.CharField(_("name of the answer file"), max_length=100, blank=True, editable=False)
    scope = models.ForeignKey(
        Scope,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="rollout_templates",
        verbose_name=_("scope"),
        help_text=_("Empty: everybody's."),
    )
    version = models.PositiveIntegerField(default=1, editable=False)

    objects = RolloutTemplateQuerySet.as_manager()

    class Meta:
        ordering = ["name_sort", "id"]
        verbose_name = _("rollout template")
        verbose_name_plural = _("rollout templates")
        constraints = [
            models.UniqueConstraint(
                fields=["name", "scope"], condition=Q(scope__isnull=False), name="template_once_in_a_scope"
            ),
            models.UniqueConstraint(
                fields=["name"], condition=Q(scope__isnull=True), name="template_of_everybody_once"
            ),
        ]
        indexes = [models.Index(fields=["name_sort", "id"], name="template_name")]

    def __str__(self) -> str:
        return self.name

    def save(self, *args: Any, **kwargs: Any) -> None:
        self.name_sort = fold(self.name)[:200]
        super().save(*args, **kwargs)

    def get_absolute_url(self) -> str:
        return reverse("productkeys:rollout-template", args=[self.pk])

    @property
    def edition_label(self) -> str:
        """What people call the edition on this operating system; empty where the template names none."""
        return reference.current().edition_label(self.operating_system_id, self.edition) if self.edition else ""
