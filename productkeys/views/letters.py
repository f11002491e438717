"""What the portal writes to people by e-mail, where mail is set up."""

import logging
from smtplib import SMTPException

from django.conf import settings
from django.contrib.auth import get_user_model
from django.core.mail import send_mass_mail
from django.http import HttpRequest
from django.urls import reverse
from django.utils import translation
from django.utils.translation import gettext as _

logger = logging.getLogger(__name__)


def tell_of_the_stop(request: HttpRequest) -> None:
    """Tell those who may let keys be revealed again that somebody passed the limit. No letter names a key."""
    assert request.user.is_authenticated
    name = request.user.get_username()
    logger.warning("Reveals are stopped: %s wanted more than %d in an hour", name, settings.REVEALS_PER_HOUR)
    letters = []
    people = get_user_model().objects.with_perm(
        "productkeys.release_productkey", backend="keyportal.people.backend.PortalBackend"
    )
    for person in people.exclude(email=""):
        with translation.override(person.language or settings.LANGUAGE_CODE):
            subject = _("KeyPortal: nobody can reveal product keys at the moment")
            text = _(
                "%(person)s wanted to reveal more than %(limit)d product keys within an hour. Since then nobody can "
                "reveal any. See who read what, and then let keys be revealed again:\n\n%(address)s"
            ) % {
                "person": name,
                "limit": settings.REVEALS_PER_HOUR,
                "address": f"{settings.ORIGIN}{reverse('productkeys:trail')}",
            }
        letters.append((subject, text, None, [person.email]))
    try:
        send_mass_mail(letters)
    except (OSError, SMTPException):
        logger.exception("The letters about the stop could not be sent")
