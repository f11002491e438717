"""Remarks on Microsoft's published keys: the oddities of its list, named by a slug in the fixture and worded here."""

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

REMARKS: dict[str, str | Promise] = {
    "listed_under_server_2012": _(
        "Microsoft prints this key under Windows Server 2012, but no such server edition exists: it is a Windows 8 key."
    ),
    "needs_19044_2905": _("Microsoft: applies from image version 10.0.19044.2905 on."),
    "also_core_installation": _("Serves the Server Core installation of this edition as well."),
    "edition_probable": _("The EditionID is probable: Microsoft publishes no table of them."),
    "also_sac_1809_1909": _("Serves guests of Windows Server, versions 1809, 1903 and 1909, as well."),
    "also_sac_1709_1803": _("Serves guests of Windows Server, versions 1709 and 1803, as well."),
    "china_government": _("Edition for the government of China."),
}


def remark_text(slug: str) -> str:
    """The sentence for `slug` in the present language; empty where a newer fixture names one unknown here."""
    return str(REMARKS.get(slug, ""))
