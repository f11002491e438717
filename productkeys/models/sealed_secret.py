"""Secrets that are no product keys, such as that of somebody's authenticator app."""

import uuid

from django.db import models

from productkeys.models.registered_key import RegisteredKey


class SealedSecret(models.Model):
    """A secret, sealed under the key ring and bound to its `uid` (`services.sealed_secrets`).

    It names its master key by foreign key, as a product key does, and for the same reason.
    """

    uid = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    master_key = models.ForeignKey(RegisteredKey, models.PROTECT, related_name="+", editable=False)
    sealed = models.TextField(editable=False)

    class Meta:
        default_permissions = ()

    def __str__(self) -> str:
        return f"secret {self.uid}"
