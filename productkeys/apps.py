"""The app of product keys: reference data, keys, trail, and the screens on them."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class ProductKeysConfig(AppConfig):
    name = "productkeys"
    verbose_name = _("Product keys")

    def ready(self) -> None:
        from productkeys import key_ring_source
        from productkeys.models import reference
        from productkeys.models.registered_key import registered_keys

        reference.forget_on_change()
        key_ring_source.take_registered_keys_from(registered_keys)
