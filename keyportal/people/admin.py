"""People and groups in the admin. People are deactivated, never deleted: the keys and the trail still name them."""

from typing import Any

from allauth.account import admin as allauth_admin
from allauth.mfa import admin as mfa_admin
from allauth.socialaccount import admin as company_admin
from django import forms
from django.contrib import admin, messages
from django.contrib.admin.utils import unquote
from django.contrib.auth import logout
from django.contrib.auth.admin import GroupAdmin, UserAdmin
from django.contrib.auth.models import Group, Permission
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.db.models import Q, QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils.html import format_html
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from keyportal.people import admin_scopes, recent
from keyportal.people.admin_confirming import ConfirmedFirst
from keyportal.people.admin_forms import AddPersonForm, ChangePersonForm, NewPasswordForm, RoleForm
from keyportal.people.company.account import authorities_of
from keyportal.people.models import SecondFactorRule, User
from keyportal.people.permissions import PermissionsField, RolesField, name_of, summary_of
from keyportal.people.second_factor import rule
from keyportal.people.second_factor.removing import remove_all
from productkeys.admin.base import PortalModelAdmin
from productkeys.services.origin import Origin

# Addresses and second factors stand on the person, and the environment describes the company's sign-in: allauth's own
# lists of them would be a second place.
admin.site.unregister(allauth_admin.EmailAddress)
admin.site.unregister(mfa_admin.Authenticator)
admin.site.unregister([company_admin.SocialAccount, company_admin.SocialApp, company_admin.SocialToken])
admin.site.unregister(Group)

_POWER = ("is_superuser", "is_staff", "groups", "user_permissions")
_IN_SCOPES = ("roles_in_scopes",)
_FOUND_BY = ("username", "email")
"""What the company's sign-in and letters about a new password find somebody by."""
_POWER_TO_READ = ("is_superuser", "is_staff", "roles", "user_permissions")


class RoleFilter(admin.RelatedFieldListFilter):
    """People by role or group, as the reader calls them."""

    def field_choices(self, field: Any, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        return [(str(group.pk), name_of(group)) for group in Group.objects.order_by("name")]


@admin.register(User)
class PersonAdmin(ConfirmedFirst, PortalModelAdmin, UserAdmin[User]):
    form = ChangePersonForm
    add_form = AddPersonForm
    change_password_form = NewPasswordForm
    list_display = ("username", "full_name", "email", "is_active", "is_staff", "is_superuser")
    list_filter = ("is_active", "is_staff", ("groups", RoleFilter))
    filter_horizontal = ()  # Django says what its two lists are for in English alone
    actions = ("deactivate", "activate")
    fieldsets = (
        (None, {"fields": ("username", "password", "second_factor")}),
        (_("Person"), {"fields": ("first_name", "last_name", "email", "language")}),
        (_("Rights"), {"fields": ("is_active", *_POWER)}),
    )

    def formfield_for_manytomany(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Any:
        if db_field.name == "groups":
            kwargs |= {"form_class": RolesField, "widget": forms.CheckboxSelectMultiple, "label": _("Roles")}
            kwargs["help_text"] = _("A person may have several: what any of them may do, the person may do.")
        if db_field.name == "user_permissions":
            kwargs |= {"form_class": PermissionsField, "widget": forms.CheckboxSelectMultiple}
        return super().formfield_for_manytomany(db_field, request, **kwargs)

    def get_form(self, request: HttpRequest, obj: User | None = None, **kwargs: Any) -> Any:  # type: ignore[override]  # as UserAdmin's own
        form = super().get_form(request, obj, **kwargs)
        if "groups" in form.base_fields:
            form.base_fields["groups"].widget.can_add_related = False
        return form

    def get_fieldsets(self, request: HttpRequest, obj: User | None = None) -> Any:
        """Without the password, and so without the way to a new one, for whoever would be refused there."""
        if obj is None:
            return super().get_fieldsets(request, obj)
        names = ("username", "password", "second_factor") if _may_set_password(request, obj) else ("username",)
        account = (None, {"fields": (*names, *(["company_account"] if authorities_of(obj) else []))})
        _account, person, rights = self.fieldsets
        if not request.user.is_superuser:
            in_scopes = _IN_SCOPES if admin_scopes.are_shown(obj) else ()
            rights = (_("Rights"), {"fields": ("is_active", *_POWER_TO_READ, *in_scopes)})
        return [account, person, rights]

    def get_inlines(self, request: HttpRequest, obj: User | None) -> list[Any]:
        given = obj is not None and request.user.is_superuser and admin_scopes.are_shown(obj)
        return [admin_scopes.ScopedRoleInline] if given else []

    @admin.display(description=_("Name"), ordering="last_name")
    def full_name(self, person: User) -> str:
        return person.full_name

    @admin.display(description=_("Roles"))
    def roles(self, person: User) -> str:
        return ", ".join(name_of(group) for group in person.groups.order_by("name"))

    @admin.display(description=_("Signs in through the company"))
    def company_account(self, person: User) -> str:
        """The directories that vouch for the person."""
        return ", ".join(name.partition(":")[2] for name in authorities_of(person))

    @admin.display(description=_("Roles in scopes"))
    def roles_in_scopes(self, person: User) -> str:
        return admin_scopes.in_words(person)

    def has_delete_permission(self, request: HttpRequest, obj: User | None = None) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: User | None = None) -> bool:
        """Nobody but a superuser changes a superuser: a new password would be a way to become one."""
        allowed = super().has_change_permission(request, obj)
        return allowed and (obj is None or request.user.is_superuser or not obj.is_superuser)

    def user_change_password(self, request: HttpRequest, id: str, form_url: str = "") -> HttpResponse:  # noqa: A002
        """A new password is a way to act as that person: refused for whoever has rights that the keeper lacks."""
        person = self.get_object(request, unquote(id))
        if person and not _may_set_password(request, person):
            raise PermissionDenied(_("Only a superuser may set the password of somebody with more rights than yours."))
        if not recent.is_recent(request):
            return recent.confirmation(request.get_full_path())
        with transaction.atomic():
            answer = super().user_change_password(request, id, form_url)
            if person is None or not _lost_password(person):
                return answer
            remove_all(person, origin=Origin.of(request))
        if person == request.user:
            logout(request)
        return answer

    def get_urls(self) -> list[URLPattern]:
        page = self.admin_site.admin_view(recent.required(self.remove_second_factor))
        return [path("<id>/second-factor/", page, name="people_user_second_factor"), *super().get_urls()]

    @admin.display(description=_("Second factor"))
    def second_factor(self, person: User) -> str:
        if not rule.is_there(person):
            return str(_("none"))
        address = reverse("admin:people_user_second_factor", args=[person.pk])
        return format_html('{} <a class="button" href="{}">{}</a>', _("set up"), address, _("Remove it"))

    def remove_second_factor(self, request: HttpRequest, id: str) -> HttpResponse:  # noqa: A002 - as Django names it
        """Ask, then remove all of them: whoever may set a password may do this, which is less."""
        person = self.get_object(request, unquote(id))
        if person is None:
            raise Http404
        if not self.has_change_permission(request, person) or not _may_set_password(request, person):
            raise PermissionDenied(
                _("Only a superuser may remove the second factor of somebody with more rights than yours.")
            )
        if request.method == "POST":
            remove_all(person, origin=Origin.of(request))
            messages.success(request, _("The second factor of %(person)s is removed.") % {"person": person})
            return redirect("admin:people_user_change", person.pk)
        context = {**self.admin_site.each_context(request), "title": _("Remove the second factor"), "person": person}
        context |= {"opts": self.opts, "is_needed": rule.is_needed(person)}
        return TemplateResponse(request, "admin/people/user/remove_second_factor.html", context)

    def save_model(self, request: HttpRequest, obj: User, form: Any, change: bool) -> None:
        """Of somebody who is there, write what was changed: the rest may be changed elsewhere at the same moment."""
        columns = {field.name for field in self.opts.concrete_fields}
        obj.save(update_fields=columns.intersection(form.changed_data) if change else None)

    def save_related(self, request: HttpRequest, form: Any, formsets: Any, change: bool) -> None:
        """Roles and permissions likewise."""
        if change:
            for name in form.cleaned_data.keys() - set(form.changed_data):
                del form.cleaned_data[name]
        super().save_related(request, form, formsets, change)

    def get_readonly_fields(self, request: HttpRequest, obj: User | None = None) -> tuple[str, ...]:
        """Rights are given by superusers: who keeps the list of people could otherwise give them to themselves.

        So could whoever has letters about a new password sent elsewhere, or an account found by another name: where it
        has no password, by that of somebody whom the company's sign-in will bring.
        """
        own = ("second_factor", "company_account")
        if request.user.is_superuser:
            return own
        found_by: tuple[str, ...] = ()
        if obj is not None and not _may_set_password(request, obj):
            found_by = _FOUND_BY
        elif obj is not None and not obj.has_usable_password():
            found_by = ("username",)
        return (*own, *_POWER, "roles", *_IN_SCOPES, *found_by)

    @admin.action(description=_("Deactivate selected people"), permissions=["change"])
    def deactivate(self, request: HttpRequest, queryset: QuerySet[User]) -> None:
        self._set_active(request, queryset.exclude(username=request.user.get_username()), False)

    @admin.action(description=_("Activate selected people"), permissions=["change"])
    def activate(self, request: HttpRequest, queryset: QuerySet[User]) -> None:
        self._set_active(request, queryset, True)

    def _set_active(self, request: HttpRequest, people: QuerySet[User], active: bool) -> None:
        changed = 0
        for person in people.exclude(is_active=active):
            if self.has_change_permission(request, person):
                with transaction.atomic():
                    # Perhaps somebody was faster.
                    if people.model.objects.filter(pk=person.pk, is_active=not active).update(is_active=active):
                        self.log_change(request, person, ({"is_active": not active}, {"is_active": active}))
                        changed += 1
        text = ngettext("%(count)d person is changed.", "%(count)d people are changed.", changed)
        self.message_user(request, text % {"count": changed}, messages.SUCCESS)


def _may_set_password(request: HttpRequest, person: User) -> bool:
    return bool(request.user.is_superuser) or not _has_rights_beyond(person, request.user)


def _lost_password(person: User) -> bool:
    """Whether `person`, as read before, has no password any more.

    From then on the company's sign-in may give the account to whoever has its name: no other way in may be left.
    """
    had_password = person.has_usable_password()
    person.refresh_from_db(fields=["password"])
    return had_password and not person.has_usable_password()


def _has_rights_beyond(person: User, keeper: Any) -> bool:
    """Whether `person` has a right that `keeper` lacks. One who is deactivated counts too: they may come back."""
    if person.is_superuser or _rights_of(person).exclude(pk__in=_rights_of(keeper)).exists():
        return True
    return any(_reaches_beyond(scopes, keeper.scopes_with(right)) for right, scopes in person.rights_in_scopes.items())


def _reaches_beyond(scopes: frozenset[int], other: frozenset[int] | None) -> bool:
    """Whether a right in `scopes` is more than the same right in the scopes `other`, of which None means everywhere."""
    return other is not None and not scopes <= other


def _rights_of(person: Any) -> QuerySet[Permission]:
    return Permission.objects.filter(Q(user=person) | Q(group__user=person))


@admin.register(Group)
class PortalGroupAdmin(ConfirmedFirst, PortalModelAdmin, GroupAdmin):
    """Groups of rights, the roles among them; only superusers change them, for the same reason."""

    form = RoleForm
    list_display = ("role", "summary", "needs_second_factor")
    list_select_related = ("second_factor_rule",)
    filter_horizontal = ()
    actions = None

    def get_queryset(self, request: HttpRequest) -> QuerySet[Group]:
        groups: QuerySet[Group] = super().get_queryset(request).prefetch_related("permissions__content_type")
        return groups

    @admin.display(description=_("Role"), ordering="name")
    def role(self, group: Group) -> str:
        return name_of(group)

    @admin.display(description=_("What it may do"))
    def summary(self, group: Group) -> str:
        return summary_of(group)

    @admin.display(description=_("Needs a second factor"), boolean=True)
    def needs_second_factor(self, group: Group) -> bool:
        return hasattr(group, "second_factor_rule")

    def save_related(self, request: HttpRequest, form: Any, formsets: Any, change: bool) -> None:
        super().save_related(request, form, formsets, change)
        if form.cleaned_data["needs_second_factor"]:
            SecondFactorRule.objects.get_or_create(group=form.instance)
        else:
            SecondFactorRule.objects.filter(group=form.instance).delete()

    def delete_view(
        self, request: HttpRequest, object_id: str, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """Only a role that nobody has goes: people do not lose it by the way, without a word in the trail."""
        group = self.get_object(request, unquote(object_id))
        if group and self.has_delete_permission(request, group) and (count := _number_of_people_with(group)):
            text = ngettext(
                "“%(role)s” cannot be deleted: %(count)d person has this role. Take it away first.",
                "“%(role)s” cannot be deleted: %(count)d people have this role. Take it away first.",
                count,
            )
            messages.error(request, text % {"role": name_of(group), "count": count})
            return redirect("admin:auth_group_change", group.pk)
        return super().delete_view(request, object_id, extra_context)

    def formfield_for_manytomany(self, db_field: Any, request: HttpRequest | None = None, **kwargs: Any) -> Any:
        ours = {"form_class": PermissionsField, "widget": forms.CheckboxSelectMultiple}
        return super().formfield_for_manytomany(db_field, request, **ours | kwargs)

    def has_add_permission(self, request: HttpRequest) -> bool:
        return bool(request.user.is_superuser)

    def has_change_permission(self, request: HttpRequest, obj: Group | None = None) -> bool:
        return bool(request.user.is_superuser)

    def has_delete_permission(self, request: HttpRequest, obj: Group | None = None) -> bool:
        return bool(request.user.is_superuser)


def _number_of_people_with(group: Group) -> int:
    return User.objects.filter(Q(groups=group) | Q(scoped_roles__role=group)).distinct().count()
