"""allauth's account adapter: an administrator adds and deactivates people; what it says is said in our words."""

from typing import Any

from allauth.account.adapter import DefaultAccountAdapter
from allauth.account.utils import filter_users_by_username
from allauth.core import context
from django.conf import settings
from django.contrib import messages
from django.contrib.auth.models import AnonymousUser
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from keyportal.people import directory, letters, recording
from keyportal.people.company import confirmation, sessions
from keyportal.people.directory import NotLetIn
from keyportal.people.models import User
from productkeys.models.text import fold
from productkeys.models.trail import Why


class ClosedSignUpAdapter(DefaultAccountAdapter):  # type: ignore[misc]  # allauth carries no types
    error_messages = DefaultAccountAdapter.error_messages | {
        "username_password_mismatch": _(
            "User name or password is not right. Five wrong tries lock the account here for 15 minutes."
        ),
        "too_many_login_attempts": _("Too many wrong tries. Wait 15 minutes, then try again."),
        "rate_limited": _("Too many wrong tries. Wait 15 minutes, then try again."),
        "enter_current_password": _("This is not your present password. Type it again."),
        "incorrect_password": _("This is not your password. Type it again."),
        Why.NO_ROLE: _(
            "The company's directory knows you, but none of your groups has a role in this portal. Ask an "
            "administrator of the portal which one you need."
        ),
        Why.DIRECTORY_DOWN: _(
            "The company's directory does not answer. Try again in a few minutes. If it stays like that, tell an "
            "administrator of the portal."
        ),
    }

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        return False

    def authenticate(self, request: HttpRequest, **credentials: Any) -> User | None:
        try:
            person: User | None = super().authenticate(request, **credentials)
        except NotLetIn as refusal:
            if refusal.why not in self.error_messages:
                return None
            # Nobody guessed: the password was right, or not looked at.
            self._rollback_login_failed_rl_usage()
            raise self.validation_error(refusal.why) from None
        return person

    def pre_login(self, request: HttpRequest, user: User, **how: Any) -> HttpResponse | None:
        sessions.remember(request, (how["signal_kwargs"] or {}).get("sociallogin"))
        response: HttpResponse | None = super().pre_login(request, user, **how)
        return response

    def get_reauthentication_methods(self, user: User | AnonymousUser) -> list[dict[str, Any]]:
        """allauth's ways to confirm who is there, the directory's password, and the company's sign-in."""
        methods: list[dict[str, Any]] = super().get_reauthentication_methods(user)
        if directory.has_the_password(context.request):
            by_password = {"id": "reauthenticate", "url": reverse("account_reauthenticate")}
            methods.insert(0, by_password | {"description": gettext("Use your password")})
        if isinstance(user, User) and (provider := confirmation.provider_for(user)):
            text = str(_("Confirm with %(name)s") % {"name": provider.name})
            methods.append({"id": "company", "description": text, "url": reverse("company_confirm")})
        return methods

    def set_password(self, user: User, password: str) -> None:
        """Store it alone: allauth would write all of a person, also what an administrator changes at this moment."""
        user.set_password(password)
        user.save(update_fields=["password"])

    def respond_user_inactive(self, request: HttpRequest, user: User) -> HttpResponse:
        recording.sign_in_refused(user, Why.DEACTIVATED, request=request)
        messages.error(request, _("This account is deactivated. An administrator of the portal can activate it again."))
        return redirect("account_login")

    def get_reset_password_from_key_url(self, key: str) -> str:
        uidb36, _dash, token = key.partition("-")
        path = reverse("account_reset_password_from_key", kwargs={"uidb36": uidb36, "key": token})
        return f"{settings.ORIGIN}{path}"

    def send_password_reset_mail(self, user: User, email: str, context: dict[str, Any]) -> None:
        # To the address that stands with the person: what was typed may only look like it.
        if user.has_usable_password():
            letters.send_link(user, context["password_reset_url"])
        else:
            letters.say_that_there_is_no_password(user)

    def _get_login_attempts_cache_key(self, request: HttpRequest, **credentials: Any) -> str:
        # Per person and address: whoever guesses at somebody's password does not lock them out elsewhere.
        # And per password: a new one, by whatever way, starts the count anew, at all addresses.
        # A directory knows people by more spellings than one (accents, wide letters): they count as one.
        typed = credentials.get("username", "")
        plain = "".join(character for character in fold(typed) if character.isprintable() and character != " ")
        key = super()._get_login_attempts_cache_key(request, username=plain)
        person = filter_users_by_username(typed).first() or filter_users_by_username(plain).first()
        return f"{key}:{self.get_client_ip(request)}:{person.get_session_auth_hash() if person else ''}"
