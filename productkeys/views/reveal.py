"""Showing a key that is not public: to those who may, for a reason, after the trail has it, for a short time."""

import logging
from datetime import timedelta

from cryptography.exceptions import InvalidTag
from django.conf import settings
from django.core.exceptions import PermissionDenied
from django.db import DatabaseError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache

from productkeys.domain import rulebook
from productkeys.fields import raise_alarm
from productkeys.forms.problems import add_problems
from productkeys.forms.reveal import RevealForm, readable_reason
from productkeys.models.trail import Why
from productkeys.services import revealing
from productkeys.services.keys import Refused
from productkeys.services.origin import Origin
from productkeys.views.detail import Revealed, show
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
    if not request.user.has_perm("productkeys.reveal_productkey"):
        revealing.refuse(key, Why.NO_RIGHT, origin=origin)
        raise PermissionDenied(_("Your account may look product keys up, but not reveal them."))
    form = RevealForm(request.POST)
    if not form.is_valid():
        if form.has_error("note", rulebook.KEY_IN_TEXT.code):
            revealing.refuse(key, Why.KEY_IN_REASON, origin=origin)
        return show(request, key, form=form)
    try:
        code = revealing.reveal(key, reason=form.trail_text, origin=origin, act=form.cleaned_data["once"])
    except revealing.Repeated:
        return redirect(key)
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
