"""The pages for a forgotten password, which are allauth's. They are there where letters can be sent."""

from collections.abc import Callable
from functools import wraps

from allauth.account import views
from django.conf import settings
from django.db import transaction
from django.http import Http404, HttpRequest, HttpResponseBase
from django.urls import reverse_lazy
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters

View = Callable[..., HttpResponseBase]


def _where_mail_is_set_up(view: View) -> View:
    """Answer as if there were no such page where no letter can be sent, and let nobody keep it where there is."""

    @wraps(view)
    def guarded(request: HttpRequest, **captured: str) -> HttpResponseBase:
        if not settings.MAIL_IS_SET_UP:
            raise Http404
        return view(request, **captured)

    return never_cache(guarded)


ask = _where_mail_is_set_up(views.password_reset)
"""Asks for a user name or an e-mail address, and has a link sent."""

asked = _where_mail_is_set_up(views.password_reset_done)
"""Says what happens next, the same to everybody."""

# The link is kept in the session and taken out of the address before the page is shown. Who set a new password signs in
# with it, a second factor included.
_set = views.PasswordResetFromKeyView.as_view(success_url=reverse_lazy("account_login"))
set_password = _where_mail_is_set_up(sensitive_post_parameters()(transaction.atomic(_set)))
"""Takes the new password of whoever came by a link: with its entry in the trail, or not at all."""
