"""The handbook's list of rules is made from the rules: none is missing, each with its source."""

from django.test import Client
from django.urls import reverse
from django.utils.html import escape

from productkeys.domain.rulebook import KEY_FORMAT_RULES, RULES
from productkeys.models import Scope
from productkeys.views.handbook import IN_GENERAL


def test_every_rule_is_listed_with_what_to_do_and_its_source(as_viewer: Client) -> None:
    for name in ("Berlin", "Bonn"):  # without, the page says nothing of scopes
        Scope.objects.create(name=name)
    page = as_viewer.get(reverse("productkeys:rules")).content.decode()
    for rule in [*RULES, *KEY_FORMAT_RULES.values()]:
        message, advice = rule.told(IN_GENERAL)
        for text in (message, advice, rule.source):
            assert escape(text) in page, rule.code


def test_a_rule_names_what_its_sentence_speaks_of(as_viewer: Client) -> None:
    page = as_viewer.get(reverse("productkeys:rules")).content.decode()
    assert "[operating system] never had the edition [edition]." in page
    assert "The quantity is below the [number] that are in use already." in page
    assert "…" not in page.split('id="content"', 1)[1]


def test_the_source_is_a_title_in_english_or_in_the_readers_words(as_viewer: Client) -> None:
    page = as_viewer.get(reverse("productkeys:rules"), headers={"accept-language": "de"}).content.decode()
    assert '<span lang="en">Microsoft Learn: OEM licensing channels</span>' in page
    assert '<span lang="en">Format and check digits' not in page


def test_it_needs_a_sign_in(client: Client) -> None:
    assert client.get(reverse("productkeys:rules")).status_code == 302
