"""The way back in when nobody gets in any more: a new password for one account, and its powers if asked for.

Whoever lost the phone gets in by the password alone, and is asked for no second factor before they set up a new one.
"""

from typing import Any

from allauth.account.utils import filter_users_by_username
from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import transaction

from keyportal.people.models import User
from keyportal.people.new_password import NewPassword, PasswordRefused, new_password
from keyportal.people.second_factor.removing import remove_all
from productkeys.key_ring import KeyRingProblem
from productkeys.models.trail import Action, Why
from productkeys.services import trail
from productkeys.services.origin import PORTAL


class Command(BaseCommand):
    help = (
        "Set a new password for one account, activate it, remove its second factor, and end its sessions and its lock "
        "after failed sign-ins. "
        "The password is the one in KEYPORTAL_ADMIN_PASSWORD, else a new one, printed once."
    )
    # It has to work on a portal that is half broken.
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("name", help="the user name")
        parser.add_argument("--new", action="store_true", help="make the account; there must be none of that name")
        parser.add_argument("--administrator", action="store_true", help="give it every right, too")

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            with transaction.atomic():
                person = _new_account(options["name"]) if options["new"] else _existing_account(options["name"])
                password = new_password(person)
                _let_in(person, password, administrator=options["administrator"])
                removed = remove_all(person, origin=PORTAL, reason=Why.COMMAND_LINE.value)
        except (PasswordRefused, KeyRingProblem) as problem:
            raise CommandError(str(problem)) from None
        self.stdout.write(f"{person.get_username()} can sign in, password: {password.shown}")
        if removed:
            self.stdout.write("The second factor is removed: app, passkeys and recovery codes do not let in any more.")


def _existing_account(name: str) -> User:
    person = User.objects.select_for_update().filter(username=name).first()
    if person is None:
        administrators = User.objects.filter(is_superuser=True).order_by("username").values_list("username", flat=True)
        raise CommandError(
            "There is no account of this name. Check the spelling, capital letters count. "
            f"The administrators are: {', '.join(administrators[:10]) or 'none'}. "
            "To make a new one, run this with --new --administrator."
        )
    return person


def _new_account(name: str) -> User:
    if filter_users_by_username(name).exists():
        raise CommandError("There is an account of this name already. Leave --new out.")
    person = User(username=name)
    try:
        person.full_clean(exclude=["password"])
    except ValidationError as error:
        raise CommandError(f"This user name will not do: {' '.join(error.messages)}") from None
    return person


def _let_in(person: User, password: NewPassword, *, administrator: bool) -> None:
    """Save `person` with the password, which ends their sessions and, with its count, the lock; and keep it."""
    wanted = ("is_active", "is_staff", "is_superuser") if administrator else ("is_active",)
    is_new = person.pk is None
    before = {} if is_new else {name: False for name in wanted if not getattr(person, name)}
    for name in wanted:
        setattr(person, name, True)
    person.set_password(password.text)
    person.save()
    after = dict.fromkeys(wanted if is_new else before, True) | {"password": "changed"}
    trail.record(
        trail.entry(
            Action.ADDED if is_new else Action.CHANGED,
            origin=PORTAL,
            subject=(person.uid, person.get_username()),
            reason=Why.COMMAND_LINE.value,
            before=before,
            after=after,
        )
    )
