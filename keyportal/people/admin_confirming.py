"""Ways in and rights are given in the admin by somebody who showed a short while ago that it is them."""

from typing import Any

from django.contrib import messages
from django.contrib.auth.views import redirect_to_login
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _

from keyportal.people.recent import is_recent


class ConfirmedFirst:
    """A list and a form of the admin whose form is taken within a short while after a sign-in alone."""

    def changeform_view(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if request.method == "POST" and not is_recent(request):
            messages.info(request, _("Nothing is saved yet: confirm that it is you, then enter it again."))
            return redirect_to_login(request.get_full_path(), reverse("account_reauthenticate"))
        answer: HttpResponse = super().changeform_view(request, *args, **kwargs)  # type: ignore[misc]  # of Django's
        return answer
