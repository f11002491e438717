"""A role that needs a second factor: whoever has it reaches nothing before they have shown one."""

import re
from collections.abc import Callable
from uuid import UUID

import pytest
from allauth.mfa.models import Authenticator
from django.contrib.auth.models import Group
from django.test import Client
from django.urls import resolve, reverse
from pytest_django import DjangoAssertNumQueries

from keyportal.people.models import ScopedRole, SecondFactorRule, User
from keyportal.people.second_factor import rule
from productkeys.models import Scope, TrailEntry
from tests.routes import address_of, all_routes
from tests.second_factor import CODE, PASSWORD, SECURITY, OnCommit, app_of, by_password, is_signed_in, kinds_of
from tests.test_sign_in_with_an_app import CODES, REMOVE, SET_UP, _set_up

pytestmark = pytest.mark.django_db

LIST = reverse("productkeys:list")
GROUPS = "/admin/auth/group/"
WHY = "One of your roles needs a second factor, and you have none yet."
STAYS_OPEN = {
    *("account_logout", "account_reauthenticate", "admin:logout", "company_confirm", "people:theme"),
    *("mfa_index", "mfa_activate_totp", "mfa_add_webauthn", "mfa_reauthenticate", "mfa_reauthenticate_webauthn"),
}
"""Besides what is open to everybody, such as the sign-in."""


@pytest.fixture
def ticked() -> Group:
    """The role Viewer, which needs a second factor."""
    group = Group.objects.get(name="Viewer")
    SecondFactorRule.objects.create(group=group)
    return group


@pytest.fixture
def person(in_role: Callable[..., User]) -> User:
    person = in_role("Viewer", username="vera")
    person.set_password(PASSWORD)
    person.save()
    return person


def _leads_to(client: Client, page: str = LIST) -> str:
    answer = client.get(page)
    return answer["Location"] if answer.status_code == 302 else "opens"


def _save(client: Client, group: Group, **ticks: str) -> None:
    rights = [str(pk) for pk in group.permissions.values_list("pk", flat=True)]
    answer = client.post(f"{GROUPS}{group.pk}/change/", {"name": group.name, "permissions": rights, **ticks})
    assert answer.status_code == 302, answer.content.decode()


class TestTheTick:
    def test_a_superuser_sets_it_and_takes_it_away(self, as_admin: Client) -> None:
        group = Group.objects.get(name="Viewer")
        page = f"{GROUPS}{group.pk}/change/"
        assert "Needs a second factor" in as_admin.get(page).content.decode()
        _save(as_admin, group, needs_second_factor="on")
        assert SecondFactorRule.objects.get().group == group
        box = re.search(r'<input[^>]*name="needs_second_factor"[^>]*>', as_admin.get(page).content.decode())
        assert box
        assert "checked" in box[0]
        _save(as_admin, group)
        assert not SecondFactorRule.objects.exists()
        on, off = TrailEntry.objects.filter(subject_name="Viewer").order_by("id")
        assert (on.before, on.after) == ({"needs_second_factor": False}, {"needs_second_factor": True})
        assert (off.before, off.after) == ({"needs_second_factor": True}, {"needs_second_factor": False})

    def test_administrators_read_it_and_cannot_set_it(self, in_role: Callable[..., User], ticked: Group) -> None:
        client = Client()
        client.force_login(in_role("Administrator", is_staff=True))
        assert "Needs a second factor" in client.get(f"{GROUPS}{ticked.pk}/change/").content.decode()
        assert "icon-yes" in client.get(GROUPS).content.decode()
        assert client.post(f"{GROUPS}{ticked.pk}/change/", {"name": "Viewer"}).status_code == 403
        assert SecondFactorRule.objects.exists()

    def test_a_new_role_can_have_it(self, as_admin: Client) -> None:
        as_admin.post(f"{GROUPS}add/", {"name": "Service desk", "needs_second_factor": "on"})
        assert SecondFactorRule.objects.get().group.name == "Service desk"


class TestWhoHasNone:
    def test_they_are_led_to_where_one_is_set_up_and_read_why(self, person: User, ticked: Group) -> None:
        client = by_password(person)
        assert _leads_to(client) == SECURITY
        assert WHY in client.get(SECURITY).content.decode()

    def test_they_reach_nothing_else(self, person: User, ticked: Group) -> None:
        client = by_password(person)
        for name, path in all_routes():
            address = address_of(path, pk=1, uid=UUID(int=1))
            if name in STAYS_OPEN or not getattr(resolve(address).func, "login_required", True):
                continue
            for method in (client.get, client.post):
                assert method(address)["Location"] == SECURITY, (name, address)

    def test_what_they_need_to_get_on_stays_open(self, person: User, ticked: Group) -> None:
        client = by_password(person)
        for page in (SECURITY, SET_UP, reverse("mfa_add_webauthn")):
            assert client.get(page).status_code == 200, page
        assert client.post(reverse("people:language"), {"language": "de", "next": SECURITY})["Location"] == SECURITY
        assert client.post(reverse("people:theme"), {"theme": "dark", "next": SECURITY})["Location"] == SECURITY
        person.refresh_from_db()
        assert (person.language, person.theme) == ("de", "dark")
        client.post(reverse("account_logout"))
        assert not is_signed_in(client)

    def test_once_it_is_set_up_everything_opens(
        self, person: User, ticked: Group, django_capture_on_commit_callbacks: OnCommit
    ) -> None:
        client = by_password(person)
        _set_up(client, django_capture_on_commit_callbacks)
        assert client.get(CODES).status_code == 200
        assert _leads_to(client) == "opens"

    def test_htmx_loads_the_whole_page_instead_of_putting_it_into_a_part(self, person: User, ticked: Group) -> None:
        answer = by_password(person).get(LIST, headers={"HX-Request": "true"})
        assert (answer.status_code, answer["HX-Redirect"]) == (200, SECURITY)

    def test_the_tick_holds_at_the_next_request_and_so_does_a_new_role(
        self, person: User, in_role: Callable[..., User]
    ) -> None:
        client, group = by_password(person), Group.objects.get(name="Auditor")
        SecondFactorRule.objects.create(group=group)
        assert _leads_to(client) == "opens"
        person.groups.add(group)
        assert _leads_to(client) == SECURITY
        SecondFactorRule.objects.all().delete()
        assert _leads_to(client) == "opens"

    def test_a_role_in_one_scope_alone_counts_as_well(self, in_role: Callable[..., User], ticked: Group) -> None:
        person = in_role(username="sara")
        client = Client()
        client.force_login(person)
        ScopedRole.objects.create(person=person, role=ticked, scope=Scope.objects.create(name="Hamburg"))
        assert _leads_to(client) == SECURITY

    def test_what_the_role_administrator_needs_superusers_need(self, admin_user: User, ticked: Group) -> None:
        client = Client()
        client.force_login(admin_user)
        assert _leads_to(client) == "opens"
        SecondFactorRule.objects.create(group=Group.objects.get(name="Administrator"))
        assert _leads_to(client) == SECURITY
        assert _leads_to(client, "/admin/") == SECURITY

    def test_nobody_else_is_asked(self, in_role: Callable[..., User], ticked: Group) -> None:
        client = Client()
        client.force_login(in_role("Deployer"))
        assert _leads_to(client) == "opens"


class TestWhoHasOne:
    def test_they_are_asked_at_every_sign_in_and_then_everything_opens(self, person: User, ticked: Group) -> None:
        app, client = app_of(person), by_password(person)
        assert _leads_to(client).startswith(reverse("account_login"))
        client.post(CODE, {"code": app.code()})
        assert _leads_to(client) == "opens"

    def test_a_session_from_before_is_asked_for_it_and_goes_on_where_it_was(self, person: User, ticked: Group) -> None:
        """Somebody else may sit there: they know the password, and have never shown the phone."""
        client, ask = by_password(person), reverse("mfa_reauthenticate")
        app = app_of(person)
        assert _leads_to(client, f"{LIST}?q=office") == f"{ask}?next={LIST}%3Fq%3Doffice"
        for page in (SECURITY, SET_UP, reverse("mfa_add_webauthn"), CODES):
            assert _leads_to(client, page).startswith(ask), page
        client.post(reverse("account_reauthenticate"), {"password": PASSWORD})
        assert _leads_to(client).startswith(ask)
        answer = client.post(f"{ask}?next={LIST}", {"code": app.code()})
        assert answer["Location"] == LIST
        assert _leads_to(client) == "opens"

    def test_they_cannot_switch_the_last_one_off(
        self, person: User, ticked: Group, django_capture_on_commit_callbacks: OnCommit
    ) -> None:
        client = by_password(person)
        _set_up(client, django_capture_on_commit_callbacks)
        for answer in (client.get(REMOVE), client.post(REMOVE)):
            assert "this is your last one. Add another one first." in answer.content.decode()
        assert "totp" in kinds_of(person)
        SecondFactorRule.objects.all().delete()
        client.post(REMOVE)
        assert kinds_of(person) == []

    def test_when_it_is_removed_by_others_the_open_session_sets_up_a_new_one(
        self, person: User, ticked: Group, django_capture_on_commit_callbacks: OnCommit, as_admin: Client
    ) -> None:
        client = by_password(person)
        _set_up(client, django_capture_on_commit_callbacks)
        assert _leads_to(client) == "opens"
        as_admin.post(f"/admin/people/user/{person.pk}/second-factor/")
        assert _leads_to(client) == SECURITY

    def test_recovery_codes_alone_are_none(self, person: User, ticked: Group) -> None:
        app_of(person)
        Authenticator.objects.filter(user=person).update(type="recovery_codes")  # as somebody with the database could
        assert _leads_to(by_password(person)) == SECURITY


@pytest.mark.parametrize(("mark", "passes"), [(True, True), (False, False), ("true", False), (None, False)])
def test_who_came_with_the_companys_account_passes_where_the_session_says_so(
    person: User, ticked: Group, mark: object, passes: bool
) -> None:
    client = by_password(person)
    session = client.session
    session[rule.COMPANY] = mark
    session.save()
    assert (_leads_to(client) == "opens") is passes


def test_it_costs_no_query_of_its_own(
    person: User, ticked: Group, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    """Session and person are read on every page: what the rule asks comes along with the person."""
    app, client = app_of(person), by_password(person)
    client.post(CODE, {"code": app.code()})
    page = reverse("productkeys:rules")
    assert client.get(page).status_code == 200
    with django_assert_num_queries(2):
        client.get(page)
