"""A forgotten password: whom somebody means who asks for a new one, and who may set it by a link in a letter."""

from datetime import UTC, datetime

from django.contrib.auth.tokens import PasswordResetTokenGenerator
from django.db.models import Q

from keyportal.people.models import User
from productkeys.models.trail import Why


class LinkToken(PasswordResetTokenGenerator):
    """Django's token, by a clock that is not set back in autumn: an hour would become two.

    It is not allauth's, which looks up further addresses: people's addresses stand with the person.
    """

    def _now(self) -> datetime:
        return datetime.now(UTC).replace(tzinfo=None)


def people_called(typed: str) -> list[User]:
    """Those whose user name or e-mail address is `typed`, in whatever case; several people may share an address."""
    found = User.objects.filter(Q(username__iexact=typed) | Q(email__iexact=typed)).order_by("pk")
    # PostgreSQL compares capital letters, and takes a dotless i for an i.
    return [person for person in found if typed.lower() in (person.username.lower(), person.email.lower())]


def why_no_link(person: User) -> Why | None:
    """Why `person` is given no link, or may no longer use the one they have; None where they may."""
    if not person.is_active:
        return Why.DEACTIVATED
    if not person.email:
        return Why.NO_EMAIL
    return None if person.has_usable_password() else Why.NO_PASSWORD
