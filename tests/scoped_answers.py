"""Asking every address about one thing as people who hold a role everywhere or in one scope, and the tables of answers.

A cell is the status of the first answer, with * where something changed.
"""

import re
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from django.contrib.auth.models import Group
from django.db import models, transaction
from django.test import Client

from keyportal.people.models import ScopedRole, User
from productkeys.models import Scope

Column = tuple[str, str]
"""The thing that is asked for, and where the role is held."""


def table(text: str, columns: Sequence[Column]) -> dict[str, dict[Column, str]]:
    """The cells of a table by act (what stands first in each line) and column."""
    rows = [line.rsplit(maxsplit=len(columns)) for line in text.strip().splitlines()]
    return {act: dict(zip(columns, cells, strict=True)) for act, *cells in rows}


def holder(in_role: Callable[..., User], scopes: Mapping[str, Scope]) -> Callable[[str, str], Client]:
    """A function that gives the client of somebody who holds a role everywhere, or in one scope."""

    def sign_in(role: str, place: str) -> Client:
        everywhere = place == "everywhere"
        person = in_role(*([role] if everywhere else []), username=f"somebody-{place}", is_staff=True)
        if not everywhere:
            ScopedRole.objects.create(person=person, role=Group.objects.get(name=role), scope=scopes[place])
        client = Client()
        client.force_login(person)
        client.raise_request_exception = False
        return client

    return sign_in


def to_the_letter(steps: object, page: str, number: int) -> str:
    """An answer without what differs by chance (tokens), and without the number of the thing that was asked for."""
    text = re.sub(r'name="csrfmiddlewaretoken" value="\w+"|"X-CSRFToken": ?"\w+"', "", f"{steps}\n{page}")
    return re.sub(rf"""(?<=[/=:"'“]){number}(?=[/&:#"'”])""", "-", text)


def ask(client: Client, thing: models.Model, act: str, form: Mapping[str, Any]) -> tuple[str, str]:
    """The cell for what `client` gets for `act` about `thing`, and the answer to the letter; nothing stays changed.

    `act` is the method and the route; `form` is sent with POST.
    """
    method, route = act.split()
    address = re.sub(r"\{\w+\}", str(thing.pk), route)
    before, savepoint = _state(type(thing)), transaction.savepoint()
    answer: Any = getattr(client, method.lower())(address, form if method == "POST" else {}, follow=True)
    changed = _state(type(thing)) != before
    transaction.savepoint_rollback(savepoint)
    steps = answer.redirect_chain
    cell = f"{steps[0][1] if steps else answer.status_code}{'*' * changed}"
    return cell, to_the_letter(steps, answer.content.decode(), thing.pk)


def _state(model: type[models.Model]) -> list[Any]:
    return list(model._default_manager.order_by("pk").values())
