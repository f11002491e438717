"""What pages call the sources of rules: titles as published, and the portal's own in the reader's language."""

from collections.abc import Mapping

from django.utils.functional import Promise
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _

from productkeys.domain.answer_file.findings import SEEN
from productkeys.domain.matching.reasons import COMMON_KNOWLEDGE, REFERENCE_DATA
from productkeys.domain.rulebook import EDITIONS, FORMAT

OWN: Mapping[str, Promise] = {
    COMMON_KNOWLEDGE: _("Common knowledge among deployment engineers"),
    REFERENCE_DATA: _("KeyPortal's reference data: releases and editions of operating systems"),
    EDITIONS: _("KeyPortal reference data: editions of operating systems"),
    FORMAT: _("Format and check digits of the 25-character product key"),
    SEEN: _("Answer files that people have published"),
}


def source_words(source: str) -> str:
    """What a page calls the source of a rule: a title as published, and our own ones in the reader's language."""
    return str(OWN.get(source, source))


def source_name(source: str) -> SafeString:
    """The same as HTML, in which a title as published is English whatever the page's language."""
    if source in OWN:
        return format_html("{}", OWN[source])
    return format_html('<span lang="en">{}</span>', source)
