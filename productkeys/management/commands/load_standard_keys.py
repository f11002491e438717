"""Insert the shipped reference data and Microsoft's published keys that are not there yet."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils.translation import ngettext

from productkeys.services import standard_keys


class Command(BaseCommand):
    help = "Insert shipped reference data and standard keys that are missing; what people changed stays."

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            count = standard_keys.load()
        except standard_keys.NotLoaded as problem:
            raise CommandError(f"The standard keys of this release cannot be loaded: {problem}") from None
        self.stdout.write(
            ngettext("%(count)d standard key added.", "%(count)d standard keys added.", count) % {"count": count}
        )
