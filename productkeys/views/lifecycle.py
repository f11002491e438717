"""Archive, restore, mark as compromised, delete: what it would affect is said first, then a POST does it."""

from collections.abc import Callable
from dataclasses import dataclass

from django.contrib import messages
from django.contrib.auth.decorators import permission_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from productkeys.domain.choices import KeyType, Status
from productkeys.domain.rulebook import Problem
from productkeys.forms.edit import SeenVersionForm
from productkeys.models import ProductKey
from productkeys.services import keys
from productkeys.services.keys import ChangedMeanwhile, Refused
from productkeys.services.origin import Origin
from productkeys.views.one_key import get_key


@dataclass(frozen=True, slots=True)
class Act:
    """One verb: its words, what it would affect, and the service that does it to (key, version seen)."""

    title: Promise
    button: Promise
    icon: str
    done: Promise
    effects: Callable[[ProductKey], list[str]]
    do: Callable[[ProductKey, int, Origin], object]
    problems: Callable[[ProductKey], list[Problem]]
    becomes: Status | None = None
    final: bool = False


def _set_status(status: Status) -> Callable[[ProductKey, int, Origin], object]:
    return lambda key, seen_version, origin: keys.set_status(
        key, status.value, seen_version=seen_version, origin=origin
    )


def _problems_of(status: Status) -> Callable[[ProductKey], list[Problem]]:
    return lambda key: keys.problems_of_status(key, status.value)


def _delete(key: ProductKey, seen_version: int, origin: Origin) -> object:
    return keys.delete(key, seen_version=seen_version, origin=origin)


def _effects_of_archiving(key: ProductKey) -> list[str]:
    return [
        _("The key leaves the list and stands in the archive from then on."),
        *_in_use(key),
        _("Nothing is lost: the key can be restored at any time."),
    ]


def _effects_of_restoring(key: ProductKey) -> list[str]:
    effects = [_("The key stands in the list again, with all it had.")]
    if key.status == Status.COMPROMISED:
        effects = [_("The mark “compromised” goes away. Restore the key only if it did not leak after all.")]
    return effects


def _effects_of_compromising(key: ProductKey) -> list[str]:
    return [
        _("The key stays in the list, and everybody sees that it must not be used any more."),
        *_in_use(key),
        _("The portal cannot block it: ask Microsoft for a new key, and replace this one wherever it is used."),
    ]


def _effects_of_deleting(key: ProductKey) -> list[str]:
    return [
        _("The key is gone for good. Nobody can bring it back, and the portal cannot reveal it any more."),
        *_in_use(key),
        _("The trail stays: it goes on saying who added, changed and revealed the key."),
        _("If you only want it out of the way, archive it instead."),
    ]


def _in_use(key: ProductKey) -> list[str]:
    if not key.in_use:
        return []
    counted = ngettext(
        "%(count)d use is counted on it; the device stays activated.",
        "%(count)d uses are counted on it; the devices stay activated.",
        key.in_use,
    )
    if key.key_type == KeyType.KMS_HOST:
        counted = ngettext(
            "%(count)d KMS host is activated with it, and stays so.",
            "%(count)d KMS hosts are activated with it, and stay so.",
            key.in_use,
        )
    return [counted % {"count": key.in_use}]


ARCHIVE = Act(
    title=gettext_lazy("Archive this key?"),
    button=gettext_lazy("Archive"),
    icon="archive",
    done=gettext_lazy("“%(name)s” is in the archive."),
    effects=_effects_of_archiving,
    do=_set_status(Status.ARCHIVED),
    problems=_problems_of(Status.ARCHIVED),
    becomes=Status.ARCHIVED,
)
RESTORE = Act(
    title=gettext_lazy("Restore this key?"),
    button=gettext_lazy("Restore"),
    icon="restore",
    done=gettext_lazy("“%(name)s” is active again."),
    effects=_effects_of_restoring,
    do=_set_status(Status.ACTIVE),
    problems=_problems_of(Status.ACTIVE),
    becomes=Status.ACTIVE,
)
MARK_COMPROMISED = Act(
    title=gettext_lazy("Mark this key as compromised?"),
    button=gettext_lazy("Mark as compromised"),
    icon="warn",
    done=gettext_lazy("“%(name)s” is marked as compromised."),
    effects=_effects_of_compromising,
    do=_set_status(Status.COMPROMISED),
    problems=_problems_of(Status.COMPROMISED),
    becomes=Status.COMPROMISED,
)
DELETE = Act(
    title=gettext_lazy("Delete this key for good?"),
    button=gettext_lazy("Delete for good"),
    icon="trash",
    done=gettext_lazy("“%(name)s” is deleted."),
    effects=_effects_of_deleting,
    do=_delete,
    problems=keys.problems_of_deletion,
    final=True,
)


@permission_required("productkeys.change_productkey", raise_exception=True)
def archive(request: HttpRequest, pk: int) -> HttpResponse:
    """Take the key out of the list, into the archive."""
    return _answer(request, get_key(request, pk), ARCHIVE)


@permission_required("productkeys.change_productkey", raise_exception=True)
def restore(request: HttpRequest, pk: int) -> HttpResponse:
    """Make an archived or compromised key active again."""
    return _answer(request, get_key(request, pk), RESTORE)


@permission_required("productkeys.change_productkey", raise_exception=True)
def mark_compromised(request: HttpRequest, pk: int) -> HttpResponse:
    """Say that the key leaked."""
    return _answer(request, get_key(request, pk), MARK_COMPROMISED)


@permission_required("productkeys.delete_productkey", raise_exception=True)
def delete(request: HttpRequest, pk: int) -> HttpResponse:
    """Remove the key for good; a standard key stays."""
    return _answer(request, get_key(request, pk), DELETE)


@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
def _answer(request: HttpRequest, key: ProductKey, act: Act) -> HttpResponse:
    """Ask on GET; act on POST, unless somebody changed the key since the question was shown."""
    if key.status == act.becomes:
        messages.info(request, act.done % {"name": key.name})
        return redirect(key)
    form = SeenVersionForm(request.POST)
    if request.method != "POST" or not form.is_valid():
        return _ask(request, key, act)
    try:
        act.do(key, form.cleaned_data["version"], Origin.of(request))
    except Refused:
        return _ask(request, key, act, status=409)
    except ChangedMeanwhile:
        return _ask(request, get_key(request, key.pk), act, changed=True, status=409)
    messages.success(request, act.done % {"name": key.name})
    return redirect("productkeys:list") if act.final else redirect(key)


def _ask(request: HttpRequest, key: ProductKey, act: Act, *, changed: bool = False, status: int = 200) -> HttpResponse:
    context = {
        "key": key,
        "act": act,
        "problems": act.problems(key),
        "effects": act.effects(key),
        "changed": changed,
        "form": SeenVersionForm(initial={"version": key.version}),
    }
    return render(request, "productkeys/confirm.html", context, status=status)
