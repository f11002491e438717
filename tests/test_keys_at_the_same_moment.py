"""Two people at the same moment: whoever comes second is answered like any later one, and nothing is lost or doubled.

Deleting, and what hangs on what is deleted; and two who wait for each other.
"""

from collections.abc import Callable

import pytest
from django.contrib.auth.models import Group
from django.db import connection, transaction
from django.test import Client
from django.urls import reverse

from keyportal.people.models import ScopedRole, User
from productkeys.models import Agreement, Label, ProductKey, RolloutTemplate, Scope, TrailEntry
from productkeys.services import agreements, bulk_edit, keys, labelling, rollout_templates
from productkeys.services.agreements import AgreementValues
from productkeys.services.bulk_edit import Changes
from productkeys.services.keys import ChangedMeanwhile, KeyValues, Refused
from productkeys.services.origin import PORTAL, Origin
from productkeys.services.rollout_templates import TemplateValues
from productkeys.services.selection import Selection
from tests.crossing import Other, just_before, on_postgresql
from tests.factories import MAK, agreement, new_code, stored
from tests.rollouts import ENTERPRISE

pytestmark = [pytest.mark.django_db(transaction=True), on_postgresql]


def _delete(key: ProductKey) -> None:
    keys.delete(key, seen_version=key.version, origin=PORTAL)


# --- What is deleted


def test_a_key_that_somebody_changes_while_it_is_deleted_is_gone_for_them() -> None:
    key = stored()
    same = ProductKey.objects.get(pk=key.pk)
    values = KeyValues.of(same, comment="Do not delete this one")
    other = Other(lambda: keys.change_key(same, values, seen_version=same.version, origin=PORTAL))
    with just_before("DELETE FROM", other.begin):
        _delete(key)
    with pytest.raises(ChangedMeanwhile):
        other.end()
    assert not ProductKey.objects.filter(pk=key.pk).exists()
    assert [entry.action for entry in TrailEntry.objects.filter(subject_uid=key.uid)] == ["deleted", "added"]


def test_a_key_that_somebody_puts_into_a_template_while_it_is_deleted_is_not_there_for_them() -> None:
    key = stored()
    values = TemplateValues(**ENTERPRISE | {"activation_key_id": key.pk})
    other = Other(lambda: rollout_templates.add(values, origin=PORTAL))
    with just_before('DELETE FROM "productkeys_productkey"', other.begin):
        _delete(key)
    with pytest.raises(Refused) as refused:
        other.end()
    assert [problem.code for problem in refused.value.problems] == ["template_key_not_there"]
    assert not RolloutTemplate.objects.exists()


def test_keys_that_are_put_under_an_agreement_while_it_is_deleted_are_refused() -> None:
    key, paper = stored(), agreement()
    seen = Selection.of(ProductKey.objects.filter(pk=key.pk), at_most=1)
    other = Other(lambda: agreements.delete(paper, seen_version=paper.version, origin=PORTAL))
    changes = Changes({"agreement_id": paper.pk})
    with just_before('UPDATE "productkeys_productkey" SET', other.begin), pytest.raises(Refused) as refused:
        bulk_edit.apply_changes(seen, changes, among=ProductKey.objects.all(), origin=PORTAL)
    other.end()
    assert [problem.code for problem in refused.value.problems] == ["agreement_unknown"]
    assert not Agreement.objects.exists()


class TestAScopeThatGoes:
    @pytest.fixture
    def goes(self, as_admin: Client, berlin: Scope) -> Callable[[], None]:
        def go() -> None:
            as_admin.post(reverse("admin:productkeys_scope_delete", args=[berlin.pk]), {"post": "yes"})

        return go

    def test_takes_no_new_key(self, goes: Callable[[], None], berlin: Scope, admin_user: User) -> None:
        values = KeyValues(**MAK | {"code": new_code(), "scope_id": berlin.pk})
        with just_before('INSERT INTO "productkeys_productkey"', Other(goes).begin), pytest.raises(Refused) as refused:
            keys.add_key(values, origin=Origin(admin_user))
        assert [problem.code for problem in refused.value.problems] == ["scope_not_yours"]
        assert not Scope.objects.exists()

    def test_takes_no_new_agreement(self, goes: Callable[[], None], berlin: Scope, admin_user: User) -> None:
        values = AgreementValues(number="4500-1", scope_id=berlin.pk)
        with just_before('INSERT INTO "productkeys_agreement"', Other(goes).begin), pytest.raises(Refused) as refused:
            agreements.add(values, origin=Origin(admin_user))
        assert [problem.code for problem in refused.value.problems] == ["scope_not_yours"]

    def test_takes_no_new_template(self, goes: Callable[[], None], berlin: Scope, admin_user: User) -> None:
        values = TemplateValues(**ENTERPRISE | {"scope_id": berlin.pk})
        inserted = 'INSERT INTO "productkeys_rollouttemplate"'
        with just_before(inserted, Other(goes).begin), pytest.raises(Refused) as refused:
            rollout_templates.add(values, origin=Origin(admin_user))
        assert [problem.code for problem in refused.value.problems] == ["scope_not_yours"]

    def test_stays_where_a_key_came_into_it(self, as_admin: Client, berlin: Scope) -> None:
        other = Other(lambda: stored(scope_id=berlin.pk))
        address = reverse("admin:productkeys_scope_delete", args=[berlin.pk])
        with just_before("LIMIT 1 FOR UPDATE", other.begin):
            page = as_admin.post(address, {"post": "yes"}, follow=True).content.decode()
        other.end()
        assert "cannot be deleted: 1 product key belongs to it" in page
        assert Scope.objects.filter(pk=berlin.pk).exists()

    def test_takes_no_role_along(self, as_admin: Client, berlin: Scope, viewer: User) -> None:

        role = Group.objects.get(name="Viewer")
        other = Other(lambda: ScopedRole.objects.create(person=viewer, role=role, scope=berlin))
        with just_before('DELETE FROM "people_scopedrole"', other.begin):
            as_admin.post(reverse("admin:productkeys_scope_delete", args=[berlin.pk]), {"post": "yes"})
        with pytest.raises(Exception, match="foreign key"):
            other.end()


# --- What two want to be the only one


def test_a_scope_that_two_add_at_once_is_there_once(as_admin: Client) -> None:
    with just_before('INSERT INTO "productkeys_scope"', Other(lambda: Scope.objects.create(name="Köln")).begin):
        answer = as_admin.post(reverse("admin:productkeys_scope_add"), {"name": "Köln"})
    assert answer.status_code == 200
    assert answer.context["adminform"].form.errors.keys() == {"name"}
    assert Scope.objects.count() == 1


# --- Two who wait for each other


def _changed(key: ProductKey) -> object:
    values = KeyValues.of(key, labels=frozenset({"DMZ"}))
    return keys.change_key(key, values, seen_version=key.version, origin=PORTAL)


def _changed_with_others(key: ProductKey) -> object:
    seen = Selection.of(ProductKey.objects.filter(pk=key.pk), at_most=1)
    changes = Changes(added=frozenset({"DMZ"}))
    return bulk_edit.apply_changes(seen, changes, among=ProductKey.objects.all(), origin=PORTAL)


@pytest.mark.parametrize("act", [_changed, _changed_with_others])
def test_whoever_waits_crosswise_for_an_import_is_done_once_that_is_through(
    act: Callable[[ProductKey], object],
) -> None:
    key = stored()

    def import_keys() -> None:
        """Make a label, and then want a key: as an import does, which has the latter in a later row."""
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute("SET LOCAL deadlock_timeout = '10min'")  # the other one is to notice
            Label.objects.create(name="DMZ")
            ProductKey.objects.select_for_update().get(pk=key.pk)

    other = Other(import_keys)
    with just_before('INSERT INTO "productkeys_label"', other.begin):
        act(key)
    other.end()
    assert labelling.names_of(ProductKey.objects.get(pk=key.pk)) == ["DMZ"]
    assert ProductKey.objects.get(pk=key.pk).version == 2
    assert [entry.action for entry in TrailEntry.objects.filter(subject_uid=key.uid)] == ["changed", "added"]


def test_labels_are_made_in_the_same_order_however_they_are_spelled() -> None:
    made: list[str] = []

    def note(execute: Callable[..., object], sql: str, params: object, *rest: object) -> object:
        if sql.startswith('INSERT INTO "productkeys_label"'):
            made.append(repr(params).casefold())
        return execute(sql, params, *rest)

    key = stored()
    for names in (["a", "B"], ["A", "b"]):
        with transaction.atomic(), connection.execute_wrapper(note):
            labelling.put(key, names)
            transaction.set_rollback(True)
    assert made[0] == made[1]
