"""Rows of a licence list that are not about Windows: Office, SQL Server, client access licences, other vendors."""

import re

from productkeys.incoming.remembering import remembered
from productkeys.incoming.spelling import folded

_WINDOWS = re.compile(
    r"\bw(?:in(?:dows)?)?[ -]?(?:\d|vista|xp|srv|svr|iot\b|ent\b|enterprise|pro\b|professional|home|edu)"
    r"|\b(?:windows|win|ms|microsoft),? (?:web )?(?:server|srv|svr)\b"
)
_OTHERS = re.compile(
    r"\b(?:(?<!head )(?<!branch )office|microsoft 365|m365|o365|visio"
    r"|project (?:\d+|pro\w*|std|standard|server|online|plan)"
    r"|(?:word|excel|outlook|powerpoint|publisher|onenote|access|infopath) (?:\d{4}|mac|for)"
    r"|sql|exchange|sharepoint|skype|lync|dynamics|biztalk|forefront|power ?bi|team foundation|azure (?:devops|stack)"
    r"|visual ?studio|vs ?(?:pro|ent)|msdn|system ?cent(?:er|re)|sc(?:cm|om|vmm|dpm)|core infrastructure|core cal|ecal"
    r"|defender|intune|adobe|acrobat|auto(?:cad|desk)|vmware|citrix|veeam|corel\w*|teamviewer|oracle)\b"
)
# What they go with is Windows, and yet they are no key for it.
_WITH_WINDOWS = re.compile(
    r"\b(?:cals?|client access licen[cs]es?|zugriffslizenz(?:en)?|external connector|rights management|mdop"
    r"|remote ?desktop ?(?:services|dienste)|rds (?:\d{4}|user|device|per)|desktop optimization"
    r"|windows (?:365|intune|defender))\b"
)


_BUNDLED = re.compile(
    r"(?:\+|&|\b(?:inkl|incl|including|mit|with|und|and)\b)\.? ?(?:\d+ ?x? )?(?:user |device )?cals?\b"
)


@remembered
def names_windows(text: str) -> bool:
    """Whether a text says the word, in any of its spellings: "LTSC 2021" alone may be that of Office."""
    return _WINDOWS.search(folded(text)) is not None


@remembered
def is_not_ours(text: str) -> bool:
    """Whether the product of a row is something else than Windows. What a text names first is what it is about."""
    words = _BUNDLED.sub(" ", folded(text))
    if _WITH_WINDOWS.search(words):
        return True
    other = _OTHERS.search(words)
    if other is None:
        return False
    windows = _WINDOWS.search(words)
    return windows is None or other.start() < windows.start()
