"""Finding one's way in the admin: the path above a page, the mark in the navigation tree, the names of filters."""

import re
from html import unescape

import pytest
from django.test import Client
from django.utils.html import strip_tags

from keyportal.people.models import User
from productkeys.models import TrailEntry
from tests.factories import stored

pytestmark = pytest.mark.django_db

KEYS = "/admin/productkeys/productkey/"


def _path(html: str) -> list[str]:
    """The steps of the path above the page, the last being its heading."""
    steps = re.search(r'<ol class="kp-crumbs">(.*?)</ol>', html, re.DOTALL)
    assert steps
    return [unescape(strip_tags(step)).strip() for step in re.findall(r"<li>(.*?)</li>", steps[1], re.DOTALL)]


def _marked(html: str) -> list[str]:
    """What is marked as current in the navigation tree."""
    tree = html.split('id="navigation"', 1)[1].split("</nav>", 1)[0]
    return [strip_tags(link).strip() for link in re.findall(r'<a [^>]*aria-current="\w+">(.*?)</a>', tree, re.DOTALL)]


def test_every_page_says_where_it_stands_in_the_same_order(as_admin: Client, manager: User) -> None:
    key = stored(name="Head office")
    paths = {
        "/admin/": ["Administration"],
        KEYS: ["Administration", "Product keys"],
        f"{KEYS}add/": ["Administration", "Product keys", "Add product key"],
        f"{KEYS}{key.pk}/change/": ["Administration", "Product keys", "Head office"],
        f"{KEYS}{key.pk}/history/": ["Administration", "Product keys", "Head office", "History"],
        f"{KEYS}{key.pk}/delete/": ["Administration", "Product keys", "Delete one key for good"],
        "/admin/productkeys/operatingsystem/windows-11/change/": ["Administration", "Operating systems", "Windows 11"],
        f"/admin/people/user/{manager.pk}/password/": [
            "Administration",
            "Users",
            "mara.manager",
            "Set password: mara.manager",
        ],
    }
    assert {address: _path(as_admin.get(address).content.decode()) for address in paths} == paths


def test_a_page_has_one_heading(as_admin: Client) -> None:
    for address in ("/admin/", KEYS, f"{KEYS}add/", "/admin/productkeys/", "/admin/people/user/add/"):
        assert as_admin.get(address).content.decode().count("<h1") == 1


@pytest.mark.parametrize(
    ("address", "marked"),
    [
        ("/admin/", "Django administration"),
        (KEYS, "Django administration"),
        ("/admin/auth/group/", "Django administration"),
        ("/admin/people/user/", "People"),
        ("/admin/people/user/add/", "People"),
        ("/admin/people/user/1/password/", "People"),
        ("/admin/productkeys/trailentry/", "Audit log"),
    ],
)
def test_the_tree_marks_the_part_of_the_admin_that_is_open(
    as_admin: Client, admin_user: User, address: str, marked: str
) -> None:
    answer = as_admin.get(address.replace("/1/", f"/{admin_user.pk}/"))
    assert _marked(answer.content.decode()) == [marked]


def test_an_entry_of_the_trail_belongs_to_the_audit_log(as_admin: Client) -> None:
    stored()
    entry = TrailEntry.objects.latest("id")
    answer = as_admin.get(f"/admin/productkeys/trailentry/{entry.pk}/change/")
    assert _marked(answer.content.decode()) == ["Audit log"]


def test_no_filter_is_not_called_like_an_architecture(as_admin: Client) -> None:
    html = as_admin.get(KEYS, headers={"accept-language": "de"}).content.decode()
    filters = html.split('id="changelist-filter"', 1)[1]
    assert ">Alle<" not in filters
    assert filters.count(">alle<") == 1
