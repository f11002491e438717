"""The roles that a person has in scopes, on their page in the admin: given and taken by superusers, read by others."""

from typing import Any

from django import forms
from django.contrib import admin
from django.contrib.auth.models import Group
from django.db.models import Q
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from keyportal.people.models import RIGHTS_IN_A_SCOPE, ScopedRole, User
from keyportal.people.permissions import name_of
from productkeys.admin.base import FewRows
from productkeys.models import Scope, reference

_CODENAMES = [right.partition(".")[2] for right in RIGHTS_IN_A_SCOPE]


class _RoleField(forms.ModelChoiceField[Group]):
    def label_from_instance(self, obj: Group) -> str:
        return name_of(obj)


class ScopedRoleForm(forms.ModelForm[ScopedRole]):
    """One role in one scope. What is stored is taken away and given anew, never changed: the trail says it in words."""

    role = _RoleField(
        label=_("Role"),
        queryset=Group.objects.none(),
        error_messages={
            "invalid_choice": _("In a scope, only a role with a right to product keys has a meaning. Choose another.")
        },
    )
    scope = forms.ModelChoiceField(label=_("Scope"), queryset=Scope.objects.all())

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        given = self.instance.pk is not None
        means_something = Q(permissions__content_type__app_label="productkeys", permissions__codename__in=_CODENAMES)
        offered = Group.objects.filter(Q(pk=self.instance.role_id) if given else means_something)
        self.fields["role"].queryset = offered.distinct().order_by("name")  # type: ignore[attr-defined]  # ours
        self.fields["role"].disabled = self.fields["scope"].disabled = given
        for field in self.fields.values():
            field.widget.attrs["aria-label"] = field.label  # the head of the column is no label


class ScopedRoleRows(forms.BaseInlineFormSet[ScopedRole, User, forms.ModelForm[ScopedRole]]):
    """All roles of one person in scopes."""

    def add_fields(self, form: forms.ModelForm[ScopedRole], index: int | None) -> None:
        super().add_fields(form, index)
        if "DELETE" in form.fields:
            form.fields["DELETE"].widget.attrs["aria-label"] = _("Take this role away")


class ScopedRoleInline(FewRows, admin.TabularInline[ScopedRole, User]):
    """Rows of role and scope. Only superusers see them as rows: see `PersonAdmin.get_inlines`."""

    model = ScopedRole
    form = ScopedRoleForm
    formset = ScopedRoleRows
    fields = ("role", "scope")
    extra = 1

    def has_view_permission(self, request: HttpRequest, obj: User | None = None) -> bool:
        return bool(request.user.is_superuser)

    has_add_permission = has_view_permission
    has_change_permission = has_view_permission
    has_delete_permission = has_view_permission


def are_shown(person: User) -> bool:
    """Whether the page of `person` speaks of scopes: where there are two, or where they have a role in one."""
    return reference.current().has_scopes or person.scoped_roles.exists()


def in_words(person: User) -> str:
    """The roles of `person` in scopes, as the reader calls them."""
    roles = person.scoped_roles.select_related("role", "scope").order_by("scope__name", "role__name")
    return ", ".join(f"{name_of(given.role)} @ {given.scope}" for given in roles)
