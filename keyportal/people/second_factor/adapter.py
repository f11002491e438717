"""allauth's adapter for the second factor: what it stores is sealed, and what it says is said in our words."""

from typing import Any

from allauth.mfa.adapter import DefaultMFAAdapter
from allauth.mfa.models import Authenticator
from django.db.models.signals import post_delete
from django.utils.translation import gettext_lazy as _

from keyportal.people.models import User
from keyportal.people.second_factor import rule
from productkeys.services import sealed_secrets


class SealingAdapter(DefaultMFAAdapter):  # type: ignore[misc]  # allauth carries no types
    error_messages = DefaultMFAAdapter.error_messages | {
        "cannot_delete_authenticator": _(
            "One of your roles needs a second factor, and this is your last one. Add another one first."
        ),
        "cannot_generate_recovery_codes": _("Recovery codes stand in for a second factor: set one up first."),
        "incorrect_code": _(
            "This code is not right, or not any more: a code of the app holds for 30 seconds and is taken once. Enter "
            "the next one. If none is taken, look at the clock of the device."
        ),
    }

    def encrypt(self, text: str) -> str:
        return sealed_secrets.keep(text)

    def decrypt(self, encrypted_text: str) -> str:
        return sealed_secrets.read(encrypted_text)

    def can_delete_authenticator(self, authenticator: Authenticator) -> bool:
        return not (rule.is_needed(authenticator.user) and rule.is_last(authenticator))

    def get_totp_label(self, user: User) -> str:
        return user.get_username()

    def generate_authenticator_name(self, user: User, type: str) -> str:  # noqa: A002 - as allauth names it
        name, count = _("Passkey"), Authenticator.objects.filter(user=user, type=type).count() + 1
        return f"{name} {count}"

    def get_public_key_credential_user_entity(self, user: User) -> dict[str, Any]:
        entity: dict[str, Any] = super().get_public_key_credential_user_entity(user)
        return entity | {"name": user.get_username(), "display_name": user.full_name}

    def _get_site_name(self) -> str:
        return "KeyPortal"


def start() -> None:
    """Let sealed secrets go along with what they belong to, from now on."""
    post_delete.connect(_forget, sender=Authenticator, dispatch_uid="second factor")


def _forget(instance: Authenticator, **_signal: Any) -> None:
    sealed_secrets.forget(instance.data[name] for name in ("secret", "seed") if name in instance.data)
