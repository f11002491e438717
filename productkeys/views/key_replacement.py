"""Replacing a key in all rollout templates that use it: choose, look at what will change, do it."""

from dataclasses import dataclass

from django.contrib import messages
from django.contrib.auth.decorators import permission_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy, ngettext
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from productkeys.domain.matching import KeyFacts
from productkeys.domain.rollout import ACTIVATION, INSTALLATION
from productkeys.forms.key_replacement import ReplaceKeyForm
from productkeys.listing import rollout_templates as listing
from productkeys.models import ProductKey, RolloutTemplate
from productkeys.services import key_replacement
from productkeys.services.keys import Refused
from productkeys.services.origin import Origin
from productkeys.services.rollout_templates import CHANGE, ChangedMeanwhile
from productkeys.services.template_health import diagnoses
from productkeys.views.one_key import get_key

_FIELDS = {INSTALLATION: gettext_lazy("Installation key"), ACTIVATION: gettext_lazy("Activation key")}


@dataclass(frozen=True, slots=True)
class Row:
    """A template that uses the key: `fields` is where, `badge` how the template is, `why` its gravest finding."""

    ticket: str
    template: RolloutTemplate
    product: str
    fields: list[str]
    badge: SafeString
    why: str


@permission_required(CHANGE, raise_exception=True)
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def replace(request: HttpRequest, pk: int) -> HttpResponse:
    """Ask on GET; on POST show what will change, and do it once that was seen."""
    key, origin = get_key(request, pk), Origin.of(request)
    uses = key_replacement.uses_of(key, origin)
    form = ReplaceKeyForm(
        request.POST if request.method == "POST" else None, key=key, templates=uses.changeable, origin=origin
    )
    if "look" in request.POST or not form.is_valid() or form.other is None:
        return _show(request, key, form, status=409 if form.changed else 200)
    if "apply" in request.POST:
        chosen = form.chosen
        try:
            key_replacement.replace_key(key, form.other, chosen, seen_versions=form.seen_versions, origin=origin)
        except (Refused, ChangedMeanwhile):
            # Somebody was faster between the look and the write: the page is asked anew.
            form = ReplaceKeyForm(key=key, templates=key_replacement.uses_of(key, origin).changeable, origin=origin)
            form.changed = True
            return _show(request, key, form, status=409)
        done = ngettext(
            "The key is replaced in one rollout template.",
            "The key is replaced in %(count)d rollout templates.",
            len(chosen),
        )
        messages.success(request, done % {"count": len(chosen)})
        return redirect(key)
    return _show(request, key, form, other=form.other)


def _show(
    request: HttpRequest, key: ProductKey, form: ReplaceKeyForm, *, other: KeyFacts | None = None, status: int = 200
) -> HttpResponse:
    assert request.user.is_authenticated
    tickets = {template.pk: ticket for ticket, template in form.by_ticket.items()}
    templates = form.chosen if other else list(form.by_ticket.values())
    shown = key_replacement.as_they_would_be(key, other, templates) if other else templates
    said = diagnoses(shown, request.user)
    context = {
        "key": key,
        "form": form,
        "other": ProductKey.objects.get(pk=other.id) if other else None,
        "rows": [
            Row(
                ticket=tickets[template.pk],
                template=template,
                product=listing.product_of(template),
                fields=[str(_FIELDS[name]) for name in key_replacement.fields_with(key, template)],
                badge=listing.health_badge(said[template.pk].health),
                why=listing.why(said[template.pk]),
            )
            for template in templates
        ],
        "others": key_replacement.uses_of(key, form.origin).others,
        "looks": "look" in request.POST,
    }
    return render(request, "productkeys/replace.html", context, status=status)
