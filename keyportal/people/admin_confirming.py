"""Ways in and rights are given in the admin by somebody who showed a short while ago that it is them."""

from typing import Any, ClassVar

from django import forms
from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.utils.html import format_html
from django.utils.translation import gettext as _

from keyportal.people.recent import confirmation, is_recent


class ConfirmedFirst:
    """Things that are added, changed and deleted within a short while after a sign-in or a confirmation alone."""

    def changelist_view(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if request.method == "POST" and not is_recent(request):
            messages.warning(request, _("Nothing is done yet: confirm that it is you, then choose again."))
            return confirmation(request.get_full_path())
        answer: HttpResponse = super().changelist_view(request, *args, **kwargs)  # type: ignore[misc]  # of Django's
        return answer

    def delete_view(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if not is_recent(request):
            return confirmation(request.get_full_path())
        answer: HttpResponse = super().delete_view(request, *args, **kwargs)  # type: ignore[misc]  # of Django's
        return answer

    def changeform_view(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if request.method == "GET" and not is_recent(request):
            return confirmation(request.get_full_path())
        answer: HttpResponse = super().changeform_view(request, *args, **kwargs)  # type: ignore[misc]  # of Django's
        return answer

    def get_form(self, request: HttpRequest, *args: Any, **kwargs: Any) -> type[forms.ModelForm[Any]]:
        form: type[forms.ModelForm[Any]] = super().get_form(request, *args, **kwargs)  # type: ignore[misc]  # of Django's
        if request.method != "POST" or is_recent(request):
            return form
        # Refused as a form, since what was typed stays in it.
        return type(form.__name__, (_Unconfirmed, form), {"confirm": confirmation(request.path).url})


class _Unconfirmed(forms.ModelForm[Any]):
    confirm: ClassVar[str]

    def clean(self) -> dict[str, Any] | None:
        super().clean()
        asks = _('Nothing is saved yet: <a href="{}" target="_blank">confirm that it is you</a>, then save again.')
        raise ValidationError(format_html(asks, self.confirm), "unconfirmed")
