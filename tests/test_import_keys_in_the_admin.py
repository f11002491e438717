"""Django's admin leads to the import of the workspace: one way in, with one preview and one set of rules."""

import pytest
from django.test import Client
from django.urls import reverse

from keyportal.people.models import User
from tests.admin_keys import LIST
from tests.scoped import signed_in

WAY = f'<a href="{reverse("productkeys:imports")}">Import</a>'
pytestmark = pytest.mark.django_db


def test_the_list_leads_to_the_import(as_manager: Client) -> None:
    assert WAY in as_manager.get(LIST).content.decode()
    assert as_manager.get(reverse("productkeys:imports")).status_code == 200


def test_who_may_add_no_key_is_not_led_there(viewer: User) -> None:
    User.objects.filter(pk=viewer.pk).update(is_staff=True)
    html = signed_in(viewer).get(LIST).content.decode()
    assert ">Export</a>" in html
    assert WAY not in html
