"""What a page of the list holds, read from its HTML as a person would read it."""

import re
from html import unescape
from typing import Any

from django.test import Client
from django.urls import reverse


def page(client: Client, address: str = "", **parameters: Any) -> str:
    """The HTML of the list for these parameters, which answers 200."""
    response = client.get(reverse("productkeys:list") + address, parameters or None)
    assert response.status_code == 200
    return " ".join(response.content.decode().split())


def names(html: str) -> list[str]:
    """The names of the rows, from top to bottom."""
    return [unescape(name) for name in re.findall(r'<a class="kp-name"[^>]*>([^<]*)</a>', html)]


def link(html: str, label: str) -> str:
    """Where the link with this text or label leads."""
    pattern = (
        rf'<a [^>]*?href="([^"]*)"[^>]*?(?:aria-label="{re.escape(label)}"[^>]*>|>(?:<[^>]*>)*\s*{re.escape(label)})'
    )
    found = re.search(pattern, html)
    assert found, f"no link {label!r}"
    return unescape(found[1])


def choices(html: str) -> dict[str, str]:
    """The choices of the open filter and what stands beside them as a count."""
    menu = html[html.index('class="kp-facet__choices"') :]
    menu = menu[: menu.index("</form>")]
    return {
        unescape(label).strip(): number
        for label, number in re.findall(r'type="checkbox"[^>]*>([^<]*)(?:<span class="n">(\d+)</span>)?', menu)
    }
