"""The agreement that keys were bought under: one purchase, many keys."""

import uuid
from typing import TYPE_CHECKING, Self

from django.contrib.auth.models import AnonymousUser
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import Q
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from productkeys.domain.agreements import MAX_LICENCES
from productkeys.models.attributed import Attributed
from productkeys.models.scope import Scope

if TYPE_CHECKING:
    from keyportal.people.models import User


class AgreementQuerySet(models.QuerySet["Agreement"]):
    def visible_to(self, person: "User | AnonymousUser") -> Self:
        """The agreements that `person` may know of: everybody's, and those of the scopes whose keys they see."""
        right = "productkeys.view_productkey"
        if not person.has_perm(right):
            return self.none()
        assert person.is_authenticated
        scopes = person.scopes_with(right)
        return self if scopes is None else self.filter(Q(scope__in=scopes) | Q(scope__isnull=True))


class Agreement(Attributed):
    """A purchase: what its papers say. `uid` names it in the trail; `version` grows with every change.

    `import_uid` is the import that made it. Without a scope it is everybody's. There are no rights of its own: who may
    add, change or delete keys in its scope may do the same with it.
    """

    uid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    number = models.CharField(_("number"), max_length=100)
    vendor = models.CharField(_("vendor"), max_length=150, blank=True)
    bought_on = models.DateField(_("bought on"), null=True, blank=True)
    valid_until = models.DateField(_("valid until"), null=True, blank=True)
    licences = models.PositiveIntegerField(
        _("licences bought"),
        null=True,
        blank=True,
        validators=[MinValueValidator(1), MaxValueValidator(MAX_LICENCES)],
    )
    cost_centre = models.CharField(_("cost centre"), max_length=60, blank=True)
    proof = models.CharField(_("proof of purchase"), max_length=200, blank=True)
    note = models.TextField(_("note"), max_length=2000, blank=True)
    scope = models.ForeignKey(
        Scope,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="agreements",
        verbose_name=_("scope"),
        help_text=_("Empty: everybody's."),
    )
    import_uid = models.UUIDField(null=True, editable=False)
    version = models.PositiveIntegerField(default=1, editable=False)

    objects = AgreementQuerySet.as_manager()

    class Meta:
        ordering = ["number", "vendor", "id"]
        verbose_name = _("agreement")
        verbose_name_plural = _("agreements")
        default_permissions = ()
        constraints = [
            models.UniqueConstraint(
                fields=["number", "vendor", "scope"], condition=Q(scope__isnull=False), name="agreement_once_in_a_scope"
            ),
            models.UniqueConstraint(
                fields=["number", "vendor"], condition=Q(scope__isnull=True), name="agreement_of_everybody_once"
            ),
        ]
        indexes = [models.Index(fields=["valid_until", "id"], name="agreement_valid_until")]

    def __str__(self) -> str:
        return self.number

    def get_absolute_url(self) -> str:
        return reverse("productkeys:agreement", args=[self.pk])
