"""What the portal has written to people: letters go out beside the request, so they are waited for."""

import re

from django.core import mail
from django.core.mail import EmailMessage

from keyportal.people.letters import post_office

_ADDRESS = re.compile(r"\S+://\S+")


def arrived() -> list[EmailMessage]:
    """Every letter so far."""
    post_office.submit(int).result(timeout=60)
    return list(mail.outbox)


def address_in(letter: EmailMessage | str) -> str:
    """The only address in a letter."""
    (address,) = _ADDRESS.findall(letter if isinstance(letter, str) else str(letter.body))
    return str(address)
