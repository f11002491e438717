"""The page that says which key fits an image, why, why the others do not, and when none is needed."""

import re

import pytest
from django.test import Client
from django.urls import reverse
from pytest_django import DjangoAssertNumQueries

from productkeys.domain.choices import Status
from productkeys.models import ProductKey
from productkeys.services import keys as key_services
from productkeys.services.origin import PORTAL
from tests.factories import KMS_HOST, MAK, RETAIL, stored
from tests.scoped import person_in, scopes, signed_in

pytestmark = pytest.mark.django_db

ADDRESS = reverse("productkeys:match")
ENTERPRISE = {"image": "10.0.26100.2033", "edition": "Enterprise", "architecture": "x64", "installation": "Client"}


def page(client: Client, **asked: str) -> str:
    answer = client.get(ADDRESS, asked)
    assert answer.status_code == 200
    assert "no-store" in answer["Cache-Control"]
    return " ".join(answer.content.decode().split())


def headline(html: str) -> str:
    found = re.search(r'<h2 id="answer">(.*?)</h2>', html)
    assert found is not None
    return found[1]


def group(html: str, title: str) -> str:
    """The part of the page from the title of a group to the next one."""
    assert title in html
    return re.split(r"<h3|<details|<section", html.split(title)[1])[0]


def test_it_asks_what_the_image_is(as_viewer: Client) -> None:
    html = page(as_viewer)

    assert "Which key belongs into this rollout?" in html
    assert '<option value="Windows 11, version 24H2">' in html
    assert "kp-summary" not in html


def test_the_gvlk_comes_first_whole_with_a_button_that_copies_it(as_viewer: Client) -> None:
    html = page(as_viewer, **ENTERPRISE)

    assert headline(html) == "One key fits: take …2YT43."
    assert "Windows 11, Enterprise, build 26100, x64, client" in html
    fitting = group(html, "One key fits</h3>")
    assert 'data-copy="NPPR9-FWDCX-D2C8J-H872K-2YT43"' in fitting
    assert "Made for Windows 11 / Windows 10 in the edition Enterprise, which the image is." in fitting
    assert "reference data: releases and editions" in fitting
    gvlk = ProductKey.objects.get(last_five="2YT43")
    assert f'href="{gvlk.get_absolute_url()}"' in fitting


def test_a_mak_fits_after_it_for_activation_masked_and_with_what_is_left(as_viewer: Client) -> None:
    key = stored(MAK, in_use=487)
    html = page(as_viewer, **ENTERPRISE, purpose="activation")

    assert headline(html) == "2 keys fit; take …2YT43."
    fitting = group(html, "2 keys fit</h3>")
    assert fitting.index("2YT43") < fitting.index(key.last_five)
    assert "13 left" in fitting
    assert "GVLK" in fitting
    assert key.code.open() not in html


def test_the_others_say_why_they_do_not_fit(as_viewer: Client) -> None:
    stored(MAK)
    stored(KMS_HOST)
    used_up = stored(MAK, name="Used up", quantity=7, in_use=7)

    installing = page(as_viewer, **ENTERPRISE)
    folded = group(installing, "do not fit")
    assert "A MAK can be used for activation only." in folded
    activating = page(as_viewer, **ENTERPRISE, purpose="activation")
    assert "No activations left." in activating
    assert used_up.name in activating
    assert "Source:" in folded


def test_a_used_up_retail_key_says_so_where_somebody_looks_for_one_to_install_with(as_viewer: Client) -> None:
    stored(RETAIL, name="Front desk, used up", in_use=1)

    folded = group(page(as_viewer, image="26100", edition="Professional"), "do not fit")

    assert "No activations left." in folded[folded.index("Front desk, used up") :]


def test_very_many_that_do_not_fit_are_counted_and_the_first_shown(as_viewer: Client) -> None:
    html = page(as_viewer, **ENTERPRISE)

    folded = group(html, "96 keys do not fit")
    assert folded.count('class="kp-fit__row"') == 25
    assert "71 more keys are not shown." in folded
    assert f'href="{reverse("productkeys:list")}?os=windows-11"' in folded


def test_a_missing_edition_only_makes_it_less_certain(as_viewer: Client) -> None:
    html = page(as_viewer, image="Windows 11 24H2")

    assert "That excludes no key, it only makes the answer less certain." in html
    assert headline(html).startswith("No key fits for certain;")
    assert "Captured images may have none: compare the edition with the machine it was taken from." in html


@pytest.mark.parametrize(
    ("image", "best"),
    [
        ("26100", "2YT43"),
        ("10.0.26100", "2YT43"),
        ("Windows 11 24H2", "2YT43"),
        ("win 10 22h2", "2YT43"),
        ("windows-11", "2YT43"),
        ("Windows 11 Pro", "T83GX"),
        ("Version 24H2 (Build 26100.2033)", "2YT43"),  # winver
        ("Microsoft Windows [Version 10.0.26100.2033]", "2YT43"),  # ver
        ("Windows 10 Pro, Build 19045", "T83GX"),
    ],
)
def test_an_image_is_named_as_people_do(as_viewer: Client, image: str, best: str) -> None:
    edition = {} if "Pro" in image else {"edition": "Enterprise"}
    assert f"take …{best}" in page(as_viewer, image=image, architecture="x64", **edition)


@pytest.mark.parametrize(
    ("image", "best"),
    [
        ("server2019 Standard", "J464C"),
        ("Win2019 Standard", "J464C"),
        ("Windows 2022 Datacenter", "6VM33"),
        ("Windows Server 2012R2 Standard", "MDVJX"),
        ("Windows Server 2008R2 Standard", "R7VHC"),
    ],
)
def test_a_server_is_named_without_blanks_and_without_its_family(as_viewer: Client, image: str, best: str) -> None:
    assert f"take …{best}" in page(as_viewer, image=image, architecture="x64")


def test_when_no_key_is_needed_stands_beside_the_keys(as_viewer: Client) -> None:
    html = page(as_viewer, **ENTERPRISE)

    assert "It may do without a key.</b> A rollout works without a key" in html
    without = html.split('id="without-key"')[1]
    assert "This edition comes on volume media, which are KMS clients already" in without
    assert "None of this is certain" in without


def test_an_evaluation_needs_none(as_viewer: Client) -> None:
    html = page(as_viewer, image="20348", edition="ServerStandardEval", installation="Server")

    assert headline(html) == "No key fits, and none is needed to install."
    assert "Windows Server 2022, Standard, evaluation, build 20348, server with desktop" in html
    assert "An evaluation runs without a key until its time is up." in html


def test_an_edition_that_nobody_knows_yet_is_taken_from_the_address(as_viewer: Client) -> None:
    html = page(as_viewer, image="26100", edition="ProfessionalNext")
    assert '<option value="ProfessionalNext" selected>' in html


@pytest.mark.parametrize(
    ("asked", "text"),
    [
        ({"image": "Debian 13"}, "This names no operating system and no build."),
        ({"image": ""}, "Say what the image is: its operating system, its build, or at least its edition."),
        ({"image": "26100", "edition": "Pro & more"}, "This is no EditionID."),
        ({"image": "26100", "architecture": "any"}, "Select a valid choice"),
        ({"image": "26100", "purpose": "installation_and_activation"}, "Select a valid choice"),
        ({"image": "x" * 200}, "at most 120 characters"),
    ],
)
def test_what_is_not_understood_is_said_beside_the_field(as_viewer: Client, asked: dict[str, str], text: str) -> None:
    html = page(as_viewer, **asked)
    assert text in html
    assert 'role="alert"' in html
    assert 'id="answer"' not in html


def test_a_product_key_is_refused_in_the_address(as_viewer: Client) -> None:
    code = stored(MAK).code.open()
    answer = as_viewer.get(ADDRESS, {"image": code})
    assert answer.status_code == 400
    assert code not in answer.content.decode()


def test_keys_of_another_scope_are_not_there() -> None:
    berlin, cologne = scopes("Berlin", "Cologne")
    key = stored(MAK, name="Zaunkönig", scope_id=berlin.pk)
    asked = {**ENTERPRISE, "purpose": "activation"}

    assert key.name in page(signed_in(person_in(berlin, "Viewer")), **asked)
    assert key.name not in page(signed_in(person_in(cologne, "Viewer")), **asked)


def test_an_archived_key_does_not_fit(as_viewer: Client) -> None:
    key = stored(MAK, name="Old one")
    key_services.set_status(key, Status.ARCHIVED, seen_version=1, origin=PORTAL)
    assert "This key is archived." in page(as_viewer, **ENTERPRISE, purpose="activation")


def test_more_keys_cost_no_more_queries(
    as_viewer: Client,
    django_assert_num_queries: DjangoAssertNumQueries,
    django_assert_max_num_queries: DjangoAssertNumQueries,
) -> None:
    asked = {**ENTERPRISE, "purpose": "activation"}
    with django_assert_max_num_queries(9) as before:
        page(as_viewer, **asked)
    for number in range(40):
        stored(MAK, name=f"MAK {number}", quantity=number + 1)
    with django_assert_num_queries(len(before)):
        page(as_viewer, **asked)
