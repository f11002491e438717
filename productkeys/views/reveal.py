"""Showing a key that is not public: to those who may, for a reason, after the trail has it, for a short time."""

import logging
from datetime import timedelta

from cryptography.exceptions import InvalidTag
from django.conf import settings
from django.contrib import messages
from django.contrib.auth.decorators import permission_required
from django.core.exceptions import PermissionDenied
from django.db import DatabaseError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST

from keyportal.people.recent import confirmation, is_recent
from keyportal.way_back import way_back
from productkeys.domain import rulebook
from productkeys.fields import raise_alarm
from productkeys.forms.problems import add_problems
from productkeys.forms.reveal import RevealForm, readable_reason
from productkeys.models import ProductKey
from productkeys.models.trail import Why
from productkeys.services import reveal_limit, revealing
from productkeys.services.keys import Refused
from productkeys.services.origin import Origin
from productkeys.services.reveal_limit import Repeated, Stopped
from productkeys.views.detail import LAST_REASON, Revealed, show
from productkeys.views.letters import tell_of_the_stop
from productkeys.views.one_key import get_key

logger = logging.getLogger(__name__)


@never_cache
def reveal(request: HttpRequest, pk: int) -> HttpResponse:
    """The key's page with the key on it, in the answer to this one POST and nowhere else.

    Anything else leads to the key's page: a link that somebody passed on, or the same POST once more by a reload.
    """
    key = get_key(request, pk)
    if request.method != "POST" or key.published:
        return redirect(key)
    origin = Origin.of(request)
    if not request.user.has_perm("productkeys.reveal_productkey", key):
        revealing.refuse(key, Why.NO_RIGHT, origin=origin)
        raise PermissionDenied(_("Your account may look product keys up, but not reveal them."))
    form = RevealForm(request.POST)
    if not form.is_valid():
        if form.has_error("note", rulebook.KEY_IN_TEXT.code):
            revealing.refuse(key, Why.KEY_IN_REASON, origin=origin)
        return show(request, key, form=form)
    request.session[LAST_REASON] = {name: form.cleaned_data[name] for name in ("reason", "note")}
    if not is_recent(request):
        return confirmation(f"{key.get_absolute_url()}#reveal")
    return _opened(request, key, form, origin)


def _opened(request: HttpRequest, key: ProductKey, form: RevealForm, origin: Origin) -> HttpResponse:
    try:
        code = revealing.reveal(key, reason=form.trail_text, origin=origin, act=form.cleaned_data["once"])
    except Repeated:
        messages.info(request, _("This was sent twice, and shown once. If you still need the key, reveal it again."))
        return redirect(key)
    except Stopped as stopped:
        if stopped.passed:
            tell_of_the_stop(request)
        return show(request, key, form=form, status=429)
    except Refused as refused:
        add_problems(form, refused.problems)
        return show(request, key, form=form)
    except DatabaseError:
        logger.exception("Nothing was revealed: the trail cannot be written")
        return render(request, "productkeys/not_revealed.html", {"key": key, "moved": False}, status=503)
    except InvalidTag:
        raise_alarm(key.uid)
        revealing.refuse(key, Why.SEALED_ELSEWHERE, origin=origin)
        return render(request, "productkeys/not_revealed.html", {"key": key, "moved": True}, status=500)
    revealed = Revealed(
        code=code,
        seconds=settings.REVEAL_SECONDS,
        until=timezone.now() + timedelta(seconds=settings.REVEAL_SECONDS),
        reason=readable_reason(form.trail_text),
    )
    return show(request, key, revealed=revealed)


@require_POST
@permission_required("productkeys.release_productkey", raise_exception=True)
def release(request: HttpRequest) -> HttpResponse:
    """Let keys be revealed again after a stop, and go back to where the person decided so."""
    reveal_limit.release(origin=Origin.of(request))
    messages.success(request, _("Keys can be revealed again."))
    return redirect(way_back(request, request.POST.get("next"), otherwise="productkeys:list"))
