"""Changing a key; whoever comes second is shown both versions and loses nothing."""

from dataclasses import dataclass

from django.contrib import messages
from django.contrib.auth.decorators import permission_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.formats import number_format
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache

from productkeys.domain.choices import Architecture, KeyType, Usage
from productkeys.forms.edit import EditKeyForm
from productkeys.forms.problems import add_problems
from productkeys.models import ProductKey, reference
from productkeys.services import keys
from productkeys.services.keys import ChangedMeanwhile, KeyValues, Refused
from productkeys.services.origin import Origin
from productkeys.views.one_key import get_key


@dataclass(frozen=True, slots=True)
class Difference:
    """One field of two people's versions of a key."""

    label: str
    stored: str
    typed: str

    @property
    def differs(self) -> bool:
        return self.stored != self.typed


@permission_required("productkeys.change_productkey", raise_exception=True)
@never_cache
def edit(request: HttpRequest, pk: int) -> HttpResponse:
    """The declared fields of the key as a form; of a standard key, its comment."""
    key, origin = get_key(request, pk), Origin.of(request)
    form = EditKeyForm(request.POST or None, key=key, origin=origin)
    if request.method != "POST" or not form.is_valid():
        return _show(request, key, form)
    try:
        keys.change_key(key, form.values, seen_version=form.cleaned_data["version"], origin=origin)
    except Refused as refused:
        add_problems(form, refused.problems)
        return _show(request, get_key(request, pk), form)
    except ChangedMeanwhile:
        current = get_key(request, pk)
        form.show_on_top_of(current)
        return _show(request, current, form, differences=_compare(current, form), status=409)
    messages.success(request, _("“%(name)s” is saved.") % {"name": key.name})
    return redirect(key)


def _show(
    request: HttpRequest,
    key: ProductKey,
    form: EditKeyForm,
    *,
    differences: list[Difference] | None = None,
    status: int = 200,
) -> HttpResponse:
    context = {"key": key, "form": form, "differences": differences}
    return render(request, "productkeys/edit.html", context, status=status)


def _compare(current: ProductKey, form: EditKeyForm) -> list[Difference]:
    typed = form.values
    stored_texts, typed_texts = _readable(KeyValues.of(current)), _readable(typed)
    rows = [
        Difference(label=str(form.fields[name].label), stored=stored_texts[name], typed=typed_texts[name])
        for name in stored_texts
    ]
    if typed.code is not None:
        rows.append(Difference(label=_("Product key"), stored=str(current.code), typed=str(typed.code)))
    return rows


def _readable(values: KeyValues) -> dict[str, str]:
    """The declared values as people read them, by the name of their field."""
    facts = reference.current()
    return {
        "name": values.name,
        "key_type": str(KeyType(values.key_type).label),
        "comment": values.comment,
        "operating_system": facts.system_name(values.operating_system_id),
        "edition": facts.edition_label(values.operating_system_id, values.edition) or _("all editions"),
        "architecture": str(Architecture(values.architecture).label),
        "quantity": _("no limit") if values.quantity is None else number_format(values.quantity, force_grouping=True),
        "usage": str(Usage(values.usage).label),
    }
