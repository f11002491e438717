"""The Django admin of the app: the same rules, services and trail as the workspace, in Django's lists and forms."""

from productkeys.admin import agreement, operating_system, product_key, rollout_template, scope, trail

__all__ = ["agreement", "operating_system", "product_key", "rollout_template", "scope", "trail"]
