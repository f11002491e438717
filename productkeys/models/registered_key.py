"""Which master keys of the ring are in force in this database."""

from django.db import models
from django.utils import timezone

from productkeys.key_ring import Checks


class RegisteredKey(models.Model):
    """A master key that data here may be sealed with; new data takes the one with the highest number.

    The checks (`MasterKey.checks`) tell a ring with another key under the same number. Every product key names its row
    here by foreign key. So the database itself refuses what a stray or a removed master key sealed, and refuses to let
    a row go that something still uses; no process has to know what the others do.
    """

    number = models.PositiveIntegerField(primary_key=True)
    encryption_check = models.CharField(max_length=64)
    fingerprint_check = models.CharField(max_length=64)
    registered_at = models.DateTimeField(default=timezone.now)

    class Meta:
        ordering = ["number"]
        default_permissions = ()

    def __str__(self) -> str:
        return str(self.number)


def registered_keys() -> dict[int, Checks]:
    """The checks of all registered keys by number."""
    rows = RegisteredKey.objects.values_list("number", "encryption_check", "fingerprint_check")
    return {number: Checks(encryption, fingerprint) for number, encryption, fingerprint in rows}
