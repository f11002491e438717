"""Where the wizard keeps what was typed: in the session, sealed, apart for each flow.

A flow is one way through the wizard; its id stands in every page, so that two tabs never mix. Whole pages are sealed,
not only the field for the key: people paste keys into wrong fields.
"""

import json
import uuid
from typing import Any

from cryptography.exceptions import InvalidTag
from django.http import HttpRequest
from django.utils.datastructures import MultiValueDict
from formtools.wizard.storage.base import BaseStorage

from productkeys import encryption
from productkeys.key_ring import KeyRingProblem

MAX_FLOWS = 5
"""So many flows a session keeps; the oldest goes."""

_PREFIX = "add_key_"
_FINISHED = "keys_added"


def new_flow() -> str:
    return uuid.uuid4().hex


def is_flow(text: str) -> bool:
    """Whether `text` has the form of a flow's id."""
    return len(text) == 32 and text.isascii() and text.isalnum() and text == text.lower()


def prefix_of(flow: str) -> str:
    """The wizard's prefix for a flow."""
    return f"{_PREFIX}{flow}"


class FlowStorage(BaseStorage):  # type: ignore[misc]  # formtools carries no types
    """The pages of one flow. They are read from the session at once, and written to it by `save` alone.

    Merely looking at the wizard therefore leaves no trace and pushes no other flow out.
    """

    def __init__(self, prefix: str, request: HttpRequest, file_storage: object = None) -> None:
        super().__init__(prefix, request, file_storage)
        self.init_data()
        self.data[self.step_data_key] |= request.session.get(self.prefix, {})

    def get_step_data(self, step: str) -> MultiValueDict[str, str] | None:
        """The page as it was posted, or None where there is none that can be opened."""
        sealed = self.data[self.step_data_key].get(step)
        if sealed is None:
            return None
        try:
            opened = encryption.open_sealed(sealed, bound_to=self._identity(step))
        except (InvalidTag, KeyRingProblem):
            return None  # only a draft: the person is asked again
        return MultiValueDict({name: [value] for name, value in json.loads(opened).items()})

    def set_step_data(self, step: str, cleaned_data: dict[str, str]) -> None:
        text = json.dumps(cleaned_data)
        self.data[self.step_data_key][step] = encryption.seal(text, bound_to=self._identity(step))

    def save(self) -> None:
        """Keep the pages in the session."""
        session = self.request.session
        session[self.prefix] = self.data[self.step_data_key]
        flows = [name for name in session.keys() if name.startswith(f"wizard_{_PREFIX}")]  # noqa: SIM118 no mapping
        for name in flows[:-MAX_FLOWS]:
            del session[name]

    def finish(self, pk: int) -> None:
        """Forget the pages, and remember for a while which entry came of them."""
        session = self.request.session
        session.pop(self.prefix, None)
        finished: dict[str, int] = session.get(_FINISHED, {}) | {self.prefix: pk}
        session[_FINISHED] = dict(list(finished.items())[-MAX_FLOWS:])
        self.init_data()

    @property
    def entry(self) -> int | None:
        """The entry that this flow has become, where it is finished."""
        pk: int | None = self.request.session.get(_FINISHED, {}).get(self.prefix)
        return pk

    def _identity(self, step: str) -> str:
        return f"{self.prefix}:{step}"


def begin(request: HttpRequest, **pages: dict[str, Any]) -> str:
    """Keep a flow whose pages are filled in already, by step and field; returns its id."""
    flow = new_flow()
    storage = FlowStorage(prefix_of(flow), request)
    for step, values in pages.items():
        texts = {f"{step}-{name}": str(value) for name, value in values.items() if value not in (None, "")}
        storage.set_step_data(step, texts)
    storage.save()
    return flow
