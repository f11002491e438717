"""What is done to a person while they, or somebody else, change the same account: neither undoes the other's work."""

from collections.abc import Callable
from html.parser import HTMLParser

import pytest
from allauth.mfa.models import Authenticator
from django.contrib.auth.models import Group
from django.test import Client
from django.urls import reverse

from keyportal.people.models import SecondFactorRule, User
from productkeys.models import TrailEntry
from tests.crossing import Other, just_before, on_postgresql
from tests.second_factor import PASSWORD, App, app_of, kinds_of

pytestmark = pytest.mark.django_db

ANOTHER_PASSWORD = "staple battery horse correct"
WRITTEN = 'UPDATE "people_user" SET'
ACCOUNT = "/admin/people/user/"


def _dismissed(person: User) -> Callable[[], object]:
    """An administrator who deactivates `person`, and takes away what they may do."""
    return lambda: User.objects.filter(pk=person.pk).update(is_active=False, is_staff=False, is_superuser=False)


def _is_dismissed(person: User) -> bool:
    person.refresh_from_db()
    return not (person.is_active or person.is_staff or person.is_superuser)


def test_saving_ones_own_settings_does_not_undo_a_dismissal(as_admin: Client, admin_user: User) -> None:
    settings = {"first_name": "Ada", "theme": "dark", "page_size": "100", "language": "", "shortcuts": "on"}
    with just_before(WRITTEN, _dismissed(admin_user)):
        as_admin.post(reverse("people:preferences"), settings)
    assert _is_dismissed(admin_user)
    assert (admin_user.first_name, admin_user.theme, admin_user.page_size) == ("Ada", "dark", 100)


def test_a_new_password_of_ones_own_does_not_undo_a_dismissal(as_admin: Client, admin_user: User) -> None:
    admin_user.set_password(PASSWORD)
    admin_user.save()
    as_admin.force_login(admin_user)
    typed = {"oldpassword": PASSWORD, "password1": ANOTHER_PASSWORD, "password2": ANOTHER_PASSWORD}
    with just_before(WRITTEN, _dismissed(admin_user)):
        as_admin.post(reverse("account_change_password"), typed)
    assert _is_dismissed(admin_user)
    assert admin_user.check_password(ANOTHER_PASSWORD)


def test_a_new_password_for_somebody_does_not_undo_their_dismissal(as_admin: Client, manager: User) -> None:
    typed = {"usable_password": "true", "password1": PASSWORD, "password2": PASSWORD, "set-password": "1"}
    with just_before(WRITTEN, _dismissed(manager)):
        as_admin.post(f"{ACCOUNT}{manager.pk}/password/", typed)
    assert _is_dismissed(manager)
    assert manager.check_password(PASSWORD)


def test_another_name_for_somebody_does_not_undo_their_new_password(as_admin: Client, viewer: User) -> None:
    def new_password() -> None:
        same = User.objects.get(pk=viewer.pk)
        same.set_password(PASSWORD)
        same.save(update_fields=["password"])

    typed = {"username": viewer.username, "last_name": "Viewer", "is_active": "on", "language": ""}
    with just_before(WRITTEN, new_password):
        as_admin.post(f"{ACCOUNT}{viewer.pk}/change/", typed)
    viewer.refresh_from_db()
    assert viewer.last_name == "Viewer"
    assert viewer.check_password(PASSWORD)


def test_a_page_that_stood_open_while_somebody_was_dismissed_does_not_undo_it(as_admin: Client, viewer: User) -> None:
    desk, deployer = Group.objects.create(name="Service desk"), Group.objects.get(name="Deployer")
    viewer.groups.add(desk)
    address = f"{ACCOUNT}{viewer.pk}/change/"
    shown = _SentForm.of(as_admin.get(address).content.decode())

    viewer.groups.set([deployer])
    assert _dismissed(viewer)()
    as_admin.post(address, shown | {"last_name": ["Viewer"]})

    assert _is_dismissed(viewer)
    assert viewer.last_name == "Viewer"
    assert list(viewer.groups.all()) == [deployer]
    assert TrailEntry.objects.get(subject_uid=viewer.uid).after == {"last_name": "Viewer"}


def test_what_is_changed_on_such_a_page_holds(as_admin: Client, viewer: User) -> None:
    desk = Group.objects.create(name="Service desk")
    viewer.groups.add(desk)
    address = f"{ACCOUNT}{viewer.pk}/change/"
    shown = _SentForm.of(as_admin.get(address).content.decode())
    as_admin.post(address, {name: values for name, values in shown.items() if name not in ("is_active", "groups")})
    viewer.refresh_from_db()
    assert not viewer.is_active
    assert not viewer.groups.exists()


class _SentForm(HTMLParser):
    """What a browser sends of the form of a person as it stands."""

    def __init__(self) -> None:
        super().__init__()
        self.fields: dict[str, list[str]] = {}
        self._select = ""

    @classmethod
    def of(cls, page: str) -> dict[str, list[str]]:
        form = cls()
        form.feed(page.partition('id="user_form"')[2].partition("</form>")[0])
        return form.fields

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        found = {name: value or "" for name, value in attrs}
        if tag == "select":
            self._select = found["name"]
        elif tag == "option" and "selected" in found:
            self.fields[self._select] = [found["value"]]
        elif tag == "input" and (found.get("type") not in ("submit", "checkbox") or "checked" in found):
            unnamed = "on" if "checked" in found else ""
            self.fields.setdefault(found["name"], []).append(found.get("value", unnamed))


def test_somebody_whom_two_deactivate_at_once_is_deactivated_once(as_admin: Client, viewer: User) -> None:
    chosen = {"action": "deactivate", "_selected_action": [str(viewer.pk)]}
    with just_before(WRITTEN, lambda: User.objects.filter(pk=viewer.pk).update(is_active=False)):
        page = as_admin.post(ACCOUNT, chosen, follow=True).content.decode()
    assert "0 people are changed." in page
    assert not TrailEntry.objects.filter(subject_uid=viewer.uid).exists()


# --- Second factors


@on_postgresql
@pytest.mark.django_db(transaction=True)
def test_an_app_that_is_set_up_by_two_clicks_is_there_once(as_viewer: Client, viewer: User) -> None:
    app = App(as_viewer.get(reverse("mfa_activate_totp")).context["form"].secret)
    with just_before('INSERT INTO "mfa_authenticator"', Other(lambda: app_of(viewer)).begin):
        answer = as_viewer.post(reverse("mfa_activate_totp"), {"code": app.code()}, follow=True)
    assert answer.status_code == 200
    assert kinds_of(viewer) == ["totp"]


@on_postgresql
@pytest.mark.django_db(transaction=True)
def test_of_two_second_factors_that_go_at_once_one_stays_where_a_role_needs_it(admin_user: User) -> None:
    SecondFactorRule.objects.create(group=Group.objects.get(name="Administrator"))
    app_of(admin_user)
    passkey = Authenticator.objects.create(user=admin_user, type="webauthn", data={"name": "Laptop"})
    tabs = [_signed_in_with_both_factors(admin_user) for _tab in range(2)]
    other = Other(lambda: tabs[1].post(reverse("mfa_remove_webauthn", args=[passkey.pk])))

    with just_before('DELETE FROM "mfa_authenticator"', other.begin):
        tabs[0].post(reverse("mfa_deactivate_totp"))
    other.end()

    assert kinds_of(admin_user) == ["webauthn"]


def _signed_in_with_both_factors(person: User) -> Client:
    client = Client()
    client.force_login(person)
    session = client.session
    session["second_factor_set_up"] = True
    session.save()
    return client
