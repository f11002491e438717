"""What has to be there before the portal serves: one process makes what is missing, in a fixed order, and says so.

Secrets are made here and nowhere else. A second run finds everything in place; two at once wait for one another, on one
machine and on several with one database.
"""

import fcntl
import os
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError
from django.db import OperationalError, connection, transaction
from django.db.migrations.executor import MigrationExecutor
from django.db.models import Q

from keyportal.people import directory
from keyportal.people.models import User
from keyportal.people.new_password import PasswordRefused, new_password
from productkeys import key_ring_source
from productkeys.key_ring import KeyRingProblem
from productkeys.models.trail import Action
from productkeys.services import readiness, sealing, standard_keys, trail
from productkeys.services.origin import PORTAL

FIRST_ADMINISTRATOR = "admin"
_LOCK = 7_306_021_105
"""The advisory lock of this command in PostgreSQL; a number that nothing else uses."""


class Command(BaseCommand):
    help = "Make what the portal needs before it serves: secrets, database, standard keys, first administrator."
    # The checks of Django cost a second and are part of `make check`.
    requires_system_checks: list[str] = []

    def handle(self, *args: Any, **options: Any) -> None:
        # The database and the secrets in the data directory are for the portal's own account only.
        os.umask(0o077)
        with _alone_in(settings.DATA_DIR):
            self._make_secret_key()
            try:
                with _alone_with_the_database():
                    self._make_the_rest()
            except (KeyRingProblem, ImproperlyConfigured) as problem:
                raise CommandError(str(problem)) from None
            except OperationalError as error:
                raise CommandError(f"The database cannot be used: {error}") from None

    def _make_the_rest(self) -> None:
        self._make_key_ring()
        self._migrate()
        readiness.require_fitting_key_ring()
        directory.require_known_roles()
        call_command("createcachetable", verbosity=0)
        self._load_standard_keys()
        self._make_first_administrator()
        sealing.seal()
        call_command("clearsessions", verbosity=0)

    def _make_secret_key(self) -> None:
        if _has_secret_key():
            return
        if named := os.environ.get("KEYPORTAL_SECRET_KEY_FILE"):
            raise CommandError(f"KEYPORTAL_SECRET_KEY_FILE names {named}, which is missing or empty.")
        path = settings.DATA_DIR / "secret_key"
        try:
            key_ring_source.write_new(path, secrets.token_urlsafe(50))
        except FileExistsError:
            return  # made by another process since the settings of this one were read
        self.stdout.write(f"Secret key made: {path}")

    def _make_key_ring(self) -> None:
        """Make the ring of a new portal; beside stored keys a missing ring stays missing, and the check refuses it."""
        if key_ring_source.is_configured() or readiness.data_exists():
            return
        key_ring_source.make_key_ring(settings.KEY_RING_FILE)
        self.stdout.write(f"Key ring made: {settings.KEY_RING_FILE}. Back it up: no stored key opens without it.")

    def _migrate(self) -> None:
        """Run what is outstanding. Asking first saves a finished database the second that `migrate` takes anyway."""
        executor = MigrationExecutor(connection)
        if outstanding := executor.migration_plan(executor.loader.graph.leaf_nodes()):
            call_command("migrate", interactive=False, verbosity=0)
            self.stdout.write(f"Database brought up to date: {len(outstanding)} migrations.")

    def _load_standard_keys(self) -> None:
        try:
            added = standard_keys.load()
        except standard_keys.NotLoaded as problem:
            raise CommandError(f"The standard keys of this release cannot be loaded: {problem}") from None
        if added:
            self.stdout.write(f"Standard keys added: {added}.")

    def _make_first_administrator(self) -> None:
        if User.objects.filter(Q(is_superuser=True) | Q(username=FIRST_ADMINISTRATOR)).exists():
            return
        try:
            password = new_password(User(username=FIRST_ADMINISTRATOR))
        except PasswordRefused as problem:
            raise CommandError(str(problem)) from None
        with transaction.atomic():
            first = User.objects.create_superuser(FIRST_ADMINISTRATOR, password=password.text)
            trail.record(trail.entry(Action.ADDED, origin=PORTAL, subject=(first.uid, FIRST_ADMINISTRATOR)))
        self.stdout.write(f"First administrator: {FIRST_ADMINISTRATOR}, password: {password.shown}")


def _has_secret_key() -> bool:
    try:
        return bool(settings.SECRET_KEY)
    except ImproperlyConfigured:  # how Django answers where it is empty
        return False


@contextmanager
def _alone_in(directory: Path) -> Iterator[None]:
    """Make the data directory its owner's only, and hold it against other runs of this command."""
    directory.mkdir(mode=0o700, parents=True, exist_ok=True)
    if directory.stat().st_mode & 0o077:
        directory.chmod(0o700)
    descriptor = os.open(directory, os.O_RDONLY)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX)
        yield
    finally:
        os.close(descriptor)


@contextmanager
def _alone_with_the_database() -> Iterator[None]:
    """Hold the database against this command on other machines. On SQLite there are none.

    By a transaction on a connection of its own, which ends with the process, also behind a pool of connections.
    """
    if connection.vendor != "postgresql":
        yield
        return
    beside = connection.copy()
    try:
        with beside.cursor() as cursor:
            cursor.execute("BEGIN")
            cursor.execute("SELECT pg_advisory_xact_lock(%s)", [_LOCK])
            yield
    finally:
        beside.close()
