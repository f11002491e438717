"""The pages that are measured: each a function that asks once and returns the seconds it took."""

import re
from collections.abc import Callable
from html import unescape
from itertools import count

from benchmarks.server import Visitor, hidden_fields
from productkeys.listing.paging import COUNTED
from productkeys.models import ProductKey
from tests.made_up_keys import made_up_key

LIST = "/product-keys/"
ADD = "/product-keys/add/"
_seeds = count(10_000_000)

Ask = Callable[[], float]


def pages(visitor: Visitor, *, floor: Visitor) -> dict[str, Ask]:
    """What `visitor` measures in the house that is there, after the floor, which has a visitor of its own."""
    size = ProductKey.objects.count()
    some = ProductKey.objects.filter(published=False)[size // 2]
    last_page = min(size, COUNTED) // 50
    addresses = {
        "list": LIST,
        "list, a key opened": f"{LIST}?page=1&open={some.pk}",
        "filtered: MAK, Windows 11": f"{LIST}?type=mak&os=windows-11",
        "filtered: short, x64": f"{LIST}?stock=short&architecture=x64",
        "filter opened and counted": f"{LIST}?type=retail&facet=os",
        "search: common": f"{LIST}?q=plant",
        "search: rare": f"{LIST}?q={some.name.replace(' ', '+')}",
        "search: last five": f"{LIST}?q={some.last_five}",
        "sorted by stock": f"{LIST}?sort=-stock",
        f"page {last_page}": f"{LIST}?page={last_page}",
        **_behind_the_pages(visitor, last_page),
        "detail": f"{LIST}{some.pk}/",
        "admin list": "/admin/productkeys/productkey/",
    }
    return {
        "floor": _get(floor, "/floor/"),
        **{name: _get(visitor, address) for name, address in addresses.items()},
    }


def changes(visitor: Visitor, *, floor: Visitor) -> dict[str, Ask]:
    """What changes the house, and the list that shows it first: apart from `pages`, which look at a house at rest."""
    return {
        "floor": _get(floor, "/floor/"),
        "add: store it": lambda: _add(visitor),
        "list, right after": _get(visitor, LIST),
    }


def _get(visitor: Visitor, address: str) -> Ask:
    def ask() -> float:
        status, _page, seconds = visitor.get(address)
        assert status == 200, f"{address} answers {status}"
        return seconds

    return ask


def _behind_the_pages(visitor: Visitor, last_page: int) -> dict[str, str]:
    _status, page, _seconds = visitor.get(f"{LIST}?page={last_page}")
    onward = re.search(r'href="(\?after=[^"]+)"', page)
    return {"behind the pages": LIST + unescape(onward[1])} if onward else {}


def _add(visitor: Visitor) -> float:
    """Walk the wizard; the last step is the one that counts: it checks, seals and stores the key."""
    status, _page, seconds = visitor.post(ADD, last_step(visitor, made_up_key(next(_seeds))))
    assert status == 302, f"the wizard answers {status}"
    # The trail is sealed once the answer is out: whoever is measured next must not share the worker with that.
    visitor.get(ADD)
    return seconds


def last_step(visitor: Visitor, code: str) -> dict[str, str]:
    """Walk the wizard to its second page; returns what that page sends for a MAK with this `code`."""
    _status, page, _seconds = visitor.get(ADD)
    general = {"general-name": "Benchmark", "general-key_type": "mak", "general-comment": ""}
    status, page, _seconds = visitor.post(ADD, hidden_fields(page, "wizard") | general)
    if status == 302:
        _status, page, _seconds = visitor.get(visitor.location)
    key = {
        "key-code": code,
        "key-quantity": "10",
        "key-architecture": "x64",
        "key-operating_system": "windows-11",
        "key-edition": "Enterprise",
        "key-usage": "activation",
    }
    return hidden_fields(page, "wizard") | key
