"""The rows of the admin's list in a portal with scopes: those of keys that belong to others cannot be typed into."""

from typing import Any

import pytest
from django.test import Client

from productkeys.models import ProductKey
from tests.factories import stored
from tests.scoped import of_each_kind, person_in, scopes, signed_in

pytestmark = pytest.mark.django_db

LIST = "/admin/productkeys/productkey/?origin=own"
NOT_YOURS = "Your roles do not allow this for this key."


@pytest.fixture
def as_keeper() -> Client:
    """Somebody who keeps the keys of Berlin, and sees others."""
    berlin, bonn = scopes("Berlin", "Bonn")
    of_each_kind(berlin, bonn)
    return signed_in(person_in(berlin, "Key manager", username="kim", is_staff=True))


def _forms(client: Client) -> dict[str, Any]:
    """The forms of the rows, by the name of the key."""
    return {form.instance.name: form for form in client.get(LIST).context["cl"].formset.forms}


def _pressed(client: Client, **typed: str) -> dict[str, Any]:
    """What a browser sends for the list: of each row what was shown, of the row `name` the comment that was typed."""
    formset = client.get(LIST).context["cl"].formset
    sent: dict[str, Any] = {"_save": "1", **{field.html_name: field.value() for field in formset.management_form}}
    for form in formset.forms:
        sent |= {form["id"].html_name: form["id"].value(), form["version"].html_name: form.version_to_show}
        for name in ("name", "comment"):
            sent[form[name].html_initial_name] = form[name].value()
            if not form.fields[name].disabled:
                sent[form[name].html_name] = form[name].value()
        if form.instance.name in typed:
            sent[form["comment"].html_name] = typed[form.instance.name]
    return sent


def test_rows_of_others_are_shown_and_cannot_be_typed_into(as_keeper: Client) -> None:
    disabled = {
        name: (form.fields["name"].disabled, form.fields["comment"].disabled)
        for name, form in _forms(as_keeper).items()
    }
    assert disabled == {"Berlin's": (False, False), "shared": (True, True), "everybody's": (True, True)}
    html = as_keeper.get(LIST).content.decode()
    assert html.count("<textarea") == 3
    assert html.count(" disabled>\n") == 2


def test_an_own_row_is_saved_beside_rows_of_others(as_keeper: Client) -> None:
    assert as_keeper.post(LIST, _pressed(as_keeper, **{"Berlin's": "Checked"})).status_code == 302
    assert ProductKey.objects.get(name="Berlin's").comment == "Checked"


@pytest.mark.parametrize("name", ["shared", "everybody's"])
def test_a_forged_row_of_others_is_refused_with_a_reason_and_holds_back_all(as_keeper: Client, name: str) -> None:
    answer = as_keeper.post(LIST, _pressed(as_keeper, **{name: "Ours", "Berlin's": "Checked"}))
    assert answer.status_code == 200
    assert NOT_YOURS in answer.content.decode()
    assert not ProductKey.objects.filter(comment__in=["Ours", "Checked"]).exists()


def test_a_foreign_row_cannot_be_forged_at_all(as_keeper: Client) -> None:
    foreign = ProductKey.objects.get(name="Bonn's")
    sent = _pressed(as_keeper)
    sent |= {"form-0-id": foreign.pk, "form-0-comment": "Ours"}
    answer = as_keeper.post(LIST, sent)
    assert answer.status_code == 200
    assert "Bonn&#x27;s" not in answer.content.decode()
    foreign.refresh_from_db()
    assert foreign.version == 1


def test_the_number_of_queries_does_not_grow_with_the_rows(as_keeper: Client, django_assert_num_queries: Any) -> None:
    as_keeper.get(LIST)
    for more in (0, 20):
        for _number in range(more):
            stored()
        with django_assert_num_queries(4):  # session, person with their rights; count and rows
            as_keeper.get(LIST)
