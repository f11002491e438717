"""What a person reads of a page, and whether English was left over in a German one."""

import re
from html.parser import HTMLParser

from productkeys.domain import kms
from productkeys.domain.answer_file.key_rules import KEY_RULES
from productkeys.domain.answer_file.structure_rules import STRUCTURE_RULES
from productkeys.domain.rulebook import KEY_FORMAT_RULES, RULES
from productkeys.models import OperatingSystem, ProductKey
from productkeys.services import published_facts

_ENGLISH = re.compile(
    r"\b(the|and|of|with|for|from|to|by|is|are|not|no|you|your|all|any|more|this|that|what|which|key|keys|add|edit"
    r"|archived?|restore|save|delete|cancel|back|next|finish|search|used|left|limit|choose|settings|password|change"
    r"|changed|stored|quantity|type|use|show|open|close|remove|clear|apply|reset|help|sign|user|does|exist)\b",
    re.IGNORECASE,
)
FILE_RULES = (*KEY_RULES, *STRUCTURE_RULES)
_PLACE = "ProductKey \N{SINGLE RIGHT-POINTING ANGLE QUOTATION MARK} Key"
_SPOKEN = ("title", "aria-label", "placeholder", "alt")


class _Page(HTMLParser):
    """Collects texts and spoken attributes. Code is Microsoft's, and what stands in another language says so."""

    def __init__(self) -> None:
        super().__init__()
        self.texts: list[str] = []
        self._silent: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag in ("script", "style", "code") or (tag != "html" and dict(attrs).get("lang", "de") != "de"):
            self._silent.append(tag)
        self.texts += [str(value) for name, value in attrs if name in _SPOKEN]

    def handle_endtag(self, tag: str) -> None:
        if self._silent and self._silent[-1] == tag:
            self._silent.pop()

    def handle_data(self, data: str) -> None:
        if data.strip() and not self._silent:
            self.texts.append(" ".join(data.split()))


def texts_of(html: str) -> list[str]:
    """Every text of a page that is seen or spoken."""
    page = _Page()
    page.feed(html)
    return page.texts


def english_in(html: str) -> list[str]:
    """The texts of a German page that hold an English word, beside what stays as Microsoft writes it."""
    names = _names()
    return [text for text in texts_of(html) if _ENGLISH.search(_without(names, text))]


def _without(names: list[str], text: str) -> str:
    for name in names:
        text = text.replace(name, "")
    return text


def _names() -> list[str]:
    """Names, labels and sources in the reference data and in the rules, a place in answer files; the longest first."""
    found = {_PLACE, *(str(rule.source) for rule in [*RULES, *KEY_FORMAT_RULES.values(), *FILE_RULES])}
    found |= {rule.source for rule in (kms.GVLK_UNKNOWN, kms.SEVERAL_GVLKS, kms.HOST_MALFORMED)}
    catalogue = published_facts.catalogue()
    found |= {change.source for change in catalogue.changes} | {group.source for group in catalogue.hosts}
    found |= {error.source for error in published_facts.activation_errors().values()}
    for system in OperatingSystem.objects.prefetch_related("offerings", "releases"):
        found |= {system.name}
        for offering in system.offerings.all():
            found |= {offering.label, offering.label_de, offering.source}
        for release in system.releases.all():
            found |= {release.name, release.source, release.notes}
    for key in ProductKey.objects.filter(published=True):
        found |= {key.name, key.source}
    return sorted(found - {""}, key=len, reverse=True)
