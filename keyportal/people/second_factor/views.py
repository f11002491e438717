"""allauth's pages for the second factor, where the portal says more, leads on elsewhere, or refuses."""

from functools import wraps
from typing import Any

from allauth.mfa.adapter import get_adapter
from allauth.mfa.base.views import IndexView
from allauth.mfa.totp.views import ActivateTOTPView
from allauth.mfa.webauthn.views import (
    AddWebAuthnView,
    EditWebAuthnView,
    ReauthenticateWebAuthnView,
    RemoveWebAuthnView,
)
from django.db import IntegrityError, transaction
from django.forms import Form
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect
from django.urls import reverse_lazy

from keyportal.people import directory
from keyportal.people.models import User
from keyportal.people.recent import View
from keyportal.people.second_factor import rule


def one_at_a_time(view: View) -> View:
    """`view`, whose POST takes a factor away unless it is the last: two at once would each see that of the other."""

    @wraps(view)
    def alone(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        if request.method != "POST":
            return view(request, *args, **kwargs)
        assert request.user.is_authenticated
        with transaction.atomic():
            User.objects.select_for_update().get(pk=request.user.pk)
            return view(request, *args, **kwargs)

    return alone


class SecurityView(IndexView):  # type: ignore[misc]  # allauth carries no types
    """How somebody signs in, in one place; and why they are here where they reach nothing else."""

    def get_context_data(self, **context: Any) -> dict[str, Any]:
        context |= {
            "needs_one_now": not rule.passed(self.request),
            "password_is_the_companys": directory.has_the_password(self.request),
        }
        found: dict[str, Any] = super().get_context_data(**context)
        return found


class _SetsOneUp:
    """A page that sets a second factor up, and so has been shown one by who is there."""

    request: HttpRequest

    def form_valid(self, form: Form) -> HttpResponse:
        answer: HttpResponse = super().form_valid(form)  # type: ignore[misc]  # of allauth's view
        rule.set_up_here(self.request)
        return answer


class SetUpAppView(_SetsOneUp, ActivateTOTPView):  # type: ignore[misc]  # allauth carries no types
    def form_valid(self, form: Form) -> HttpResponse:
        try:
            return super().form_valid(form)
        except IntegrityError:
            # Sent twice at the same moment: the other one has set it up, and the page leads on.
            return redirect("mfa_activate_totp")


class AddPasskeyView(_SetsOneUp, AddWebAuthnView):  # type: ignore[misc]  # allauth carries no types
    pass


class NamePasskeyView(EditWebAuthnView):  # type: ignore[misc]  # allauth carries no types
    success_url = reverse_lazy("mfa_index")


class RemovePasskeyView(RemoveWebAuthnView):  # type: ignore[misc]  # allauth carries no types
    """Refuses the last second factor of somebody who needs one, as allauth does for an app."""

    success_url = reverse_lazy("mfa_index")

    def get_context_data(self, **context: Any) -> dict[str, Any]:
        is_kept = not get_adapter().can_delete_authenticator(self.object)
        found: dict[str, Any] = super().get_context_data(is_kept=is_kept, **context)
        return found

    def form_valid(self, form: Form) -> HttpResponse:
        if not get_adapter().can_delete_authenticator(self.object):
            refused: HttpResponse = self.form_invalid(form)
            return refused
        answer: HttpResponse = super().form_valid(form)
        return answer


class ConfirmByPasskeyView(ReauthenticateWebAuthnView):  # type: ignore[misc]  # allauth carries no types
    """Says on the page itself what was refused; allauth would lead to the sign-in, and so to the start."""

    def form_invalid(self, form: Form) -> HttpResponse:
        answer: HttpResponse = self.render_to_response(self.get_context_data(form=form))
        return answer

    def get_context_data(self, **context: Any) -> dict[str, Any]:
        found: dict[str, Any] = super().get_context_data(**context)
        return found | context
