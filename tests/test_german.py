"""The portal in German: no page mixes languages, and the words of the suite stand where its people look for them."""

import json
import re
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from keyportal.people.models import User
from productkeys.models import Import, Offering, ProductKey
from tests.factories import KMS_HOST, MAK, RETAIL, posted, stored
from tests.imports import bring, checked_import, csv_of, row
from tests.made_up_keys import made_up_key
from tests.reading import english_in, texts_of
from tests.swept_pages import pages_of_answer_files
from tests.test_read_an_image import DISM_GERMAN
from tests.wizard import WINDOWS_11_ENTERPRISE, Wizard

PATHS = [
    "/product-keys/",
    "/product-keys/?facet=stock&type=mak&sort=-stock",
    "/product-keys/?facet=usage&q=Zentrale",
    "/product-keys/?type=oem",
    "/product-keys/?status=archived",
    "/product-keys/?nonsense=1",
    "/product-keys/add/",
    "/operating-systems/",
    "/images/",
    "/match/",
    "/match/?image=26100&edition=Professional&architecture=x64&purpose=activation",
    "/match/?image=20348&edition=ServerStandardEval&installation=Server",
    "/match/?image=18363&installation=Server+Core&purpose=activation",
    "/match/?image=nonsense&edition=?",
    "/agreements/",
    "/agreements/add/",
    "/answer-files/",
    "/rollout-templates/",
    "/rollout-templates/add/",
    "/imports/",
    "/imports/new/",
    "/switch-to-kms/",
    "/switch-to-kms/?system=windows-11&edition=Professional",
    "/switch-to-kms/?system=windows-server-2022",
    "/switch-to-kms/mak/?system=windows-11&edition=Enterprise",
    "/switch-to-kms/edition/?system=windows-server-2022&change=ServerStandardEval-ServerStandard",
    "/switch-to-kms/errors/?code=c004f074",
    "/switch-to-kms/hosts/?group=windows-server-2022",
    "/identify/",
    "/audit-log/",
    "/audit-log/?kind=x&since=2026-03-04&until=2026-03-03&person=niemand",
    "/handbook/rules/",
    "/people/preferences/",
    "/accounts/password/change/",
    "/accounts/logout/",
    "/nowhere/",
    "/admin/",
    "/admin/productkeys/productkey/",
    "/admin/productkeys/productkey/add/",
    "/admin/productkeys/operatingsystem/windows-11/change/",
    "/admin/productkeys/rollouttemplate/",
    "/admin/productkeys/trailentry/",
    "/admin/people/user/",
    "/admin/people/user/add/",
    "/admin/auth/group/add/",
]


@pytest.fixture
def german(as_admin: Client) -> Client:
    """An administrator whose browser asks for German."""
    as_admin.defaults["HTTP_ACCEPT_LANGUAGE"] = "de-DE,de;q=0.9,en;q=0.5"
    return as_admin


@pytest.fixture
def key(admin_user: User) -> ProductKey:
    return stored(MAK, name="Zentrale", comment="", quantity=1500, in_use=1480, by=admin_user)


def _read(client: Client, path: str) -> str:
    response = client.get(path, follow=True)
    assert response["Content-Language"] == "de"
    return response.content.decode()


@pytest.mark.parametrize("path", PATHS)
def test_a_page_holds_no_english(german: Client, key: ProductKey, path: str) -> None:
    assert english_in(_read(german, path)) == []


@pytest.mark.parametrize("text", [DISM_GERMAN, "Index: 1\nName: Windows Server 2022 Standard", "Index: 1", "Fehler: 2"])
def test_a_page_of_images_holds_no_english(german: Client, key: ProductKey, text: str) -> None:
    assert english_in(german.post("/images/", {"text": text}).content.decode()) == []


def test_the_pages_of_answer_files_hold_no_english(german: Client, admin_user: User) -> None:
    for path in pages_of_answer_files(admin_user):
        assert english_in(_read(german, path)) == []


@pytest.mark.parametrize("verb", ["detail", "edit", "duplicate", "archive", "compromised", "delete"])
@pytest.mark.parametrize("values", [MAK, KMS_HOST, RETAIL], ids=["mak", "kms host", "retail"])
def test_a_page_about_one_key_holds_no_english(
    german: Client, admin_user: User, values: dict[str, Any], verb: str
) -> None:
    key = stored(values, name="Zentrale", comment="", in_use=1, by=admin_user)
    assert english_in(_read(german, reverse(f"productkeys:{verb}", args=[key.pk]))) == []


def test_the_pages_of_an_import_hold_no_english(german: Client, key: ProductKey) -> None:
    rows = [row(), row(Type="Sammellizenz"), row(Product_key=key.code.open()), row(Quantity="x")]
    english = b"Name;Product key;Type;Product;Architecture;Quantity"
    file = csv_of(rows).replace(english, b"Name;Seriennummer;Typ;Produkt;CPU;Menge").replace(b"Branch Kiel", b"Filiale")
    bring(german, file, name="liste.csv")
    imp = checked_import(Import.objects.get())
    for below in ("", "rows/1/", "rows/3/"):
        assert english_in(_read(german, f"/imports/{imp.pk}/{below}")) == []
    for act, below in (("start", ""), ("", ""), ("", "undo/"), ("undo", ""), ("", "")):
        if act:
            german.post(f"/imports/{imp.pk}/{act}/", {"mode": "good-rows"})
        else:
            checked_import(Import.objects.get())
        assert english_in(_read(german, f"/imports/{imp.pk}/{below}")) == []


@pytest.mark.parametrize("page", ["change", "history"])
@pytest.mark.parametrize("name", ["productkeys_productkey", "people_user"])
def test_a_form_of_the_admin_holds_no_english(german: Client, key: ProductKey, name: str, page: str) -> None:
    thing = key if name.startswith("productkeys") else User.objects.get(username="admin")
    assert english_in(_read(german, reverse(f"admin:{name}_{page}", args=[thing.pk]))) == []


@pytest.mark.parametrize("act", ["edit", "archive", "compromise", "delete"])
def test_acting_on_several_keys_holds_no_english(german: Client, key: ProductKey, act: str) -> None:
    ticked = {"do": act, "step": "preview", "key": [f"{key.pk}:{key.version}"], "architecture": "arm64"}
    response = german.post(reverse("productkeys:bulk"), ticked)
    assert response.status_code == 200
    assert english_in(response.content.decode()) == []


def test_a_revealed_key_is_explained_in_german(german: Client, key: ProductKey) -> None:
    answer = german.post(reverse("productkeys:reveal", args=[key.pk]), {"reason": "device", "note": "INC-20418"})
    page = answer.content.decode()
    assert "Jetzt verbergen" in page
    assert "Begründung: Gerät ersetzt, INC-20418." in page
    assert english_in(page) == []


def test_a_conflict_is_explained_in_german(german: Client, key: ProductKey) -> None:
    address = reverse("productkeys:edit", args=[key.pk])
    german.post(address, posted(key, name="Zentrale, neu"))
    answer = german.post(address, posted(key, quantity=2000))
    assert answer.status_code == 409
    assert english_in(answer.content.decode()) == []


@pytest.mark.parametrize("text", [made_up_key(5), "W269N-WFGWX-YVC9B-4J6C9-T83GY", "W269N-WFGWX-YVC9B-4J6C9-T83G0"])
def test_a_key_that_is_not_found_is_explained_in_german(german: Client, text: str) -> None:
    answer = german.post(reverse("productkeys:search"), {"q": text}, follow=True)
    assert english_in(answer.content.decode()) == []


@pytest.mark.parametrize(
    ("address", "status"), [("/product-keys/1/edit/", 403), ("/nowhere/", 404), (f"/?q={made_up_key(5)}", 400)]
)
def test_a_refused_page_holds_no_english(as_viewer: Client, address: str, status: int) -> None:
    answer = as_viewer.get(address, headers={"accept-language": "de"})
    assert answer.status_code == status
    assert english_in(answer.content.decode()) == []


def test_signing_in_holds_no_english(client: Client, db: None) -> None:
    client.defaults["HTTP_ACCEPT_LANGUAGE"] = "de"
    login = reverse("account_login")
    assert english_in(_read(client, login)) == []
    answer = client.post(login, {"login": "mara", "password": "wrong"}).content.decode()
    assert "Benutzername oder Kennwort stimmt nicht." in answer
    assert english_in(answer) == []


def test_the_list_says_the_words_of_the_suite(german: Client, key: ProductKey) -> None:
    page = " ".join(texts_of(_read(german, f"/product-keys/?facet=stock&open={key.pk}")))
    for words in (
        "OS Deployment Windows Deployment Produktschlüssel",
        "Hinzufügen Bearbeiten Duplizieren Archivieren Anzeigen",
        "Typ Name und Schlüssel Betriebssystem Edition Arch. Wird benutzt für Verbraucht / Menge",
        "Aktiv",
        "Archiv",
        "Verfügbarkeit",
        "Kein Kontingent",
        "20 frei",
    ):
        assert words in page


def test_figures_and_dates_are_written_in_german(german: Client, key: ProductKey) -> None:
    assert "1.480 / 1.500" in _read(german, "/product-keys/?type=mak")
    detail = " ".join(texts_of(_read(german, key.get_absolute_url())))
    assert "von 1.500 frei" in detail
    assert re.search(r"Angelegt \d\d\.\d\d\.\d{4}, admin", detail)


def test_a_key_bought_singly_is_assigned_and_not_used_up(german: Client, admin_user: User) -> None:
    single = stored(RETAIL, quantity=3, in_use=2, by=admin_user)
    assert "2 zugewiesen, wie das Portal gezählt hat." in _read(german, single.get_absolute_url())


def test_the_wizard_is_walked_by_the_buttons_of_the_suite(german: Client) -> None:
    wizard = Wizard(german)
    assert "Weiter" in wizard.text
    wizard.describe("mak", name="Zentrale")
    texts = " ".join(texts_of(wizard.text))
    for words in ("Zurück", "Fertig", "Schritt 2 von 2", "Wird benutzt für", "Menge", "Architektur", "Antwortdatei"):
        assert words in texts
    assert "Ein MAK kann nur für die Aktivierung benutzt werden." in texts
    assert "Wird er für die Installation benutzt, schlägt der Rollout fehl." in texts

    wizard.send(code=made_up_key(1), quantity="1", **WINDOWS_11_ENTERPRISE)

    (message,) = wizard.page.context["messages"]
    assert str(message) == f"„Zentrale“ ist gespeichert. Der Schlüssel endet auf {made_up_key(1)[-5:]}."


REFUSALS = {
    "a MAK for installation": (
        {"usage": "installation"},
        "Ein MAK kann nur für die Aktivierung benutzt werden.",
        "Wählen Sie „Aktivierung“: Wird ein MAK für die Installation benutzt, schlägt der Rollout fehl.",
    ),
    "no quantity": (
        {"quantity": ""},
        "Ein Schlüssel vom Typ MAK braucht eine Menge von mindestens 1.",
        "Wie viele Aktivierungen der Schlüssel hat, zeigen das Microsoft 365 Admin Center oder VAMT.",
    ),
    "a GVLK": (
        {"code": "33PXH-7Y6KF-2VJC9-XBBR8-HVTHH"},
        "Das ist kein Schlüssel vom Typ MAK, sondern der veröffentlichte GVLK-Schlüssel von Windows 7 Enterprise.",
        "Er ist schon im Portal: Nehmen Sie diesen Eintrag, und tragen Sie hier den gekauften Schlüssel ein.",
    ),
    "a typing error": (
        {"code": "W269N-WFGWX-YVC9B-4J6C9-T83GY"},
        "Möglicher Tippfehler: Die Prüfziffern passen nicht zum Schlüssel.",
        (
            "Vergleichen Sie ihn mit dem Original und berichtigen Sie ihn, oder bestätigen Sie, "
            "dass er genau wie ausgegeben eingetragen ist."
        ),
    ),
    "a character that no key has": (
        {"code": "W269N-WFGWX-YVC9B-4J6C9-T83G0"},
        "„0“ kommt in Produktschlüsseln nicht vor (Stelle 25 von 25). Wahrscheinlich gemeint: Q, D, 8.",
        "Produktschlüssel bestehen aus den Buchstaben BCDFGHJKMNPQRTVWXY und den Ziffern 2346789.",
    ),
}


@pytest.mark.parametrize(("changes", "wrong", "advice"), REFUSALS.values(), ids=REFUSALS)
def test_a_refusal_says_in_german_what_is_wrong_and_what_to_do(
    german: Client, changes: dict[str, str], wrong: str, advice: str
) -> None:
    wizard = Wizard(german).describe("mak", name="Zentrale")
    good = {"code": made_up_key(1), "quantity": "25", "usage": "activation"} | WINDOWS_11_ENTERPRISE
    wizard.send(**good | changes)
    (field,) = changes
    assert wizard.errors[field] == [f"{wrong} {advice}"]


def test_editions_have_german_names(german: Client) -> None:
    wizard = Wizard(german).describe("mak").send(do="update", operating_system="windows-11")
    assert "Enterprise (mehrere Sitzungen)" in wizard.text
    assert not Offering.objects.filter(label_de="").exists()


def test_the_texts_follow_the_browser_and_then_the_person(german: Client, admin_user: User) -> None:
    assert "<h1>Produktschlüssel</h1>" in _read(german, "/product-keys/")
    german.post(reverse("people:language"), {"language": "en", "next": "/product-keys/"})
    assert "<h1>Product keys</h1>" in german.get("/product-keys/").content.decode()


def test_the_words_of_the_admin_scripts_are_german(german: Client) -> None:
    catalogue = json.loads(german.get("/admin/jsi18n/").content.decode().split("newcatalog = ")[1].split(";\n")[0])
    assert catalogue["Choose all %s"] == "Alle auswählen: %s"
