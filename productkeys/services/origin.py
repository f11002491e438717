"""Who acts, and from where: what every service that changes something is told, for the trail."""

from dataclasses import dataclass
from typing import TYPE_CHECKING, Self

from allauth.account.adapter import get_adapter
from django.http import HttpRequest

if TYPE_CHECKING:
    from keyportal.people.models import User


@dataclass(frozen=True, slots=True)
class Origin:
    """`person` is None for the portal itself (a command, a release); `address` is the client's, where there is one."""

    person: "User | None" = None
    address: str | None = None

    @classmethod
    def of(cls, request: HttpRequest) -> Self:
        """The signed-in person of `request` and the address it came from, trusted proxies taken off."""
        assert request.user.is_authenticated
        return cls(person=request.user, address=_address(request))

    @classmethod
    def at_the_door(cls, request: HttpRequest | None) -> Self:
        """Somebody who is not signed in, or not any more, and the address that they came from."""
        return cls(address=_address(request) if request else None)


def _address(request: HttpRequest) -> str:
    address: str = get_adapter(request).get_client_ip(request)
    return address


PORTAL = Origin()
"""The portal itself."""
