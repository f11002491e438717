"""An unknown key in a deployment file becomes one of the portal: the wizard knows what the file tells."""

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from productkeys.models import ProductKey
from tests.answer_files import activating, installing, installs_from, unattend
from tests.canary import pieces_of
from tests.factories import stored
from tests.made_up_keys import made_up_key
from tests.typed_keys import PRO

pytestmark = pytest.mark.django_db

KEY = made_up_key(4321)
FILE = unattend(
    installing(PRO, after=installs_from("/IMAGE/NAME", "Windows 11 Enterprise")), activating(KEY, before="<!-- MAK -->")
)


def _brought(client: Client, text: str = FILE) -> str:
    return str(client.post("/answer-files/", {"file": SimpleUploadedFile("branch.xml", text.encode())})["Location"])


def test_the_page_offers_to_add_what_the_portal_does_not_know(as_manager: Client) -> None:
    page = as_manager.get(_brought(as_manager)).content.decode()
    assert f"Add the key …{KEY[-5:]} to the portal" in page
    assert "Add the key …T83GX to the portal" not in page


def test_who_may_not_add_keys_is_not_offered_it(as_viewer: Client) -> None:
    page = as_viewer.get(_brought(as_viewer)).content.decode()
    assert "not in the portal" in page
    assert "to the portal" not in page


def test_the_wizard_begins_with_all_that_the_file_tells(as_manager: Client) -> None:
    address = _brought(as_manager)
    answer = as_manager.post(f"{address}add-key/", {"key": "1"}, follow=True)
    (target, _status) = answer.redirect_chain[-1]
    general = answer.context["form"].initial
    assert general == {"key_type": "mak", "name": "Windows 11, Enterprise", "comment": "Found in branch.xml."}
    second = as_manager.get(target.replace("general", "key"))
    filled = second.context["form"].initial
    assert {"operating_system": "windows-11", "edition": "Enterprise", "architecture": "x64"}.items() <= filled.items()
    assert filled["usage"] == "activation"
    for page in (target, answer.content.decode(), second.content.decode()):
        assert not [piece for piece in pieces_of(KEY) if piece in page.encode()]


def test_the_key_is_stored_at_the_end(as_manager: Client) -> None:
    answer = as_manager.post(f"{_brought(as_manager)}add-key/", {"key": "1"}, follow=True)
    target = answer.redirect_chain[-1][0]
    flow = target.partition("flow=")[2].partition("&")[0]
    second = as_manager.get(target.replace("general", "key"))
    prefix = second.context["wizard"]["management_form"].prefix
    values = second.context["form"].initial | {"quantity": "10", "code": "", "typing_confirmed": "1"}
    posted = {f"key-{name}": value for name, value in values.items()}
    as_manager.post("/product-keys/add/", posted | {"flow": flow, f"{prefix}-current_step": "key"}, follow=True)
    assert ProductKey.objects.get(name="Windows 11, Enterprise").code.open() == KEY


def test_a_key_that_the_portal_knows_leads_to_its_page(as_manager: Client) -> None:
    known = stored()
    address = _brought(as_manager, unattend(activating(known.code.open())))
    assert as_manager.post(f"{address}add-key/", {"key": "0"})["Location"] == known.get_absolute_url()


@pytest.mark.parametrize("number", ["", "7", "-1", "x", "\u0663", "9" * 40])
def test_a_number_that_is_none_of_the_file_is_not_there(as_manager: Client, number: str) -> None:
    assert as_manager.post(f"{_brought(as_manager)}add-key/", {"key": number}).status_code == 404
