"""Proof that the key ring is still the one that the stored keys were sealed with."""

from django.db import models


class KeyCheck(models.Model):
    """A check value for one key of the ring (`KeyRing.check_values`); a different value means a different key."""

    name = models.CharField(max_length=40, primary_key=True)
    value = models.CharField(max_length=64)

    class Meta:
        default_permissions = ()

    def __str__(self) -> str:
        return self.name
