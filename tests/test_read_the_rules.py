"""The handbook's list of rules is made from the rules: none is missing, each with its source."""

from django.test import Client
from django.urls import reverse
from django.utils.html import escape

from productkeys.domain.rulebook import KEY_FORMAT_RULES, RULES


def test_every_rule_is_listed_with_what_to_do_and_its_source(as_viewer: Client) -> None:
    page = as_viewer.get(reverse("productkeys:rules")).content.decode()
    for rule in [*RULES, *KEY_FORMAT_RULES.values()]:
        message, advice = rule.in_general
        for text in (message, advice, rule.source):
            assert escape(text) in page, rule.code


def test_it_needs_a_sign_in(client: Client) -> None:
    assert client.get(reverse("productkeys:rules")).status_code == 302
