"""What tests of the audit log's pages share: entries to read, and what a page says."""

from datetime import UTC, datetime
from typing import Any

import time_machine
from django.contrib.auth.models import Permission
from django.test import Client
from django.urls import reverse

from keyportal.people.models import User
from productkeys.forms.reveal import Reason
from productkeys.models import ProductKey
from productkeys.models.trail import Action
from productkeys.services import trail
from productkeys.services.origin import PORTAL, Origin
from tests.factories import KMS_HOST, stored

TRAIL = reverse("productkeys:trail")


def may_see_keys(person: User, *also: str) -> None:
    person.user_permissions.add(*Permission.objects.filter(codename__in=["view_productkey", *also]))


def revealed(key: ProductKey, person: User, reason: str = Reason.LICENCE_AUDIT.value) -> None:
    trail.record(trail.entry(Action.REVEALED, origin=Origin(person, "192.0.2.7"), key=key, reason=reason))


def many(number: int) -> None:
    trail.record(*(trail.entry(Action.CHANGED, origin=PORTAL, reason=f"note {i:04}") for i in range(number)))


def busy_days(manager: User, revealer: User) -> dict[str, ProductKey]:
    """What two people did on two days with two keys, which it returns."""
    with time_machine.travel(datetime(2026, 3, 3, 12, tzinfo=UTC), tick=False):
        first = stored(name="First", by=manager)
        second = stored(KMS_HOST, name="Second", by=manager)
    with time_machine.travel(datetime(2026, 3, 4, 23, 30, tzinfo=UTC), tick=False):  # the 5th in Berlin
        revealed(first, revealer)
    return {"first": first, "second": second}


def page_of(client: Client, address: str = TRAIL, **asked: Any) -> str:
    answer = client.get(address, asked)
    assert answer.status_code == 200
    html = answer.content.decode()
    return html[html.index('id="content"') :]


def table_of(client: Client, **asked: Any) -> str:
    html = page_of(client, **asked)
    return html[html.index("<tbody>") : html.index("</tbody>")] if "<tbody>" in html else ""


def link_in(html: str, rel: str) -> str:
    start = html.rindex('href="', 0, html.index(f'rel="{rel}"')) + len('href="')
    return html[start : html.index('"', start)].replace("&amp;", "&")
