"""What a file says and nothing comes of: told beside its row and counted, never passed over without a word."""

from datetime import date

import pytest
from django.test import Client

from keyportal.people.models import User
from productkeys.domain.choices import Status
from productkeys.listing.imports import notes_of
from productkeys.models import Agreement, Import, ProductKey, Scope, TrailEntry
from productkeys.models.trail import Action
from productkeys.services import keys, restoring
from productkeys.services.importing import preview, steps, worker
from productkeys.services.importing.outcomes import REMARKED, Outcome
from productkeys.services.importing.undoing import undo
from productkeys.services.origin import PORTAL, Origin
from tests.bringing import brought, imported
from tests.factories import RETAIL, agreement, new_code, stored
from tests.imports import bring, csv_of, page, row
from tests.scoped import person_in

pytestmark = pytest.mark.django_db

KEY = ("Key",)
OEM = RETAIL | {"key_type": "oem"}
NEW = {"key_type": "mak", "operating_system": "windows-11", "edition": "Enterprise", "quantity": "150"}


def _notes(imp: Import) -> list[tuple[int, str, str]]:
    rows = preview.page(imp, outcome=REMARKED).rows
    return [(row.number, note.field, f"{note.message} {note.advice}") for row in rows for note in notes_of(row)]


def _about_new_keys(rows: list[list[str]], heads: tuple[str, ...], person: User) -> Import:
    """The import of rows that say of new keys what stands under `heads`; the rest is said once for all."""
    imp = brought([[new_code().open(), *cells] for cells in rows], person, heads=(*KEY, *heads))
    steps.change_plan(imp, defaults=NEW, origin=Origin(person))
    worker.carry_out(imp)
    return imp


def _left_alone(imp: Import, person: User) -> Import:
    steps.change_plan(imp, existing="leave", origin=Origin(person))
    worker.carry_out(imp)
    return imp


# --- Keys that are there


def test_use_status_and_sharing_of_a_key_that_is_there_change_as_the_file_says_and_back(
    berlin: Scope, bonn: Scope, manager: User
) -> None:
    key = stored(quantity=100, in_use=3, scope_id=berlin.pk)
    heads = (*KEY, "in_use", "Quantity", "status", "shared_with")
    imp = brought([[key.code.open(), "118", "150", "compromised", "Bonn"]], manager, heads=heads)
    (shown,) = preview.page(imp).rows
    assert (shown.outcome, imp.counts) == (Outcome.CHANGES, {"c": 1})
    assert {name: (before, after) for name, before, after in shown.changes} == {
        "quantity": (100, 150),
        "in_use": (3, 118),
        "shared_with": ([], ["Bonn"]),
        "status": ("active", "compromised"),
    }
    imported(imp)
    key.refresh_from_db()
    assert (key.in_use, key.quantity, key.status, list(key.shared_with.all())) == (118, 150, "compromised", [bonn])
    actions = TrailEntry.objects.filter(subject_uid=key.uid).values_list("action", flat=True)
    assert {Action.CHANGED, Action.COMPROMISED} <= set(actions)
    undo(imp, origin=Origin(manager))
    key.refresh_from_db()
    assert (key.in_use, key.quantity, key.status, list(key.shared_with.all())) == (3, 100, "active", [])


def test_the_same_file_again_has_nothing_more_to_change(manager: User) -> None:
    key = stored(quantity=150)
    heads, rows = (*KEY, "in_use", "status"), [[key.code.open(), "7", "archived"]]
    assert brought(rows, manager, heads=heads).counts == {"c": 1}
    imported(Import.objects.get())
    assert brought(rows, manager, heads=heads).counts == {"s": 1}


@pytest.mark.parametrize(
    ("is_now", "said"), [("archived", "active"), ("compromised", "active"), ("compromised", "archived")]
)
def test_no_list_brings_back_what_was_taken_out_of_use(manager: User, is_now: str, said: str) -> None:
    key = stored()
    keys.set_status(key, is_now, seen_version=key.version, origin=PORTAL)
    imp = brought([[key.code.open(), said]], manager, heads=(*KEY, "status"))
    assert imp.counts == {"s": 1, REMARKED: 1}
    label = {status.value: str(status.label) for status in Status}
    stays = "Not changed: an import takes no key out of the archive and clears no compromised one."
    assert _notes(imp) == [(2, "Status", f"The file says {label[said]}, the portal has {label[is_now]}. {stays}")]


@pytest.mark.parametrize(
    ("statuses", "cells", "becomes"),
    [
        (["active"], ["archived", "compromised"], "archived"),
        (["compromised"], ["archived", "compromised"], "archived"),
        (["archived"], ["compromised", ""], "compromised"),
        (["compromised", "archived"], ["compromised", ""], "compromised"),
    ],
)
def test_a_mark_that_comes_with_a_file_goes_with_its_undo(
    manager: User, statuses: list[str], cells: list[str], becomes: str
) -> None:
    key = stored()
    for status in statuses:
        keys.set_status(key, status, seen_version=key.version, origin=PORTAL)
    once_restored = restoring.status_after(key, Status.ACTIVE)
    imp = imported(brought([[key.code.open(), *cells]], manager, heads=(*KEY, "status", "status_before")))
    key.refresh_from_db()
    assert (key.status, restoring.status_after(key, Status.ACTIVE)) == (
        becomes,
        "compromised" if becomes == "archived" else "active",
    )
    undo(imp, origin=Origin(manager))
    key.refresh_from_db()
    assert (key.status, restoring.status_after(key, Status.ACTIVE)) == (statuses[-1], once_restored)


def test_whoever_may_not_change_a_key_does_not_change_its_use_or_status_either(berlin: Scope, bonn: Scope) -> None:
    key = stored(scope_id=bonn.pk, quantity=10)
    key.shared_with.add(berlin)
    person = person_in(berlin, "Key manager")
    imp = brought([[key.code.open(), "3", "archived"]], person, heads=(*KEY, "in_use", "status"))
    assert imp.counts == {"r": 1}


def test_more_in_use_than_there_are_is_refused_of_a_key_that_is_there(manager: User) -> None:
    imp = brought([[stored(quantity=10).code.open(), "11"]], manager, heads=(*KEY, "in_use"))
    assert imp.counts == {"r": 1}
    assert [problem.field for problem in preview.page(imp).rows[0].problems] == ["quantity"]


@pytest.mark.parametrize("count", ["2", "3000000000"])
def test_a_key_for_one_device_is_not_in_use_on_more(manager: User, count: str) -> None:
    heads = (*KEY, "in_use", "type", "product")
    cells = [count, "OEM", "Windows 11 Pro"]
    imp = brought([[stored(OEM).code.open(), *cells], [new_code().open(), *cells]], manager, heads=heads)
    assert imp.counts == {"r": 2}
    assert [[problem.field for problem in row.problems] for row in preview.page(imp).rows] == [["in_use"]] * 2


def test_more_in_use_than_the_portal_can_count_is_refused(manager: User) -> None:
    cells = ["3000000000", "unlimited", "Retail", "Windows 11 Pro"]
    imp = brought([[new_code().open(), *cells]], manager, heads=(*KEY, "in_use", "Quantity", "type", "product"))
    assert [problem.field for problem in preview.page(imp).rows[0].problems] == ["in_use"]


def test_what_keys_that_are_left_alone_have_otherwise_is_told(berlin: Scope, bonn: Scope, manager: User) -> None:
    key = stored(quantity=100, in_use=3, scope_id=berlin.pk)
    heads = (*KEY, "Quantity", "in_use", "status", "scope", "shared_with", "labels", "agreement")
    said = ["150", "5", "archived", "Bonn", "Berlin", "Pool", "A-7"]
    imp = _left_alone(brought([[key.code.open(), *said]], manager, heads=heads), manager)
    assert imp.counts == {"s": 1, REMARKED: 1}
    told = {field: text for _number, field, text in _notes(imp)}
    assert told["Quantity"] == (
        "The file says 150, the portal has 100. "
        "Not changed: keys that the portal holds already are to stay as they are."
    )
    assert told["In use"].startswith("The file says 5, the portal has 3.")
    assert told["Status"].startswith("The file says Archived, the portal has Active.")
    assert told["Scope"].startswith("The file says Bonn, the portal has Berlin.")
    assert told["Labels"].startswith("The file says Pool, the portal has –.")
    assert told["Agreement: number"].startswith("The file says A-7, the portal has –.")
    before = key.version
    assert imported(imp).counts == {"s": 1, REMARKED: 1}
    key.refresh_from_db()
    assert (key.version, key.in_use, key.status) == (before, 3, "active")


def test_names_of_foreign_scopes_are_not_told(berlin: Scope, bonn: Scope) -> None:
    key = stored(scope_id=berlin.pk)
    key.shared_with.add(bonn)
    person = person_in(berlin, "Key manager")
    here = person.scoped_roles.create(role=person.scoped_roles.get().role, scope=Scope.objects.create(name="Kiel"))
    imp = brought([[key.code.open(), "Kiel"]], here.person, heads=(*KEY, "shared_with"))
    (shown,) = preview.page(imp).rows
    assert ("shared_with", [], ["Kiel"]) in shown.changes
    told = {field: text for _number, field, text in _notes(_left_alone(imp, here.person))}
    assert told["Also shared with"].startswith("The file says Kiel, the portal has –.")


def test_what_a_standard_key_does_not_keep_is_told(manager: User, standard_keys: object) -> None:
    code = "W269N-WFGWX-YVC9B-4J6C9-T83GX"
    imp = brought([[code, "150", ""], [code, "150", "A-1"]], manager, heads=(*KEY, "Quantity", "Agreement"))
    assert imp.counts == {"p": 1, "r": 1}
    imp = brought([[code, "150", "A-1"]], manager, heads=(*KEY, "Quantity", "Agreement"))
    assert imp.counts == {"p": 1, REMARKED: 1}
    assert "does not keep all" in _notes(imp)[0][2]


# --- Agreements


def test_a_file_that_contradicts_an_agreement_says_so_and_changes_nothing(manager: User) -> None:
    paper = agreement("A-1", vendor="Alpha GmbH", bought_on=date(2025, 3, 1), licences=100)
    heads = ("agreement", "agreement_vendor", "agreement_bought_on", "agreement_licences", "agreement_cost_centre")
    imp = _about_new_keys([["A-1", "alpha gmbh", "2025-04-01", "250", "4711"], ["A-1", "", "", "", ""]], heads, manager)
    assert imp.counts == {"n": 2, REMARKED: 1}
    stays = " Not changed: an import changes no agreement that is there. Change it on its own page."
    assert _notes(imp) == [
        (2, "Agreement: bought on", "The file says 1 Apr 2025, the portal has 1 Mar 2025." + stays),
        (2, "Agreement: licences bought", "The file says 250, the portal has 100." + stays),
        (2, "Agreement: cost centre", "The file says 4711, the portal has –." + stays),
    ]
    imported(imp)
    assert list(Agreement.objects.values_list("pk", "licences", "version")) == [(paper.pk, 100, 1)]
    assert paper.product_keys.count() == 2


def test_another_vendor_than_the_portal_knows_is_told(manager: User) -> None:
    agreement("A-1", vendor="Alpha")
    imp = _about_new_keys([["A-1", "Beta"]], ("agreement", "agreement_vendor"), manager)
    assert imp.counts == {"n": 1, REMARKED: 1}
    ((_number, field, said),) = _notes(imp)
    assert field == "Agreement: vendor"
    assert said.startswith("The row says Beta; there is an agreement with the same number from Alpha.")
    agreement("A-2")
    imp = _about_new_keys([["A-2", "Beta"]], ("agreement", "agreement_vendor"), manager)
    assert _notes(imp)[0][2].startswith("The file says Beta, the portal has –.")


@pytest.mark.parametrize("vendors", [("", "Alpha"), ("Alpha", ""), ("ALPHA", "alpha")])
def test_one_number_with_and_without_its_vendor_is_one_agreement(manager: User, vendors: tuple[str, str]) -> None:
    rows = [["A-1", vendors[0]], *([["A-1", vendors[0]]] * 600), ["a-1", vendors[1]]]
    imp = imported(_about_new_keys(rows, ("agreement", "agreement_vendor"), manager))
    assert (imp.state, imp.counts) == (Import.State.DONE, {"n": 602})
    (made,) = Agreement.objects.all()
    assert (made.vendor.casefold(), made.product_keys.count(), made.version) == ("alpha", 602, 1)


def test_what_several_rows_say_of_one_agreement_is_put_together(manager: User) -> None:
    heads = ("agreement", "agreement_vendor", "agreement_licences", "agreement_note")
    rows = [["A-1", "", "", ""], ["A-1", "Alpha", "", "Three years"], ["A-1", "", "250", ""]]
    imp = imported(_about_new_keys(rows, heads, manager))
    (made,) = Agreement.objects.all()
    assert (made.vendor, made.licences, made.note) == ("Alpha", 250, "Three years")
    assert imp.counts == {"n": 3}


def test_rows_that_contradict_each_other_about_an_agreement_say_so_on_every_page(manager: User) -> None:
    rows = [["A-1", "250"], *([["A-1", "250"]] * 60), ["A-1", "300"]]
    imp = _about_new_keys(rows, ("agreement", "agreement_licences"), manager)
    assert imp.counts == {"n": 62, REMARKED: 1}
    said = "The row says 300, an earlier one about the same agreement 250. The earlier row counts."
    assert _notes(imp) == [(63, "Agreement: licences bought", said)]
    assert preview.page(imp, start=61).rows[0].remarks
    imported(imp)
    assert Agreement.objects.get().licences == 250


def test_two_vendors_of_one_number_are_two_agreements_and_told(manager: User) -> None:
    rows = [["A-1", "Alpha"], ["A-1", "Beta"], ["A-1", ""]]
    imp = _about_new_keys(rows, ("agreement", "agreement_vendor"), manager)
    assert [number for number, _field, _text in _notes(imp)] == [3]
    imported(imp)
    found = {made.vendor: made.product_keys.count() for made in Agreement.objects.all()}
    assert found == {"Alpha": 2, "Beta": 1}


def test_what_is_wrong_with_an_agreement_is_told_at_its_column_and_spoils_no_other_row(manager: User) -> None:
    heads = ("agreement", "agreement_bought_on", "agreement_valid_until", "agreement_licences", "agreement_vendor")
    rows = [["A-1", "2026-01-01", "2025-01-01", "0", "x" * 151], ["A-1", "2026-01-01", "", "5", ""]]
    imp = _about_new_keys(rows, heads, manager)
    assert imp.counts == {"r": 1, "n": 1}
    fields = [problem.field for problem in preview.page(imp, outcome="r").rows[0].problems]
    assert fields == ["agreement_vendor", "agreement_valid_until", "agreement_licences"]
    imported(imp)
    assert Agreement.objects.get().licences == 5


def test_a_later_row_that_is_wrong_about_an_agreement_leaves_it_as_it_was(manager: User) -> None:
    heads = ("agreement", "agreement_bought_on", "agreement_valid_until")
    rows = [["A-1", "2026-01-01", ""], ["A-1", "", "2025-01-01"], ["A-1", "2026-01-01", "2027-01-01"]]
    imp = imported(_about_new_keys(rows, heads, manager))
    assert imp.counts == {"n": 2, "r": 1}
    assert Agreement.objects.get().valid_until == date(2027, 1, 1)


def test_the_agreement_of_another_scope_says_whose_it_is(berlin: Scope, bonn: Scope, manager: User) -> None:
    heads = ("agreement", "scope", "agreement_scope")
    imported(_about_new_keys([["A-1", "Berlin", "Bonn"], ["A-2", "Berlin", ""]], heads, manager))
    assert dict(Agreement.objects.values_list("number", "scope__name")) == {"A-1": "Bonn", "A-2": "Berlin"}
    imp = _about_new_keys([["A-3", "Berlin", "Paris"]], heads, manager)
    assert [problem.field for problem in preview.page(imp).rows[0].problems] == ["agreement_scope"]


def test_a_row_whose_scope_nobody_understands_makes_no_agreement_of_everybody(
    berlin: Scope, bonn: Scope, manager: User
) -> None:
    imp = _about_new_keys([["A-1", "Paris"], ["A-1", "Berlin"]], ("agreement", "scope"), manager)
    assert imp.counts == {"r": 1, "n": 1}
    imported(imp)
    assert Agreement.objects.get().scope == berlin


# --- Counts


@pytest.mark.parametrize(
    ("heads", "cells", "field", "said"),
    [
        (
            ("Quantity", "In use", "Remaining"),
            ["100", "30", "50"],
            "Activations left",
            "says 50, but by its other",
        ),
        (("Quantity", "Used/Total"), ["200", "118/150"], "In use of quantity (118/150)", "says 150, but by its other"),
        (
            ("Quantity", "Microsoft used", "Microsoft remaining"),
            ["100", "30", "50"],
            "Microsoft's count: left",
            "it is 70. The other counts are kept.",
        ),
        (
            ("Microsoft counted on",),
            ["2026-01-02"],
            "Microsoft's count: date",
            "but not what Microsoft counted",
        ),
        (("Microsoft used", "Microsoft counted on"), ["5", ""], "Microsoft's count: date", "day of the import is kept"),
    ],
    ids=["left", "twice", "of Microsoft", "day without count", "count without day"],
)
def test_counts_that_do_not_fit_are_told(
    manager: User, heads: tuple[str, ...], cells: list[str], field: str, said: str
) -> None:
    imp = _about_new_keys([cells], heads, manager)
    assert imp.counts == {"n": 1, REMARKED: 1}
    ((_number, at, text),) = _notes(imp)
    assert at == field
    assert said in text


def test_what_is_left_of_a_key_that_is_there_is_left_of_its_quantity(manager: User) -> None:
    key = stored(quantity=100)
    heads = (*KEY, "Remaining", "Microsoft remaining")
    imp = brought([[key.code.open(), "90", "80"], [new_code().open(), "90", "80"]], manager, heads=heads)
    imported(imp)
    key.refresh_from_db()
    assert (key.in_use, key.microsoft_used) == (10, 20)


# --- Where it is told


def test_the_page_counts_and_shows_what_comes_of_nothing(as_manager: Client) -> None:
    key = stored(quantity=150)
    keys.set_status(key, "archived", seen_version=key.version, origin=PORTAL)
    data = csv_of([row(Product_key=key.code.open()) | {"Status": "active"}, row() | {"Status": ""}], (*row(), "Status"))
    bring(as_manager, data)
    imp = Import.objects.get()
    worker.carry_out(imp)
    html = page(as_manager, imp, outcome=REMARKED)
    assert 'With remarks <span class="n">1</span>' in html
    assert "The file says Active, the portal has Archived. Not changed" in html
    assert "Mend" not in html[html.index("The file says Active") :].split("</tr>")[0]
    steps.start(imp, mode="good-rows", origin=PORTAL)
    worker.carry_out(imp)
    assert "of these rows was not kept as a whole" in page(as_manager, imp)
    assert TrailEntry.objects.get(action=Action.IMPORTED).after[REMARKED] == 1
    assert ProductKey.objects.get(pk=key.pk).status == "archived"


# --- Rows that are not for Windows


def test_a_row_that_is_not_for_windows_says_what_it_is_for(as_manager: Client) -> None:
    held = new_code().open()
    heads = ("Key", "Name", "Product")
    cells = [
        ["Branch Kiel", "Office LTSC 2021\nProfessional Plus"],
        ["SQL Server 2022", "SQL Server 2022"],
        ["", f"Visio 2021, not {held}"],
    ]
    rows = [dict(zip(heads, [new_code().open(), *texts], strict=True)) for texts in cells]
    bring(as_manager, csv_of(rows, heads))
    imp = Import.objects.get()
    worker.carry_out(imp)

    assert imp.counts[Outcome.NOT_OURS] == 3
    shown = page(as_manager, imp, outcome=Outcome.NOT_OURS.value)
    for said in (
        "<td>Branch Kiel · Office LTSC 2021 Professional Plus</td>",
        "<td>SQL Server 2022</td>",
        "<td>Visio 2021",
    ):
        assert said in shown
    assert held not in shown
