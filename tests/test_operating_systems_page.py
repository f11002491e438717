"""The operating systems as a page to read: editions, versions, support dates, and where each fact comes from."""

import datetime as dt
import re

import pytest
import time_machine
from django.test import Client
from django.urls import reverse
from pytest_django import DjangoAssertNumQueries

from keyportal.people.models import User
from productkeys.models import OperatingSystem, Release

ADDRESS = reverse("productkeys:operating-systems")


def _part(client: Client, slug: str) -> str:
    """What the page says about one operating system."""
    page = " ".join(client.get(ADDRESS).content.decode().split())
    found = re.search(rf'<div class="kp-systems__body" id="{slug}">(.*?)</details>', page)
    assert found
    return found[1]


def test_everybody_who_is_signed_in_reads_it(db: None) -> None:
    stranger = Client()
    stranger.force_login(User.objects.create_user("stranger"))
    page = stranger.get(ADDRESS).content.decode()
    for name in OperatingSystem.objects.values_list("name", flat=True):
        assert f"<b>{name}</b>" in page
    assert "Keys usable for it" not in page


def test_clients_come_before_servers(as_viewer: Client) -> None:
    page = as_viewer.get(ADDRESS).content.decode()
    assert page.index("Windows client") < page.index("<b>Windows Vista</b>") < page.index("<b>Windows Server 2025</b>")


def test_each_edition_has_its_label_its_id_and_how_sure_that_is(as_viewer: Client) -> None:
    part = _part(as_viewer, "windows-11")
    assert "<td>Pro</td><td><code>Professional</code></td><td>x64, ARM64</td><td>certain <sup>" in part
    assert "Microsoft Learn: KMS client activation keys, 2025-06-25" in part


def test_the_same_edition_has_another_label_on_another_system(as_viewer: Client) -> None:
    assert "LTSB 2015" in _part(as_viewer, "windows-10-enterprise-ltsb-2015")
    assert "EnterpriseS" in _part(as_viewer, "windows-10-enterprise-ltsb-2015")


@time_machine.travel(dt.datetime(2026, 11, 24, 12, tzinfo=dt.UTC))
def test_each_version_has_its_build_and_its_ends_of_support(as_viewer: Client) -> None:
    part = _part(as_viewer, "windows-11")
    row = next(row for row in part.split("<tr>") if "24H2" in row)
    assert "26100" in row
    assert re.search(r'is-over"><dt>Home and Pro</dt> ?<dd class="kp-num">13 Oct 2026', row)
    assert re.search(r'<div><dt>Enterprise and Education</dt> ?<dd class="kp-num">12 Oct 2027', row)


def test_a_joined_product_has_no_dates_of_its_own_but_leads_to_its_members(as_viewer: Client) -> None:
    part = _part(as_viewer, "windows-11-windows-10")
    assert 'href="#windows-11"' in part
    assert 'href="#windows-10"' in part
    assert "End of support" not in part


def test_it_leads_to_the_keys_that_are_usable(as_viewer: Client) -> None:
    assert f'href="{reverse("productkeys:list")}?os=windows-7"' in _part(as_viewer, "windows-7")


def test_each_system_leads_to_the_question_which_key_fits_it(as_viewer: Client) -> None:
    addresses = re.findall(r'href="(/match/\?image=[^"]*)"', as_viewer.get(ADDRESS).content.decode())
    assert len(addresses) == OperatingSystem.objects.count()
    for address in addresses:
        assert 'id="answer"' in as_viewer.get(address).content.decode(), address


def test_only_who_may_edit_is_led_to_the_administration(as_viewer: Client, as_admin: Client) -> None:
    assert "Edit in the administration" not in as_viewer.get(ADDRESS).content.decode()
    assert "Edit in the administration" in as_admin.get(ADDRESS).content.decode()


def test_more_data_costs_no_more_queries(as_viewer: Client, django_assert_num_queries: DjangoAssertNumQueries) -> None:
    as_viewer.get(ADDRESS)
    for build in range(1, 30):
        Release.objects.create(
            slug=f"test-{build}",
            operating_system_id="windows-11",
            name=f"Test {build}",
            first_build=build,
            last_build=build + 1,
            architectures=["x64"],
        )
    with django_assert_num_queries(6):
        assert "1 – 2" in as_viewer.get(ADDRESS).content.decode()


@pytest.mark.parametrize("method", ["post", "put", "delete"])
def test_it_is_for_reading_only(as_admin: Client, method: str) -> None:
    assert getattr(as_admin, method)(ADDRESS).status_code == 405
