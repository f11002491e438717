"""A person's roles in scopes, on their page in the admin: superusers give and take them, others read them."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from django.contrib.auth.models import Group
from django.test import Client
from django.utils import translation

from keyportal.people.models import ScopedRole, User
from keyportal.people.permissions import name_of
from productkeys.models import Scope, TrailEntry, reference
from productkeys.models.trail import Action
from tests.factories import stored

pytestmark = pytest.mark.django_db

NEW_PASSWORD = "correct horse battery staple"
MEANINGLESS = "In a scope, only a role with a right to product keys has a meaning. Choose another."


@pytest.fixture(autouse=True)
def _scopes_are_read_anew() -> Iterator[None]:
    yield
    reference.forget()


@pytest.fixture
def berlin() -> Scope:
    return Scope.objects.create(name="Berlin")


@pytest.fixture
def bonn(berlin: Scope) -> Scope:
    return Scope.objects.create(name="Bonn")


@pytest.fixture
def vera(in_role: Callable[..., User]) -> User:
    return in_role(username="vera")


def _page(person: User) -> str:
    return f"/admin/people/user/{person.pk}/change/"


def _role(name: str) -> Group:
    return Group.objects.get(name=name)


def _give(person: User, role: str, scope: Scope) -> ScopedRole:
    return ScopedRole.objects.create(person=person, role=_role(role), scope=scope)


def _typed(person: User, *rows: dict[str, Any]) -> dict[str, Any]:
    """What the page of `person` sends; each row names a role and a scope, or a stored row that is to go."""
    stored_rows = list(person.scoped_roles.order_by("pk"))
    sent: dict[str, Any] = {
        "username": person.username,
        "is_active": "on",
        "scoped_roles-TOTAL_FORMS": len(stored_rows) + len(rows),
        "scoped_roles-INITIAL_FORMS": len(stored_rows),
    }
    for number, row in enumerate([{"id": given.pk} for given in stored_rows] + list(rows)):
        sent |= {f"scoped_roles-{number}-{name}": value for name, value in (row | {"person": person.pk}).items()}
    return sent


def _held(person: User) -> set[str]:
    return {str(given) for given in person.scoped_roles.all()}


def test_a_superuser_gives_a_role_in_a_scope_and_it_holds_at_the_next_request(
    as_admin: Client, client: Client, vera: User, berlin: Scope, bonn: Scope
) -> None:
    ours, theirs = stored(scope_id=berlin.pk), stored(scope_id=bonn.pk)
    client.force_login(vera)
    assert client.get(ours.get_absolute_url()).status_code == 404
    sent = _typed(vera, {"role": _role("Viewer").pk, "scope": berlin.pk})
    assert as_admin.post(_page(vera), sent).status_code == 302
    assert _held(vera) == {"Viewer @ Berlin"}
    assert client.get(ours.get_absolute_url()).status_code == 200
    assert client.get(theirs.get_absolute_url()).status_code == 404


def test_what_is_given_and_taken_stands_in_the_trail_in_words(
    as_admin: Client, vera: User, berlin: Scope, bonn: Scope
) -> None:
    given = _give(vera, "Viewer", berlin)
    sent = _typed(vera, {"role": _role("Key manager").pk, "scope": bonn.pk}) | {"scoped_roles-0-DELETE": "on"}
    assert as_admin.post(_page(vera), sent).status_code == 302
    entry = TrailEntry.objects.get(subject_uid=vera.uid, action=Action.CHANGED)
    assert entry.after == {"scoped_roles": ["+ Key manager @ Bonn", "- Viewer @ Berlin"]}
    assert not ScopedRole.objects.filter(pk=given.pk).exists()
    history = as_admin.get(f"/admin/people/user/{vera.pk}/history/").content.decode()
    assert "Roles in scopes:" in history
    assert "+ Key manager @ Bonn, - Viewer @ Berlin" in history


def test_what_is_stored_is_never_turned_into_another_role(
    as_admin: Client, vera: User, berlin: Scope, bonn: Scope
) -> None:
    _give(vera, "Viewer", berlin)
    forged = {"scoped_roles-0-role": _role("Key manager").pk, "scoped_roles-0-scope": bonn.pk}
    assert as_admin.post(_page(vera), _typed(vera) | forged).status_code == 302
    assert _held(vera) == {"Viewer @ Berlin"}


def test_a_role_without_a_right_to_keys_is_refused(as_admin: Client, vera: User, berlin: Scope, bonn: Scope) -> None:
    offered = as_admin.get(_page(vera)).context["inline_admin_formsets"][0].formset.empty_form.fields["role"].queryset
    assert [group.name for group in offered] == ["Administrator", "Deployer", "Key manager", "Revealer", "Viewer"]
    answer = as_admin.post(_page(vera), _typed(vera, {"role": _role("Auditor").pk, "scope": berlin.pk}))
    assert MEANINGLESS in answer.content.decode()
    assert not _held(vera)


def test_a_role_that_lost_its_rights_since_can_still_be_taken_away(
    as_admin: Client, vera: User, berlin: Scope, bonn: Scope
) -> None:
    _give(vera, "Viewer", berlin)
    _role("Viewer").permissions.clear()
    assert as_admin.post(_page(vera), _typed(vera)).status_code == 302
    assert _held(vera) == {"Viewer @ Berlin"}
    as_admin.post(_page(vera), _typed(vera) | {"scoped_roles-0-DELETE": "on"})
    assert not _held(vera)


def test_the_same_role_twice_is_refused(as_admin: Client, vera: User, berlin: Scope, bonn: Scope) -> None:
    row = {"role": _role("Viewer").pk, "scope": berlin.pk}
    assert as_admin.post(_page(vera), _typed(vera, row, row)).status_code == 200
    _give(vera, "Viewer", berlin)
    assert as_admin.post(_page(vera), _typed(vera, row)).status_code == 200
    assert _held(vera) == {"Viewer @ Berlin"}


def test_roles_read_in_the_language_of_the_reader(
    as_admin: Client, client: Client, in_role: Callable[..., User], vera: User, bonn: Scope
) -> None:
    _give(vera, "Key manager", bonn)
    client.force_login(in_role("Administrator", is_staff=True))
    for reader in (as_admin, client):
        reader.defaults["HTTP_ACCEPT_LANGUAGE"] = "de"
    with translation.override("de"):
        role = name_of(_role("Key manager"))
    assert role != "Key manager"
    assert f"{role} @ Bonn" in client.get(_page(vera)).content.decode()
    assert f">{role}</option>" in as_admin.get(_page(vera)).content.decode()


def test_administrators_read_roles_in_scopes_and_cannot_give_them(
    client: Client, in_role: Callable[..., User], vera: User, berlin: Scope, bonn: Scope
) -> None:
    _give(vera, "Viewer", bonn)
    client.force_login(in_role("Administrator", is_staff=True))
    assert '<div class="readonly">Viewer @ Bonn</div>' in client.get(_page(vera)).content.decode()
    sent = _typed(vera, {"role": _role("Revealer").pk, "scope": berlin.pk}) | {"scoped_roles-0-DELETE": "on"}
    assert client.post(_page(vera), sent).status_code == 302
    assert _held(vera) == {"Viewer @ Bonn"}


@pytest.mark.parametrize("superuser", [True, False])
def test_without_two_scopes_the_page_says_nothing_of_them(
    as_admin: Client, client: Client, in_role: Callable[..., User], vera: User, berlin: Scope, superuser: bool
) -> None:
    client.force_login(in_role("Administrator", is_staff=True))
    reader = as_admin if superuser else client
    assert "Roles in scopes" not in reader.get(_page(vera)).content.decode()
    _give(vera, "Viewer", berlin)
    assert "Roles in scopes" in reader.get(_page(vera)).content.decode()


# Who sets passwords


@pytest.mark.parametrize(
    ("everywhere", "in_berlin", "colleague", "done"),
    [
        (["Administrator"], [], "Viewer", True),
        (["Administrator"], [], "Revealer", False),
        (["Administrator", "Revealer"], [], "Revealer", True),
        (["Administrator"], ["Revealer"], "Revealer", True),
        (["Administrator"], ["Viewer"], "Revealer", False),
    ],
)
def test_a_password_is_set_by_who_has_the_rights_in_that_scope_too(
    client: Client,
    in_role: Callable[..., User],
    vera: User,
    berlin: Scope,
    everywhere: list[str],
    in_berlin: list[str],
    colleague: str,
    done: bool,
) -> None:
    keeper = in_role(*everywhere, username="keeper", is_staff=True)
    for role in in_berlin:
        _give(keeper, role, berlin)
    _give(vera, colleague, berlin)
    client.force_login(keeper)
    assert _sets_password(client, vera) is done


def test_a_right_in_one_scope_is_not_the_right_everywhere_or_in_another(
    client: Client, in_role: Callable[..., User], vera: User, berlin: Scope, bonn: Scope
) -> None:
    keeper = in_role("Administrator", username="keeper", is_staff=True)
    _give(keeper, "Revealer", berlin)
    client.force_login(keeper)
    _give(vera, "Revealer", bonn)
    assert not _sets_password(client, vera)
    assert not _sets_password(client, in_role("Revealer"))


def _sets_password(keeper: Client, person: User) -> bool:
    sent = {"usable_password": "true", "password1": NEW_PASSWORD, "password2": NEW_PASSWORD, "set-password": "1"}
    answer = keeper.post(f"/admin/people/user/{person.pk}/password/", sent)
    person.refresh_from_db()
    done = person.check_password(NEW_PASSWORD)
    assert answer.status_code == (302 if done else 403)
    return done


def test_a_stop_of_all_reveals_is_ended_by_who_may_everywhere(
    client: Client, in_role: Callable[..., User], berlin: Scope
) -> None:
    person = in_role(username="administrator-of-berlin")
    _give(person, "Administrator", berlin)
    client.force_login(person)
    assert client.post("/product-keys/release-reveals/").status_code == 403
