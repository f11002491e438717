"""Archive, restore, mark as compromised, delete: what it would affect is said first, then a POST does it."""

from collections.abc import Callable
from dataclasses import dataclass

from django.contrib import messages
from django.contrib.auth.decorators import permission_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from productkeys.domain.choices import Status
from productkeys.forms.bulk import STATUS_AFTER, Act
from productkeys.forms.edit import SeenVersionForm
from productkeys.listing.template_use import what_breaks
from productkeys.models import ProductKey
from productkeys.services import bulk_edit, keys
from productkeys.services.bulk_edit import Changes, Step
from productkeys.services.keys import ChangedMeanwhile, Refused
from productkeys.services.origin import Origin
from productkeys.services.rights import Rights
from productkeys.views.bulk_words import WORDS
from productkeys.views.one_key import get_key


@dataclass(frozen=True, slots=True)
class Question:
    """What an act is called where it is about one key; what it brings about is the same as for several."""

    act: Act
    title: Promise
    button: Promise
    done: Callable[[ProductKey], str]

    @property
    def icon(self) -> str:
        return WORDS[self.act].icon

    @property
    def final(self) -> bool:
        return WORDS[self.act].final

    def plan(self, key: ProductKey, origin: Origin) -> Step:
        """What the act would do to `key`."""
        if self.act is Act.DELETE:
            plan = bulk_edit.plan_deletion([key], origin=origin)
        else:
            plan = bulk_edit.plan_changes([key], Changes({"status": STATUS_AFTER[self.act]}), origin=origin)
        return plan.steps[0]

    def do(self, key: ProductKey, *, seen_version: int, origin: Origin) -> None:
        """Do it. Raises Refused, and ChangedMeanwhile where the key has another version by now."""
        if self.act is Act.DELETE:
            keys.delete(key, seen_version=seen_version, origin=origin)
        else:
            keys.set_status(key, STATUS_AFTER[self.act], seen_version=seen_version, origin=origin)


def _restored(key: ProductKey) -> str:
    if key.status == Status.COMPROMISED:
        return _("“%(name)s” is in the list again, marked as compromised as it was before.")
    return _("“%(name)s” is active again.")


ARCHIVE = Question(
    Act.ARCHIVE,
    title=gettext_lazy("Archive this key?"),
    button=gettext_lazy("Archive"),
    done=lambda key: _("“%(name)s” is in the archive."),
)
RESTORE = Question(
    Act.RESTORE,
    title=gettext_lazy("Restore this key?"),
    button=gettext_lazy("Restore"),
    done=_restored,
)
MARK_COMPROMISED = Question(
    Act.COMPROMISE,
    title=gettext_lazy("Mark this key as compromised?"),
    button=gettext_lazy("Mark as compromised"),
    done=lambda key: _("“%(name)s” is marked as compromised."),
)
DELETE = Question(
    Act.DELETE,
    title=gettext_lazy("Delete this key for good?"),
    button=gettext_lazy("Delete for good"),
    done=lambda key: _("“%(name)s” is deleted."),
)


@permission_required("productkeys.change_productkey", raise_exception=True)
def archive(request: HttpRequest, pk: int) -> HttpResponse:
    """Take the key out of the list, into the archive."""
    return _answer(request, get_key(request, pk, "change"), ARCHIVE)


@permission_required("productkeys.change_productkey", raise_exception=True)
def restore(request: HttpRequest, pk: int) -> HttpResponse:
    """Bring a key back from the archive as it was, or take the mark “compromised” from one in the list."""
    return _answer(request, get_key(request, pk, "change"), RESTORE)


@permission_required("productkeys.change_productkey", raise_exception=True)
def mark_compromised(request: HttpRequest, pk: int) -> HttpResponse:
    """Say that the key leaked."""
    return _answer(request, get_key(request, pk, "change"), MARK_COMPROMISED)


@permission_required("productkeys.delete_productkey", raise_exception=True)
def delete(request: HttpRequest, pk: int) -> HttpResponse:
    """Remove the key for good; a standard key stays."""
    return _answer(request, get_key(request, pk, "delete"), DELETE)


@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
def _answer(request: HttpRequest, key: ProductKey, question: Question) -> HttpResponse:
    """Ask on GET; act on POST, unless somebody changed the key since the question was shown."""
    if key.status == STATUS_AFTER.get(question.act):
        messages.info(request, question.done(key) % {"name": key.name})
        return redirect(key)
    form = SeenVersionForm(request.POST)
    if request.method != "POST" or not form.is_valid():
        return _ask(request, key, question)
    try:
        question.do(key, seen_version=form.cleaned_data["version"], origin=Origin.of(request))
    except Refused:
        return _ask(request, key, question, status=409)
    except ChangedMeanwhile:
        return _ask(request, get_key(request, key.pk), question, changed=True, status=409)
    messages.success(request, question.done(key) % {"name": key.name})
    return redirect("productkeys:list") if question.final else redirect(key)


def _ask(
    request: HttpRequest, key: ProductKey, question: Question, *, changed: bool = False, status: int = 200
) -> HttpResponse:
    assert request.user.is_authenticated
    step = question.plan(key, Origin.of(request))
    broken = [] if question.act is Act.RESTORE else what_breaks([key], request.user)
    context = {
        "key": key,
        "rights": Rights.of(request.user, key),
        "question": question,
        "problems": step.problems,
        "effects": [*broken, *WORDS[question.act].effects([step])],
        "changed": changed,
        "form": SeenVersionForm(initial={"version": key.version}),
    }
    return render(request, "productkeys/confirm.html", context, status=status)
