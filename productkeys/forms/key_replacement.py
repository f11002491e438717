"""Which key comes in the place of another, and in which rollout templates."""

from collections.abc import Sequence
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.http import QueryDict
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext

from productkeys.domain import rollout
from productkeys.domain.choices import KeyType
from productkeys.domain.matching import KeyFacts, Match, Verdict
from productkeys.forms.rollout_template import TemplateKeyField
from productkeys.models import ProductKey, RolloutTemplate
from productkeys.services import key_replacement
from productkeys.services.origin import Origin

_OFFERED = 100
"""So many keys are on offer, the best ones."""


class ReplaceKeyForm(forms.Form):
    """The `templates`, each by its number and the version that the page showed, and the key that comes.

    Keys are offered that fit wherever the ticked templates use the key. `changed` says that somebody changed a ticked
    template since the page was shown: then all that are there now are ticked.
    """

    templates = forms.MultipleChoiceField(
        label=_("Rollout templates"), error_messages={"required": _("No rollout template is ticked.")}
    )
    replacement = TemplateKeyField(
        label=_("Key that comes in its place"),
        required=True,
        help_text=_("On offer are the keys that fit all ticked templates, the best first."),
        error_messages={"required": _("No key is chosen.")},
    )

    def __init__(
        self, data: QueryDict | None = None, *, key: ProductKey, templates: Sequence[RolloutTemplate], origin: Origin
    ) -> None:
        self.key, self.origin = key, origin
        self.other: KeyFacts | None = None
        self.by_ticket = {f"{template.pk}:{template.version}": template for template in templates}
        asked = data.getlist("templates") if data else []
        self.changed = any(ticket not in self.by_ticket for ticket in asked)
        super().__init__(None if self.changed else data)
        self.ticked = list(self.by_ticket) if self.changed or data is None else asked
        field = self.fields["templates"]
        assert isinstance(field, forms.MultipleChoiceField)
        field.choices = [(ticket, template.name) for ticket, template in self.by_ticket.items()]
        self._offer()

    def _offer(self) -> None:
        field = self.fields["replacement"]
        assert isinstance(field, TemplateKeyField)
        found = key_replacement.offered(self.key, self.chosen, self.origin, at_most=_OFFERED + 1)
        matches, self.offers_some = found[:_OFFERED], len(found) > _OFFERED
        self.fits_none = not matches
        field.choices = [("", _("Choose a key")), *((str(match.key.id), _label(match)) for match in matches)]

    @property
    def chosen(self) -> list[RolloutTemplate]:
        """The ticked templates."""
        return [self.by_ticket[ticket] for ticket in dict.fromkeys(self.ticked)]

    @property
    def seen_versions(self) -> dict[int, int]:
        return {template.pk: template.version for template in self.chosen}

    def clean_replacement(self) -> int:
        """Refuses a key that is not there, and names each template that it does not fit."""
        number: int = self.cleaned_data["replacement"]
        other = key_replacement.facts_of(number, self.key, self.origin)
        if other is None:
            problem = rollout.KEY_NOT_THERE.broken()
            raise ValidationError(problem.text, problem.code)
        problems = key_replacement.problems_of(self.key, other, self.chosen)
        if problems:
            raise ValidationError(
                [
                    ValidationError(
                        _("“%(template)s”: %(reason)s"),
                        problem.code,
                        {"template": template.name, "reason": problem.text},
                    )
                    for template, problem in problems
                ]
            )
        self.other = other
        return number


def _label(match: Match) -> str:
    key: Any = match.key
    words = [key.name, str(KeyType(key.key_type).label), f"…{key.last_five}"]
    if match.verdict is Verdict.WARNING:
        words.append(pgettext("a key fits", "with a warning"))
    return " · ".join(words)
