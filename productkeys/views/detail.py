"""The page of one key: everything but the key itself, which only a reveal puts there."""

from dataclasses import dataclass
from datetime import datetime

from django.conf import settings
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from keyportal.people.recent import is_recent
from productkeys.domain import rules
from productkeys.domain.choices import KeyType, Status, Usage
from productkeys.domain.keycode import KeyCode
from productkeys.domain.matching import hosts
from productkeys.domain.rule import Problem
from productkeys.domain.rulebook import Rule
from productkeys.domain.rules import Declaration
from productkeys.forms.reveal import RevealForm
from productkeys.forms.usage import cards_of, lock_of
from productkeys.listing.agreements import agreement_of
from productkeys.listing.history import entries_about, events_of
from productkeys.listing.labels import labels_of
from productkeys.listing.microsoft import comparison_of
from productkeys.listing.scopes import belonging_of
from productkeys.listing.template_use import templates_using
from productkeys.models import ProductKey, TrailEntry, reference
from productkeys.services import restoring, reveal_limit, scoping
from productkeys.services.origin import Origin
from productkeys.services.rights import Rights
from productkeys.services.rollout_templates import CHANGE
from productkeys.views.one_key import get_key

LAST_REASON = "last_reveal"
"""Under this the session keeps what was asked for last: the ticket is offered again. It was checked to hold no key."""

HISTORY_LENGTH = 20
"""So many entries of the trail stand on one page."""


@dataclass(frozen=True, slots=True)
class Revealed:
    """A key on its way to the page, until when it stays there, and why it was asked for."""

    code: KeyCode
    seconds: int
    until: datetime
    reason: str

    @property
    def whole(self) -> str:
        return self.code.open()


@require_safe
@never_cache
def detail(request: HttpRequest, pk: int) -> HttpResponse:
    """What the key is, what it may be used for, how much is left, and what happened to it."""
    return show(request, get_key(request, pk))


def show(
    request: HttpRequest,
    key: ProductKey,
    *,
    form: RevealForm | None = None,
    revealed: Revealed | None = None,
    status: int = 200,
) -> HttpResponse:
    """The page of `key`; a reveal brings its refused form, or the key."""
    assert request.user.is_authenticated
    covers = reference.current().systems[key.operating_system_id].covers
    entries = Paginator(entries_about(key.uid), HISTORY_LENGTH)
    history_page = entries.get_page(request.GET.get("history"))
    rights, origin = Rights.of(request.user, key), Origin.of(request)
    used_by = templates_using([key], request.user)
    context = {
        "key": key,
        "rights": rights,
        "belonging": belonging_of(key, reader=request.user),
        "labels": labels_of(key),
        "agreement": agreement_of(key, reader=request.user),
        "comparison": comparison_of(key),
        "was_compromised": restoring.earlier_statuses([key]).get(key.uid) == Status.COMPROMISED,
        "used_by": used_by,
        "may_replace": any(scoping.holds(origin, CHANGE, template.scope_id) for template in used_by),
        "is_to_replace": key.status != Status.ACTIVE or (key.left is not None and key.left <= 0),
        "hosts": _hosts_of(key),
        "form": form or RevealForm(initial=request.session.get(LAST_REASON)),
        "revealed": revealed,
        "reveal_seconds": settings.REVEAL_SECONDS,
        "is_recent": is_recent(request),
        "stop": None if key.published or revealed else _stop_for(request, rights),
        "usage_cards": cards_of(key.usage, key.key_type),
        "usage_lock": lock_of(key.key_type),
        "broken_rule": _rule_of_use(key),
        "members": [reference.current().system_name(slug) for slug in sorted(covers, reverse=True)],
        "history": events_of(history_page, about=key.uid, reader=request.user),
        "history_page": history_page,
    }
    return render(request, "productkeys/detail.html", context, status=status)


def _stop_for(request: HttpRequest, rights: Rights) -> TrailEntry | None:
    """What stopped the reveals, for those who would reveal this key, or let keys be revealed again."""
    is_concerned = rights.reveal or request.user.has_perm("productkeys.release_productkey")
    return reveal_limit.stop() if is_concerned else None


@dataclass(frozen=True, slots=True)
class KmsHosts:
    """What becomes of the count when a key activates a host that is new to it, and when it does one again."""

    problem: Problem | None
    after_another: int
    after_the_same: int


def _hosts_of(key: ProductKey) -> KmsHosts | None:
    """What the page of a KMS host key says of further hosts; None for other keys, and where there is no limit."""
    if key.key_type != KeyType.KMS_HOST or key.quantity is None:
        return None
    return KmsHosts(
        hosts.problem_of_another_host(key.quantity, key.in_use, active_before=False),
        hosts.in_use_after(key.in_use, active_before=False),
        hosts.in_use_after(key.in_use, active_before=True),
    )


def _rule_of_use(key: ProductKey) -> Rule | None:
    """The rule that leaves keys of this type fewer uses than there are; None where all are possible."""
    problems = (
        problem
        for usage in Usage
        for problem in rules.problems_of(Declaration(key_type=key.key_type, usage=usage))
        if problem.field == "usage"
    )
    return next((problem.rule for problem in problems), None)
