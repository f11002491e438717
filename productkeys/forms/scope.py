"""The fields that say whose key it is. They are there only where a person has something to choose.

A portal with a single scope never speaks of scopes, and a choice never names one in which the person has no right.
"""

from collections.abc import Iterable, Sequence
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from productkeys.models import Agreement, ProductKey, RolloutTemplate, reference
from productkeys.services import scoping
from productkeys.services.origin import Origin
from productkeys.services.scoping import Place

_EVERYBODYS = "all"


class ScopeField(forms.TypedChoiceField):
    """Cleaned to a place: the id of a scope, or None for everybody's."""

    def __init__(self, **options: Any) -> None:
        super().__init__(
            label=_("Scope"),
            coerce=lambda text: None if text == _EVERYBODYS else int(text),
            empty_value=None,
            help_text=_("Who sees the key: the people of this scope, or everybody."),
            error_messages={
                "required": _("The scope is missing. Choose whose key it is."),
                "invalid_choice": _("This scope is not on offer. Choose one of those that are."),
            },
            **options,
        )

    def offer(self, places: Iterable[Place], *, settled: bool) -> None:
        """Offer `places`; nothing is chosen beforehand unless that is `settled`, or everybody's is among them."""
        names = reference.current().scopes
        choices = [
            (str(place), names[place]) if place is not None else (_EVERYBODYS, _("Everybody's")) for place in places
        ]
        may_be_everybodys = any(value == _EVERYBODYS for value, _label in choices)
        self.choices = choices if settled or may_be_everybodys else [("", _("Choose …")), *choices]


class SharedWithField(forms.TypedMultipleChoiceField):
    """Cleaned to the ids of scopes."""

    def __init__(self, **options: Any) -> None:
        super().__init__(
            label=_("Also shared with"),
            coerce=int,
            required=False,
            widget=forms.CheckboxSelectMultiple({"class": "form-check-input"}),
            help_text=_("People of these scopes see and use the key as well. Only those of its own scope change it."),
            **options,
        )

    def offer(self, scopes: Iterable[int]) -> None:
        names = reference.current().scopes
        self.choices = [(str(scope), names[scope]) for scope in scopes]


class ScopeFields(forms.Form):
    """Whose key it is, for forms that call `offer_scopes` when they know who asks."""

    scope = ScopeField()

    settled_place: Place = None

    def offer_scopes(self, origin: Origin, key: ProductKey | None = None) -> None:
        """Keep the field where there is a choice for a new key, or for `key`; or else settle where it belongs."""
        places = scoping.places(origin, key)
        self.offer_places(places if "scope" in scope_fields(origin, key) else places[:1], stored=key)

    def offer_places(self, places: Sequence[Place], *, stored: ProductKey | Agreement | RolloutTemplate | None) -> None:
        """The same for `places`, of which one is no choice; `stored` is what has a place already."""
        field = self.fields["scope"]
        assert isinstance(field, ScopeField)
        if len(places) > 1 and reference.current().has_scopes:
            field.offer(places, settled=stored is not None)
        else:
            del self.fields["scope"]
            self.settled_place = stored.scope_id if stored else next(iter(places), None)

    def settle_scope(self, cleaned: dict[str, Any]) -> None:
        """Complete what a person without a choice could not say."""
        if "scope" not in self.fields:
            cleaned["scope"] = self.settled_place


def value_of(place: Place) -> str:
    """How a form says `place`."""
    return _EVERYBODYS if place is None else str(place)


def scope_fields(origin: Origin, key: ProductKey | None = None) -> list[str]:
    """Which of the fields "scope" and "shared_with" the acting person is offered, for a new key or for `key`."""
    if not reference.current().has_scopes or (key and key.published):
        return []
    offered = {
        "scope": len(scoping.places(origin, key)) > 1,
        "shared_with": key is not None and scoping.may_share(origin),
    }
    return [name for name, is_offered in offered.items() if is_offered]
