"""Changing a key; whoever comes second is shown both versions and loses nothing."""

from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import permission_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache

from productkeys.forms.edit import EditKeyForm
from productkeys.forms.problems import add_problems
from productkeys.listing.agreements import agreement_of, numbers_of, with_numbers
from productkeys.listing.changes import FieldChange, in_words
from productkeys.listing.labels import labels_of
from productkeys.listing.scopes import belonging_of
from productkeys.listing.template_use import Consequences, consequences_of
from productkeys.models import ProductKey
from productkeys.services import keys, labelling
from productkeys.services.keys import DECLARED_FIELDS, ChangedMeanwhile, KeyValues, Refused
from productkeys.services.origin import Origin
from productkeys.services.seen_version import values_when_seen
from productkeys.views.one_key import get_key


@permission_required("productkeys.change_productkey", raise_exception=True)
@never_cache
def edit(request: HttpRequest, pk: int) -> HttpResponse:
    """The declared fields of the key as a form; of a standard key, its comment.

    Where a rollout template would not work any more, that is said before anything is stored.
    """
    key, origin = get_key(request, pk, "change"), Origin.of(request)
    form = EditKeyForm(request.POST or None, key=key, origin=origin)
    if request.method != "POST" or not form.is_valid():
        return _show(request, key, form)
    assert request.user.is_authenticated
    if form.cleaned_data["version"] == key.version:
        consequences = consequences_of([(key, _new_values(form.values))], request.user)
        if consequences.seen != request.POST.get("consequences", ""):
            form.keep_typed_code()
            return _show(request, key, form, consequences=consequences, status=409)
    try:
        keys.change_key(key, form.values, seen_version=form.cleaned_data["version"], origin=origin)
    except Refused as refused:
        add_problems(form, refused.problems)
        return _show(request, get_key(request, pk, "change"), form)
    except ChangedMeanwhile:
        current = get_key(request, pk, "change")
        form.show_on_top_of(current, values_when_seen(current, form.cleaned_data["version"]))
        return _show(request, current, form, differences=_compare(request, current, form), status=409)
    messages.success(request, _("“%(name)s” is saved.") % {"name": key.name})
    return redirect(key)


def _show(
    request: HttpRequest,
    key: ProductKey,
    form: EditKeyForm,
    *,
    differences: list[FieldChange] | None = None,
    consequences: Consequences | None = None,
    status: int = 200,
) -> HttpResponse:
    assert request.user.is_authenticated
    belonging = belonging_of(key, reader=request.user)
    context = {"key": key, "form": form, "differences": differences, "belonging": belonging, "labels": labels_of(key)}
    context["consequences"] = consequences
    context["agreement"] = agreement_of(key, reader=request.user)
    return render(request, "productkeys/edit.html", context, status=status)


def _new_values(values: KeyValues) -> dict[str, Any]:
    """What the form says, by name, the new key among it."""
    return {name: getattr(values, name) for name in (*DECLARED_FIELDS, "code")}


def _compare(request: HttpRequest, current: ProductKey, form: EditKeyForm) -> list[FieldChange]:
    """What is stored now, and what this person typed: every declared field, and the key where they typed a new one."""
    stored, typed = KeyValues.of(current), form.values
    assert request.user.is_authenticated
    numbers = numbers_of([stored.agreement_id, typed.agreement_id], reader=request.user)
    rows = list(
        in_words(
            with_numbers({name: getattr(stored, name) for name in DECLARED_FIELDS}, numbers),
            with_numbers({name: getattr(typed, name) for name in DECLARED_FIELDS}, numbers),
        )
    )
    if typed.shared_with is not None:
        shared = current.shared_with.values_list("pk", flat=True)
        rows += in_words({"shared_with": sorted(shared)}, {"shared_with": sorted(typed.shared_with)})
    if typed.labels is not None:
        stored_labels = labelling.names_of(current)
        rows += in_words({"labels": stored_labels}, {"labels": labelling.in_order(typed.labels)})
    if typed.code is not None:
        rows.append(FieldChange(_("Product key"), before=str(current.code), after=str(typed.code)))
    return rows
