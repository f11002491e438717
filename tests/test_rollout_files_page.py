"""The page with the files of a rollout template: placeholders for everybody, the keys for a reason."""

import uuid
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from django.db import DatabaseError
from django.test import Client
from pytest_django import Settings

from keyportal.people.models import User
from productkeys.domain.answer_file import hiding
from productkeys.models import ProductKey, RolloutTemplate, SealedSecret, TrailEntry
from productkeys.models.trail import Action
from productkeys.services import rollout_templates, trail
from productkeys.services.origin import PORTAL
from productkeys.services.rollout_templates import BroughtFile, TemplateValues
from tests.answer_files import ENTERPRISE, ORDINARY, activating, commands, installing, unattend
from tests.crossing import just_before
from tests.factories import MAK, RETAIL, stored
from tests.made_up_keys import made_up_key
from tests.rollouts import template
from tests.scoped import person_in, scopes, signed_in

pytestmark = pytest.mark.django_db
KINDS = ("answer-file", "mdt", "task-sequence", "cmd", "powershell")


@pytest.fixture
def viewer(in_role: Callable[..., User]) -> User:
    return in_role("Viewer")


@pytest.fixture
def revealer(in_role: Callable[..., User]) -> User:
    return in_role("Revealer")


@pytest.fixture
def mak() -> ProductKey:
    return stored(MAK | {"name": "Head office"})


@pytest.fixture
def gvlk() -> ProductKey:
    key: ProductKey = ProductKey.objects.get(last_five="2YT43")
    return key


@pytest.fixture
def both(mak: ProductKey, gvlk: ProductKey) -> RolloutTemplate:
    """A template with the GVLK for installation and a MAK for activation."""
    return template(installation_key_id=gvlk.pk, activation_key_id=mak.pk, kms_host="")


def _at(one: RolloutTemplate) -> str:
    return f"{one.get_absolute_url()}files/"


def _get(client: Client, one: RolloutTemplate, kind: str) -> str:
    answer = client.get(_at(one), {"as": kind})
    assert answer.status_code == 200
    assert "no-store" in answer["Cache-Control"]
    assert "PLAIN" not in answer["Content-Disposition"]
    return str(answer.content.decode("utf-8-sig"))


def _sent(kind: str, **changes: str) -> dict[str, str]:
    return {"file": kind, "reason": "rollout", "note": "INC-20418", "once": str(uuid.uuid4())} | changes


def test_everybody_gets_the_files_with_a_placeholder(as_viewer: Client, both: RolloutTemplate, mak: ProductKey) -> None:
    for kind in KINDS:
        text = _get(as_viewer, both, kind)
        assert mak.code.open() not in text
        assert f"[MAK ...{mak.last_five}: see KeyPortal]" in text
    assert f"<Key>{ENTERPRISE}</Key>" in _get(as_viewer, both, "answer-file")
    assert not TrailEntry.objects.filter(action__in=(Action.REVEALED, Action.REVEAL_REFUSED)).exists()


def test_keys_in_any_spelling_are_looked_for_in_the_answer_file_no_more_often_than_it_changes(
    as_revealer: Client, mak: ProductKey, monkeypatch: pytest.MonkeyPatch
) -> None:
    """In a large file that takes most of the time of a request."""
    searched: list[int] = []

    def looked(text: str, found: list[hiding.Spot]) -> Iterator[hiding.Spot]:
        searched.append(len(text))
        return look(text, found)

    look = hiding._spelled_otherwise
    monkeypatch.setattr(hiding, "_spelled_otherwise", looked)
    brought = BroughtFile("unattend.xml", unattend(activating("")).encode())
    one = template(activation_key_id=mak.pk, answer_file=brought)

    as_revealer.get(_at(one))
    assert len(searched) == 1
    searched.clear()
    _get(as_revealer, one, "answer-file")
    assert len(searched) == 2


def test_the_page_shows_all_five_without_the_key(as_revealer: Client, both: RolloutTemplate, mak: ProductKey) -> None:
    answer = as_revealer.get(_at(both))
    page = answer.content.decode()
    assert [file["kind"] for file in answer.context["shown"]] == list(KINDS)
    assert mak.code.open() not in page
    assert ENTERPRISE in page
    assert "data-copy-from" not in page


def test_what_holds_no_secret_is_copied_and_asks_for_no_reason(as_viewer: Client, gvlk: ProductKey) -> None:
    one = template(installation_key_id=gvlk.pk, activation_key_id=gvlk.pk)
    page = as_viewer.get(_at(one)).content.decode()
    assert page.count("data-copy-from") == 4
    assert 'name="reason"' not in page
    assert ENTERPRISE in _get(as_viewer, one, "cmd")
    answer = as_viewer.post(_at(one), {"file": "task-sequence"})
    assert answer.content.decode() == f"OSDProductKey={ENTERPRISE}\r\n"


@pytest.mark.parametrize("kind", KINDS)
def test_the_key_leaves_for_a_reason_and_that_is_a_reveal(
    as_revealer: Client, revealer: User, both: RolloutTemplate, mak: ProductKey, kind: str
) -> None:
    answer = as_revealer.post(_at(both), _sent(kind))
    assert mak.code.open() in answer.content.decode("utf-8-sig")
    assert "see KeyPortal" not in answer.content.decode("utf-8-sig")
    assert "Head-office-floor-4-PLAIN" in answer["Content-Disposition"]
    assert "no-store" in answer["Cache-Control"]
    (entry,) = TrailEntry.objects.filter(action=Action.REVEALED)
    assert (entry.subject_uid, entry.actor_uid, entry.reason) == (mak.uid, revealer.uid, "rollout: INC-20418")


def test_only_the_keys_in_the_file_are_revealed(as_revealer: Client, mak: ProductKey) -> None:
    retail = stored(RETAIL | {"edition": "Enterprise", "quantity": 9})
    one = template(installation_key_id=retail.pk, activation_key_id=mak.pk)
    answer = as_revealer.post(_at(one), _sent("cmd"))
    assert retail.code.open() not in answer.content.decode()
    assert TrailEntry.objects.get(action=Action.REVEALED).subject_uid == mak.uid
    as_revealer.post(_at(one), _sent("mdt"))
    assert TrailEntry.objects.filter(action=Action.REVEALED).count() == 3


def test_two_files_from_one_page_are_two_reveals_and_one_sent_twice_is_one(
    as_revealer: Client, both: RolloutTemplate
) -> None:
    once = str(uuid.uuid4())
    for kind in ("cmd", "mdt", "cmd"):
        answer = as_revealer.post(_at(both), _sent(kind, once=once), follow=True)
    assert "This was sent twice, and written once." in answer.content.decode()
    assert TrailEntry.objects.filter(action=Action.REVEALED).count() == 2


def test_who_may_not_reveal_is_refused_and_that_is_recorded(
    as_viewer: Client, both: RolloutTemplate, mak: ProductKey
) -> None:
    assert "Only those who may reveal this key" in as_viewer.get(_at(both)).content.decode()
    assert as_viewer.post(_at(both), _sent("cmd")).status_code == 403
    assert TrailEntry.objects.get(action=Action.REVEAL_REFUSED).reason == "no-right"


def test_a_reason_is_needed_and_no_key_stands_in_it(
    as_revealer: Client, both: RolloutTemplate, mak: ProductKey
) -> None:
    for said in ({"reason": ""}, {"note": mak.code.open()}):
        answer = as_revealer.post(_at(both), _sent("cmd", **said))
        assert answer["Content-Type"].startswith("text/html")
        assert mak.code.open() not in answer.content.decode()
    assert not TrailEntry.objects.filter(action=Action.REVEALED).exists()


def test_whoever_signed_in_long_ago_confirms_first(
    as_revealer: Client, both: RolloutTemplate, settings: Settings
) -> None:
    settings.RECENT_SIGN_IN_SECONDS = 1
    session = as_revealer.session
    session["account_authentication_methods"], session["signed_in_at"] = [], 0
    session.save()
    answer = as_revealer.post(_at(both), _sent("cmd"))
    assert answer["Location"].startswith("/accounts/reauthenticate/?next=/rollout-templates/")


def test_the_limit_of_reveals_holds_here_too(as_revealer: Client, both: RolloutTemplate, settings: Settings) -> None:
    settings.REVEALS_PER_HOUR = 1
    as_revealer.post(_at(both), _sent("cmd"))
    assert as_revealer.post(_at(both), _sent("mdt")).status_code == 429


def test_without_a_trail_no_key_leaves(
    as_revealer: Client, both: RolloutTemplate, mak: ProductKey, monkeypatch: pytest.MonkeyPatch
) -> None:
    def no_trail(*_entries: TrailEntry) -> None:
        raise DatabaseError

    monkeypatch.setattr(trail, "record", no_trail)
    answer = as_revealer.post(_at(both), _sent("powershell"))
    assert answer.status_code == 503
    assert mak.code.open() not in answer.content.decode()


def _brought(text: str, **changes: Any) -> RolloutTemplate:
    return template(answer_file=BroughtFile("branch.xml", text.encode()), **changes)


def test_the_keys_stand_in_the_answer_file_that_was_brought(as_revealer: Client, mak: ProductKey) -> None:
    text = unattend(installing(ENTERPRISE), activating(""), commands("net user admin Geheim"))
    one = _brought(text, activation_key_id=mak.pk)
    page = as_revealer.get(_at(one)).content.decode()
    assert "Geheim" not in page
    said = f"<ProductKey>[MAK ...{mak.last_five}: see KeyPortal]</ProductKey>"
    assert _get(as_revealer, one, "answer-file") == text.replace("<ProductKey></ProductKey>", said)
    plain = as_revealer.post(_at(one), _sent("answer-file")).content.decode()
    assert plain == text.replace("<ProductKey></ProductKey>", f"<ProductKey>{mak.code.open()}</ProductKey>")


def test_a_key_that_is_none_of_the_template_never_leaves(as_revealer: Client, mak: ProductKey) -> None:
    foreign = made_up_key(91)
    one = _brought(unattend(activating(ENTERPRISE), f"<!-- {foreign} -->"), activation_key_id=mak.pk)
    assert f"none of the template: …{foreign[-5:]}." in as_revealer.get(_at(one)).content.decode()
    for text in (
        _get(as_revealer, one, "answer-file"),
        as_revealer.post(_at(one), _sent("answer-file")).content.decode(),
    ):
        assert foreign not in text
        assert f"<!-- [key ...{foreign[-5:]}: see KeyPortal] -->" in text


@pytest.mark.parametrize("between", ["", " ", "\u2013", "_", ".", "%2D"])
def test_a_key_in_another_spelling_is_hidden_as_well(as_revealer: Client, mak: ProductKey, between: str) -> None:
    foreign, own = (key.replace("-", between) for key in (made_up_key(77), mak.code.open()))
    script = f"cscript slmgr.vbs /ipk {foreign}"
    one = _brought(unattend(activating(""), commands(script), f"<!-- {own} -->"), activation_key_id=mak.pk)
    assert as_revealer.get(_at(one)).context["foreign"] == [foreign[-5:]]
    hidden, whole = (
        _get(as_revealer, one, "answer-file"),
        as_revealer.post(_at(one), _sent("answer-file")).content.decode(),
    )
    for text in (hidden, whole):
        assert foreign not in text
        assert f"/ipk [key ...{foreign[-5:]}: see KeyPortal]" in text
    assert own not in hidden
    assert own in whole


def test_a_published_key_in_another_spelling_stays(as_revealer: Client) -> None:
    text = unattend(activating(ENTERPRISE), f"<!-- {ENTERPRISE.replace('-', '')} -->")
    assert _get(as_revealer, _brought(text), "answer-file") == text


def test_a_key_of_the_template_in_a_comment_is_hidden_until_it_leaves(as_revealer: Client, mak: ProductKey) -> None:
    one = _brought(unattend(activating(""), f"<!-- {mak.code.open()} -->"), activation_key_id=mak.pk)
    assert as_revealer.get(_at(one)).context["foreign"] == []
    assert mak.code.open() not in _get(as_revealer, one, "answer-file")
    assert as_revealer.post(_at(one), _sent("answer-file")).content.decode().count(mak.code.open()) == 2


def test_an_answer_file_with_passwords_is_for_those_who_may_change_the_template(
    as_viewer: Client, as_revealer: Client
) -> None:
    one = _brought(ORDINARY)
    assert "The answer file is not here: such files hold passwords." in as_viewer.get(_at(one)).content.decode()
    assert as_viewer.get(_at(one), {"as": "answer-file"}).status_code == 404
    assert as_viewer.post(_at(one), _sent("answer-file")).status_code == 404


def test_a_file_that_does_not_open_is_missed_and_the_others_are_there(
    as_revealer: Client, both: RolloutTemplate, mak: ProductKey
) -> None:
    one = _brought(ORDINARY, name="Lost", activation_key_id=mak.pk)
    assert one.answer_file_id
    SealedSecret.objects.filter(pk=one.answer_file_id).update(sealed="broken")
    assert "it cannot be opened" in as_revealer.get(_at(one)).content.decode()
    assert "OSDProductKey" in _get(as_revealer, one, "task-sequence")


def test_a_key_of_another_scope_is_not_told() -> None:
    berlin, bonn = scopes("Berlin", "Bonn")
    key = stored(MAK | {"scope_id": bonn.pk})
    one = template(name="Everybody's", activation_key_id=key.pk)
    client = signed_in(person_in(berlin, "Revealer"))
    for kind in KINDS:
        text = _get(client, one, kind)
        assert "[key: see KeyPortal]" in text
        assert key.last_five not in text
        assert client.post(_at(one), _sent(kind)).status_code == 403


@pytest.mark.parametrize(
    ("typed", "named"),
    [
        ('"; filename=evil.exe', "filename-evil.exe"),
        ("../../etc/passwd", "etc-passwd"),
        ("Zweigstelle Köln", "Zweigstelle-K-ln"),
        ("<script>", "script"),
        ("=cmd|' /c calc'!A1", "cmd-c-calc-A1"),
        ("北京", "rollout"),
    ],
)
def test_what_people_typed_makes_no_other_name_of_a_file(
    as_viewer: Client, mak: ProductKey, typed: str, named: str
) -> None:
    one = template(name=typed, activation_key_id=mak.pk)
    answer = as_viewer.get(_at(one), {"as": "cmd"})
    assert answer["Content-Disposition"] == f'attachment; filename="{named}.cmd"'


@pytest.mark.parametrize("asked", ["nothing", "../cmd", "\0"])
def test_a_file_that_is_none_is_not_found(as_viewer: Client, both: RolloutTemplate, asked: str) -> None:
    assert as_viewer.get(_at(both), {"as": asked}).status_code == 404
    assert as_viewer.post(_at(both), {"file": asked}).status_code == 404


def test_the_page_costs_the_same_with_more_keys_in_the_portal(
    as_revealer: Client, both: RolloutTemplate, django_assert_max_num_queries: Any
) -> None:
    as_revealer.get(_at(both))
    with django_assert_max_num_queries(40) as few:
        as_revealer.get(_at(both))
    for number in range(8):
        stored(MAK | {"name": f"Branch {number}"})
        template(name=f"T{number}")
    with django_assert_max_num_queries(len(few.captured_queries)):
        as_revealer.get(_at(both))


def test_an_answer_file_that_is_exchanged_while_somebody_takes_it_is_not_broken(as_admin: Client) -> None:
    one = template(answer_file=BroughtFile("branch.xml", unattend(commands("first.cmd")).encode()))

    def exchange() -> None:
        same = RolloutTemplate.objects.get(pk=one.pk)
        values = TemplateValues.of(same, answer_file=BroughtFile("b.xml", unattend(commands("second.cmd")).encode()))
        rollout_templates.change(same, values, seen_version=same.version, origin=PORTAL)

    with just_before('FROM "productkeys_sealedsecret"', exchange):
        assert "second.cmd" in _get(as_admin, one, "answer-file")
