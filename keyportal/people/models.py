"""The user model: Django's, and how each person likes the workspace; and which roles need a second factor."""

import uuid
from collections import defaultdict
from collections.abc import Collection, Iterable
from functools import cached_property

from django.contrib.auth.models import AbstractUser, Group
from django.core.exceptions import ValidationError
from django.db import models
from django.utils.translation import gettext_lazy as _

from productkeys.domain import rules

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

    def clean_fields(self, exclude: Collection[str] | None = None) -> None:
        super().clean_fields(exclude)
        # Django takes any letter for a user name, and Unicode has some that nobody sees.
        problem = None if exclude and "username" in exclude else rules.problem_of_text(self.username, "username")
        if problem:
            raise ValidationError({"username": ValidationError(problem.text, problem.code)})

    @cached_property
    def rights_in_scopes(self) -> dict[str, frozenset[int]]:
        """The scopes (their ids) in which each right is held by a role of that scope."""
        roles = ScopedRole.objects.filter(person=self)
        return rights_in_scopes(roles.values_list(SCOPE, APP, CODENAME))

    def scopes_with(self, right: str) -> frozenset[int] | None:
        """The scopes (their ids) in which this person holds `right` ("app.codename"); None where it is everywhere."""
        if self.is_superuser or right in self.get_all_permissions():
            return None
        return self.rights_in_scopes.get(right, frozenset())

    @property
    def full_name(self) -> str:
        """First and last name, or the user name where neither is known."""
        return self.get_full_name() or self.get_username()

    @property
    def initials(self) -> str:
        """Two letters for the badge beside the name."""
        words = self.full_name.replace(".", " ").split()
        return "".join(word[0] for word in (words[0], words[-1]) if word)[: 2 if len(words) > 1 else 1].upper()


class ScopedRole(models.Model):
    """A role that a person has in one scope: what it says of product keys holds for the keys of that scope alone."""

    person = models.ForeignKey(User, models.CASCADE, related_name="scoped_roles", verbose_name=_("person"))
    role = models.ForeignKey(Group, models.CASCADE, related_name="+", verbose_name=_("role"))
    scope = models.ForeignKey("productkeys.Scope", models.CASCADE, related_name="+", verbose_name=_("scope"))

    class Meta:
        verbose_name = _("role in a scope")
        verbose_name_plural = _("roles in scopes")
        default_permissions = ()
        constraints = [models.UniqueConstraint(fields=["person", "role", "scope"], name="scoped_role_once")]

    def __str__(self) -> str:
        return f"{self.role} @ {self.scope}"


SCOPE, APP, CODENAME = "scope", "role__permissions__content_type__app_label", "role__permissions__codename"
"""What has to be read of a scoped role to know its rights."""


RIGHTS_IN_A_SCOPE = frozenset(
    f"productkeys.{right}"
    for right in (
        *("view_productkey", "add_productkey", "change_productkey", "delete_productkey", "reveal_productkey"),
        *("view_rollouttemplate", "add_rollouttemplate", "change_rollouttemplate", "delete_rollouttemplate"),
    )
)
"""The rights that mean something in a scope: those to its keys and templates. A stop of all reveals is no key's."""


def rights_in_scopes(held: Iterable[tuple[int, str | None, str | None]]) -> dict[str, frozenset[int]]:
    """The scopes by right, of the rights that mean something there."""
    found: dict[str, set[int]] = defaultdict(set)
    for scope, app, codename in held:
        right = f"{app}.{codename}"
        if right in RIGHTS_IN_A_SCOPE:
            found[right].add(scope)
    return {right: frozenset(scopes) for right, scopes in found.items()}


class SecondFactorRule(models.Model):
    """That a role needs a second factor: there is a row for each one that does."""

    group = models.OneToOneField(Group, models.CASCADE, primary_key=True, related_name="second_factor_rule")

    class Meta:
        default_permissions = ()

    def __str__(self) -> str:
        return self.group.name
