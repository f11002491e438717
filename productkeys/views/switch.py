"""Switching machines: to KMS, to a MAK, to another edition; when activation fails; what a KMS host activates."""

from collections.abc import Sequence
from typing import Any
from urllib.parse import urlencode

from django.conf import settings
from django.contrib.auth.decorators import permission_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters, sensitive_variables
from django.views.decorators.http import require_http_methods, require_safe

from productkeys.domain import kms
from productkeys.domain.choices import KeyType, LicenceStatus
from productkeys.domain.matching import ImageFacts
from productkeys.domain.matching.hosts import problem_of_client, problem_of_directory
from productkeys.domain.rule import Problem
from productkeys.domain.scripts import as_cmd, as_powershell
from productkeys.domain.slmgr import Licence, key_type_of
from productkeys.forms.identify import ShownTextForm
from productkeys.forms.switch import ChangeEditionForm, ErrorCodeForm, HostGroupForm, ProductForm, ToKmsForm
from productkeys.listing.activation_errors import rows_of
from productkeys.models import ProductKey, reference
from productkeys.models.product_key import ProductKeyQuerySet
from productkeys.services import published_facts, switching
from productkeys.services.switching import Candidate

WAYS = {
    "switch": gettext_lazy("To KMS"),
    "switch-mak": gettext_lazy("To a MAK"),
    "switch-edition": gettext_lazy("To another edition"),
    "switch-errors": gettext_lazy("When activation fails"),
    "switch-hosts": gettext_lazy("What a KMS host activates"),
}
"""The pages by the names of their routes."""

_SCRIPTS = {"cmd": as_cmd, "ps1": as_powershell}
_MINUTES_A_DAY = 24 * 60
_ALIKE_SHOWN = 5
_viewers_only = permission_required("productkeys.view_productkey", raise_exception=True)


@_viewers_only
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
@sensitive_post_parameters("text")
@sensitive_variables("pasted")
def to_kms(request: HttpRequest) -> HttpResponse:
    """The right GVLK and the commands, for a product that is chosen or for what a machine shows."""
    pasted = ShownTextForm(request.POST if request.method == "POST" else None)
    licences = switching.licences_of_windows(pasted.cleaned_data["text"]) if pasted.is_valid() else []
    if pasted.is_valid() and not licences:
        pasted.refuse(
            _("No licence of Windows was found in this text. Paste all that slmgr /dli or slmgr /dlv prints.")
        )
    if licences:
        said = _answer_to(request, licences[0]) | {"shows_others": len(set(licences)) > 1}
        return _render(request, "kms", said, form=ToKmsForm(initial=said.get("chosen")), pasted=ShownTextForm())
    form = ToKmsForm(request.GET if "system" in request.GET else None)
    context: dict[str, Any] = {}
    if form.is_valid():
        context = _gvlks(form.image, _visible(request), host=form.host_name, was_host=form.cleaned_data["was_host"])
    return _render(request, "kms", context, form=form, pasted=pasted)


@_viewers_only
@require_safe
def script(request: HttpRequest) -> HttpResponse:
    """The commands as a file. There is no secret in it: Microsoft published the key."""
    form = ToKmsForm(request.GET)
    write = _SCRIPTS.get(request.GET.get("as", ""))
    if write is None or not form.is_valid():
        raise Http404
    found = _gvlks(form.image, _visible(request), host=form.host_name, was_host=form.cleaned_data["was_host"])
    if "steps" not in found:
        raise Http404
    name = f"switch-to-kms-{found['candidates'][0].key.last_five}.{request.GET['as']}"
    headers = {"Content-Disposition": f'attachment; filename="{name}"'}
    return HttpResponse(write(found["steps"]), content_type="application/octet-stream", headers=headers)


@_viewers_only
@never_cache
@require_safe
def to_mak(request: HttpRequest) -> HttpResponse:
    """The commands with a place for the MAK, and the MAKs that fit; the key itself is revealed on its own page."""
    form = ProductForm(request.GET if "system" in request.GET else None)
    maks = switching.maks_for(form.image, _visible(request)) if form.is_valid() else []
    context = {
        "candidates": maks,
        "more_than": switching.MAKS_SHOWN if len(maks) == switching.MAKS_SHOWN else 0,
        "steps": kms.to_mak("<MAK>"),
    }
    return _render(request, "mak", context, form=form)


@_viewers_only
@never_cache
@require_safe
def to_edition(request: HttpRequest) -> HttpResponse:
    """An evaluation becomes full, Standard becomes Datacenter."""
    form = ChangeEditionForm(request.GET if "change" in request.GET else None)
    context: dict[str, Any] = {}
    if form.is_valid():
        image = ImageFacts(system=form.cleaned_data["system"], edition=form.after)
        found = switching.gvlks_of(image, _visible(request))
        context = {"candidates": found, "problem": kms.problem_of_gvlks([one.match for one in found])}
        if context["problem"] is None:
            context["steps"] = kms.to_edition(form.after, found[0].key.public_code)
    sources = {change.source for change in published_facts.catalogue().changes if change.by == "dism"}
    return _render(request, "edition", context, form=form, sources=sorted(sources))


@_viewers_only
@never_cache
@require_safe
def errors(request: HttpRequest) -> HttpResponse:
    """What to check when a KMS client does not activate, and what the codes of errors mean."""
    known = published_facts.activation_errors()
    form = ErrorCodeForm(request.GET if "code" in request.GET else None)
    code = kms.error_code(form.cleaned_data["code"]) if form.is_valid() else ""
    if form.is_valid() and code not in known:
        unknown = _("The code %(code)s is not among those that are explained here.") % {"code": code}
        form.add_error("code", unknown if code else _("This is no code of an error: they look like 0xC004F074."))
    asked = request.GET.get("host", "")
    host = asked if asked in settings.KMS_HOSTS else ""
    context = {
        "checks": kms.checks(host),
        "found": rows_of([known[code]]) if code in known else [],
        "errors": rows_of(known.values()),
    }
    return _render(request, "errors", context, form=form)


@_viewers_only
@never_cache
@require_safe
def hosts(request: HttpRequest) -> HttpResponse:
    """Which clients a KMS host with the key of a product group activates, and which it does not."""
    form = HostGroupForm(request.GET if "group" in request.GET else None)
    catalogue = published_facts.catalogue()
    group = None
    rows: list[tuple[str, Problem | None, Problem | None, bool]] = []
    if form.is_valid():
        group = next(group for group in catalogue.hosts if group.system == form.cleaned_data["group"])
        rows = [
            (
                system.name,
                problem_of_client(group.system, slug, catalogue),
                problem_of_directory(system),
                slug in group.judged,
            )
            for slug, system in catalogue.systems.items()
            if not system.covers
        ]
    return _render(request, "hosts", {"group": group, "rows": rows}, form=form)


def _render(request: HttpRequest, page: str, context: dict[str, Any], **more: Any) -> HttpResponse:
    shared = {"ways": WAYS, "here_way": request.resolver_match.url_name if request.resolver_match else ""}
    return render(request, f"productkeys/switch/{page}.html", shared | context | more)


def _visible(request: HttpRequest) -> ProductKeyQuerySet:
    visible: ProductKeyQuerySet = ProductKey.objects.visible_to(request.user)
    return visible


def _gvlks(image: ImageFacts, keys: ProductKeyQuerySet, *, host: str = "", was_host: bool = False) -> dict[str, Any]:
    """What the page says of a Windows: the GVLKs that may be meant, and the commands where one is left."""
    found = switching.gvlks_of(image, keys)
    problem = kms.problem_of_gvlks([one.match for one in found])
    rest = ({"host": host} if host else {}) | ({"was_host": "on"} if was_host else {})
    said: dict[str, Any] = {"candidates": found, "problem": problem, "host": host, "carried_over": urlencode(rest)}
    if problem:
        return said
    key = found[0].key
    chosen = {"system": key.operating_system_id, "edition": key.edition} | rest
    said["chosen"] = chosen
    if not found[0].needs_dism:
        said |= {"steps": kms.to_kms(key.public_code, host=host, was_host=was_host), "query": urlencode(chosen)}
    return said


def _answer_to(request: HttpRequest, licence: Licence) -> dict[str, Any]:
    """What a machine shows, the entry that its key belongs to, and what makes a KMS client of it."""
    channel = key_type_of(licence.channel, published_facts.channels())
    keys = _visible(request)
    said = _gvlks(licence.facts(published_facts.catalogue()), keys, was_host=channel == KeyType.KMS_HOST)
    return said | {
        "licence": licence,
        "system": "" if said["problem"] else _name_of(said["candidates"]),
        "key_type": channel,
        "status": LicenceStatus(licence.status).label if licence.status else "",
        "days_left": None if licence.minutes_left is None else licence.minutes_left // _MINUTES_A_DAY,
        "carried": _carried(licence, keys),
        "is_client": _is_client(licence, channel, said["candidates"]),
        "explained": rows_of(
            error for code, error in published_facts.activation_errors().items() if code in licence.errors
        ),
    }


def _name_of(candidates: Sequence[Candidate]) -> str:
    return reference.current().system_name(candidates[0].key.operating_system_id)


def _carried(licence: Licence, keys: ProductKeyQuerySet) -> list[ProductKey]:
    """The entries that the key of the machine may be: their last five characters are the same."""
    ending = keys.filter(last_five=licence.last_five) if licence.last_five else keys.none()
    return list(ending.order_by("name_sort", "pk")[:_ALIKE_SHOWN])


def _is_client(licence: Licence, channel: str, candidates: Sequence[Candidate]) -> bool:
    """Whether the machine has the right GVLK already."""
    return channel == KeyType.GVLK and [one.key.last_five for one in candidates] == [licence.last_five]
