"""What the portal writes to people by e-mail, where mail is set up."""

import logging
from collections.abc import Callable
from smtplib import SMTPException

from django.conf import settings
from django.contrib.auth import get_user_model
from django.core.mail import send_mass_mail
from django.http import HttpRequest
from django.urls import reverse
from django.utils import translation
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from productkeys.models.trail import Action

logger = logging.getLogger(__name__)


def tell_of_the_stop(request: HttpRequest) -> None:
    """Tell those who may let keys be revealed again that somebody passed the limit. No letter names a key."""
    assert request.user.is_authenticated
    name = request.user.get_username()
    logger.warning("Reveals are stopped: %s wanted more than %d in an hour", name, settings.REVEALS_PER_HOUR)

    def letter() -> tuple[str, str]:
        return _("KeyPortal: nobody can reveal product keys at the moment"), _(
            "%(person)s wanted to reveal more than %(limit)d product keys within an hour. Since then nobody can "
            "reveal any. See who read what, and then let keys be revealed again:\n\n%(address)s"
        ) % {"person": name, "limit": settings.REVEALS_PER_HOUR, "address": _audit_log()}

    _send("productkeys.release_productkey", letter, about="the stop")


def tell_of_the_export(name: str, whole: int) -> None:
    """Tell the auditors that somebody took `whole` keys out of the portal as a file."""
    logger.warning("Whole keys were exported: %d, by %s", whole, name)

    def letter() -> tuple[str, str]:
        text = ngettext(
            "%(person)s exported %(count)d whole product key as a file. The audit log has the reason, and which one "
            "it was:\n\n%(address)s",
            "%(person)s exported %(count)d whole product keys as a file. The audit log has the reason, and which ones "
            "they were:\n\n%(address)s",
            whole,
        )
        values = {"person": name, "count": whole, "address": f"{_audit_log()}?kind={Action.KEYS_EXPORTED.value}"}
        return _("KeyPortal: whole product keys were exported"), text % values

    _send("productkeys.view_trailentry", letter, about="the export")


def _audit_log() -> str:
    return f"{settings.ORIGIN}{reverse('productkeys:trail')}"


def _send(right: str, letter: Callable[[], tuple[str, str]], *, about: str) -> None:
    """Send what `letter` says, subject and text, to everybody with `right`, in the language of each."""
    letters = []
    people = get_user_model().objects.with_perm(right, backend="keyportal.people.backend.PortalBackend")
    for person in people.exclude(email=""):
        with translation.override(person.language or settings.LANGUAGE_CODE):
            letters.append((*letter(), None, [person.email]))
    try:
        send_mass_mail(letters)
    except (OSError, SMTPException):
        logger.exception("The letters about %s could not be sent", about)
