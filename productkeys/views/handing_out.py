"""Handing out a file with stored keys in it: each secret key leaves by a reveal, and one reason is asked for all."""

import logging
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol
from uuid import UUID, uuid4, uuid5

from cryptography.exceptions import InvalidTag
from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.db import DatabaseError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.debug import sensitive_variables

from keyportal.people.recent import confirmation, is_recent
from productkeys.domain import rulebook
from productkeys.domain.keycode import KeyCode
from productkeys.fields import raise_alarm
from productkeys.forms.answer_file_keys import DownloadForm
from productkeys.forms.problems import add_problems
from productkeys.models import ProductKey
from productkeys.models.trail import Why
from productkeys.services import revealing
from productkeys.services.keys import Refused
from productkeys.services.origin import Origin
from productkeys.services.reveal_limit import Repeated, Stopped
from productkeys.views.letters import tell_of_the_stop

logger = logging.getLogger(__name__)

Write = Callable[[Mapping[int, KeyCode]], HttpResponse]
"""Makes the answer from the keys that were revealed, by their numbers."""


class Show(Protocol):
    """Shows the page again, with what was typed."""

    def __call__(self, form: DownloadForm, *, failed: bool = False, status: int = 200) -> HttpResponse: ...


@dataclass(frozen=True)
class HandingOut:
    """A request for a file with `keys` in it, all of them secret. `part` tells files of the same page apart."""

    request: HttpRequest
    keys: Sequence[ProductKey]
    form: DownloadForm
    is_locked: bool
    part: str = ""

    def answer(self, write: Write, *, show: Show) -> HttpResponse:
        """The file, or the page again. Raises PermissionDenied where the person may not reveal all of the keys."""
        origin = Origin.of(self.request)
        if self.is_locked:
            for key in self.keys:
                revealing.refuse(key, Why.NO_RIGHT, origin=origin)
            raise PermissionDenied(_("Your account may look product keys up, but not reveal them."))
        if not self.keys:
            return write({})
        if not self.form.is_valid():
            if self.form.has_error("note", rulebook.KEY_IN_TEXT.code):
                for key in self.keys:
                    revealing.refuse(key, Why.KEY_IN_REASON, origin=origin)
            return show(self.form)
        if not is_recent(self.request):
            return confirmation(self.request.get_full_path())
        return self._revealed(write, show, origin)

    @sensitive_variables("codes")
    def _revealed(self, write: Write, show: Show, origin: Origin) -> HttpResponse:
        codes: dict[int, KeyCode] = {}
        form, key = self.form, self.keys[0]
        once = form.cleaned_data.get("once") or uuid4()
        try:
            for key in self.keys:
                codes[key.pk] = revealing.reveal(key, reason=form.trail_text, origin=origin, act=self._act(once, key))
            return write(codes)
        except Repeated:
            messages.info(
                self.request, _("This was sent twice, and written once. If you still need the file, download it again.")
            )
            return redirect(self.request.get_full_path())
        except Stopped as stopped:
            if stopped.passed:
                tell_of_the_stop(self.request)
            return show(form, status=429)
        except Refused as refused:
            add_problems(form, refused.problems)
            return show(form)
        except DatabaseError:
            logger.exception("No file was written: the trail cannot be written")
            return show(form, failed=True, status=503)
        except InvalidTag:
            raise_alarm(key.uid)
            revealing.refuse(key, Why.SEALED_ELSEWHERE, origin=origin)
            return render(self.request, "productkeys/not_revealed.html", {"key": key, "moved": True}, status=500)

    def _act(self, once: UUID, key: ProductKey) -> UUID:
        """The name of the act for one of several keys: the same page sent twice is the same act."""
        return uuid5(once, f"{key.uid}{self.part}")
