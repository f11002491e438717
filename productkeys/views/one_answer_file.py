"""How a view gets the deployment file that it is about: a person's own, and only as long as it is kept."""

from collections.abc import Callable
from functools import wraps
from uuid import UUID

from cryptography.exceptions import InvalidTag
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _

from productkeys.models import CheckedFile, ProductKey, SealedSecret
from productkeys.services import answer_files
from productkeys.services.answer_files import Checked

View = Callable[..., HttpResponse]


def about_a_file(view: View) -> View:
    """For views about one kept file: they are given it, and what was found in it.

    One that is gone, an hour old or another person's is the same to whoever asks: they bring it anew.
    """

    @wraps(view)
    def wrapped(request: HttpRequest, uid: UUID) -> HttpResponse:
        assert request.user.is_authenticated
        kept = answer_files.find(uid, request.user)
        try:
            checked = kept and _checked(request, kept)
        except (SealedSecret.DoesNotExist, InvalidTag):
            checked = None
        if kept is None or checked is None:
            messages.warning(request, _("This file is not kept any more. Bring it again."))
            return redirect("productkeys:answer-files")
        return view(request, kept, checked)

    return wrapped


def _checked(request: HttpRequest, kept: CheckedFile) -> Checked:
    keys = ProductKey.objects.visible_to(request.user)
    return answer_files.check(answer_files.data_of(kept), name=kept.name, keys=keys)
