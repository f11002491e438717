"""Remove entries of the trail that are older than the house keeps them; what is left still verifies."""

from datetime import timedelta
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import DatabaseError
from django.utils import timezone

from productkeys.key_ring import KeyRingProblem
from productkeys.services import pruning, sealing, verifying


class Command(BaseCommand):
    help = "Remove old entries from the audit log. Runs as the owner of the tables, and on a whole trail only."
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--older-than", type=int, metavar="DAYS", help="instead of KEYPORTAL_AUDIT_KEEP_DAYS")

    def handle(self, *args: Any, **options: Any) -> None:
        days = settings.AUDIT_KEEP_DAYS if options["older_than"] is None else options["older_than"]
        if days is None:
            raise CommandError("Nothing was removed: set KEYPORTAL_AUDIT_KEEP_DAYS, or give --older-than DAYS.")
        if not 1 <= days <= settings.AUDIT_KEEP_DAYS_AT_MOST:
            raise CommandError(f"--older-than takes a number of days from 1 to {settings.AUDIT_KEEP_DAYS_AT_MOST}.")
        try:
            sealing.seal()
            whole = verifying.verify().is_whole
            count = pruning.prune(timezone.now() - timedelta(days=days)) if whole else 0
            sealing.seal()
        except KeyRingProblem as problem:
            raise CommandError(str(problem)) from None
        except DatabaseError as error:
            raise CommandError(
                f"Nothing was removed: {error}. On PostgreSQL, run this with the DATABASE_URL of the tables' owner."
            ) from None
        if not whole:
            raise CommandError(
                "The trail is broken, so nothing is removed from it: it would be evidence. Run verify_audit."
            )
        self.stdout.write(f"Entries removed: {count}.")
