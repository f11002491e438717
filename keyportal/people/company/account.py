"""What the company's sign-in says of somebody who comes from there, whatever the protocol."""

from dataclasses import dataclass
from typing import Any

from allauth.socialaccount.models import SocialAccount, SocialLogin
from django.conf import settings
from django.http import HttpRequest
from django.urls import reverse

from keyportal.people.models import User
from productkeys.domain import invisible

_LONGEST = {name: SocialAccount._meta.get_field(name).max_length for name in ("provider", "uid")}


@dataclass(frozen=True, slots=True)
class CompanyAccount:
    """An account as its directory vouches for it.

    `authority` and `uid` name it for ever: a user name may be given to somebody else. `groups` is None where there are
    more than the directory lists. `authenticated_at` is when the person last proved who they are, in seconds since
    1970; None where the directory does not say. A user name with characters that nobody sees is none: it would be read
    as another.
    """

    authority: str
    uid: str
    user_name: str
    first_name: str
    last_name: str
    email: str
    groups: tuple[str, ...] | None
    authenticated_at: float | None
    second_factor: bool

    def __post_init__(self) -> None:
        """Raises ValueError for what cannot name an account."""
        for name, value in (("provider", self.authority), ("uid", self.uid)):
            if not value or len(value) > _LONGEST[name]:
                raise ValueError(f"an account whose {name} has {len(value)} characters")
        read = {name: invisible.without(getattr(self, name)) for name in ("first_name", "last_name")}
        read |= {name: _without_disguise(getattr(self, name)) for name in ("user_name", "email")}
        for name, text in read.items():
            object.__setattr__(self, name, text)


class CompanyProvider:
    """What both protocols tell allauth, once their answer has become a CompanyAccount. Nothing more of it is stored."""

    def sociallogin_from_response(self, request: HttpRequest, response: CompanyAccount) -> SocialLogin:
        login = super().sociallogin_from_response(request, response)  # type: ignore[misc]  # of allauth's Provider
        login.account.provider = response.authority
        login.company = response
        return login

    def extract_uid(self, data: CompanyAccount) -> str:
        return data.uid

    def extract_common_fields(self, data: CompanyAccount) -> dict[str, Any]:
        return {}

    def extract_email_addresses(self, data: CompanyAccount) -> list[Any]:
        """None: nobody is found by their address."""
        return []

    def extract_extra_data(self, data: CompanyAccount) -> dict[str, Any]:
        return {}


def _without_disguise(text: str) -> str:
    return text if invisible.first_in(text, several_lines=False) is None else ""


def authorities_of(person: User) -> list[str]:
    """Who vouches for `person`: the protocol, a colon, and the name of the directory."""
    return list(SocialAccount.objects.filter(user=person).order_by("pk").values_list("provider", flat=True))


def address_of(view: str) -> str:
    """The address of a view as the world knows it, whatever host the request names."""
    return f"{settings.ORIGIN}{reverse(view)}"
