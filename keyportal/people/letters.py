"""Letters to people about their own account.

They go out beside the request: how long the mail server takes would tell who has an account.
"""

import logging
from concurrent.futures import ThreadPoolExecutor
from smtplib import SMTPException

from django.core.mail import EmailMessage
from django.utils import translation
from django.utils.translation import gettext as _

from keyportal.people.models import User

logger = logging.getLogger(__name__)

post_office = ThreadPoolExecutor(max_workers=1, thread_name_prefix="letters")
"""Sends one letter after the other. A process that stops sends what is left first."""


def send_link(person: User, address: str) -> None:
    """Send `person` the `address` at which they set a new password."""
    with translation.override(person.language or translation.get_language()):
        subject = _("KeyPortal: your new password")
        text = _(
            "Somebody, perhaps you, asked for a new password for your account “%(name)s” in KeyPortal. Set it here:\n\n"
            "%(address)s\n\n"
            "The address works once, and for one hour. If it was not you, do nothing: your password stays as it is."
        ) % {"name": person.get_username(), "address": address}
    _send(person, subject, text)


def say_that_there_is_no_password(person: User) -> None:
    """Tell `person`, who asked for a new password, that they sign in by other means."""
    with translation.override(person.language or translation.get_language()):
        subject = _("KeyPortal: your account has no password")
        text = _(
            "Somebody, perhaps you, asked for a new password for your account “%(name)s” in KeyPortal. The account has "
            "no password of its own: sign in with your company's account. An administrator of the portal can help."
        ) % {"name": person.get_username()}
    _send(person, subject, text)


def _send(person: User, subject: str, text: str) -> None:
    post_office.submit(_hand_over, EmailMessage(subject, text, to=[person.email]))


def _hand_over(letter: EmailMessage) -> None:
    try:
        letter.send()
    except (OSError, SMTPException, ValueError):  # ValueError: an address that no mail server takes
        logger.exception("A letter to somebody about their account could not be sent")
