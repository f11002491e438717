"""The Django admin of the app: the same rules, services and trail as the workspace, in Django's lists and forms."""

from productkeys.admin import operating_system, product_key, scope, trail

__all__ = ["operating_system", "product_key", "scope", "trail"]
