"""Choosing language and theme from the top bar, the page with all of a person's own settings, and the password."""

from allauth.account.views import password_change
from django.conf import settings
from django.contrib import messages
from django.contrib.auth.decorators import login_not_required
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import translation
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from keyportal.people import directory, recording
from keyportal.people.forms import LanguageForm, PreferencesForm, ThemeForm
from keyportal.people.recent import confirmation, is_recent
from keyportal.way_back import way_back


@login_not_required
@require_POST
def choose_language(request: HttpRequest) -> HttpResponse:
    """Keep the chosen language with the person, or in a cookie before sign-in, and go back to the page."""
    form = LanguageForm(request.POST)
    response = _back(request)
    if form.is_valid():
        language = form.cleaned_data["language"]
        if request.user.is_authenticated:
            request.user.language = language
            request.user.save(update_fields=["language"])
        else:
            response.set_cookie(
                settings.LANGUAGE_COOKIE_NAME,
                language,
                secure=settings.LANGUAGE_COOKIE_SECURE,
                httponly=settings.LANGUAGE_COOKIE_HTTPONLY,
                samesite="Lax",
            )
    return response


@require_POST
def choose_theme(request: HttpRequest) -> HttpResponse:
    """Keep the chosen theme with the person and go back to the page."""
    form = ThemeForm(request.POST)
    if form.is_valid() and request.user.is_authenticated:
        request.user.theme = form.cleaned_data["theme"]
        request.user.save(update_fields=["theme"])
    return _back(request)


def preferences(request: HttpRequest) -> HttpResponse:
    """A person's own settings. A new password can be had by their address: another one takes a recent sign-in."""
    assert request.user.is_authenticated
    form = PreferencesForm(request.POST or None, instance=request.user)
    if request.method == "POST" and form.is_valid():
        if "email" in form.changed_data and not is_recent(request):
            messages.info(
                request, _("Another e-mail address takes a confirmation that it is you: enter it again then.")
            )
            return confirmation(request.path)
        with transaction.atomic():
            form.save()
            recording.person_changed(form, request=request)
        with translation.override(form.instance.language or translation.get_language()):
            messages.success(request, _("Your settings are saved."))
        return redirect("people:preferences")
    context = {"form": form, "password_is_the_companys": directory.has_the_password(request)}
    return render(request, "people/preferences.html", context)


def change_password(request: HttpRequest) -> HttpResponse:
    """allauth's page; who has no password here (an administrator gave none, or another system signs in) gets none."""
    assert request.user.is_authenticated
    if directory.has_the_password(request):
        return redirect("people:preferences")  # says so
    if not request.user.has_usable_password():
        raise PermissionDenied(_("Your account has no password here."))
    response: HttpResponse = password_change(request)
    return response


def _back(request: HttpRequest) -> HttpResponse:
    return redirect(way_back(request, request.POST.get("next"), otherwise="home"))
