"""Which image an answer file installs, as far as the file itself tells."""

from dataclasses import dataclass

from productkeys.domain.answer_file import markup
from productkeys.domain.answer_file.markup import Element, Markup
from productkeys.domain.answer_file.text import Text

_INDEX, _NAME, _DESCRIPTION = "/IMAGE/INDEX", "/IMAGE/NAME", "/IMAGE/DESCRIPTION"
_EDITION = "IMAGE/WINDOWS/EDITIONID"


@dataclass(frozen=True, slots=True)
class Selection:
    """One pair of InstallFrom/MetaData: what chooses the image in the WIM. An index alone names no product."""

    by: str
    value: str
    line: int
    architecture: str

    @property
    def names_product(self) -> bool:
        return self.by in (_NAME, _DESCRIPTION)

    @property
    def names_edition(self) -> bool:
        return self.by == _EDITION


@dataclass(frozen=True, slots=True)
class MadeFor:
    """The image or catalogue that the file was made for with Windows System Image Manager (cpi:offlineImage)."""

    name: str
    line: int


def selections(text: Text, read: Markup) -> list[Selection]:
    """What InstallFrom says in all components of the file. Setup reads it in the pass windowsPE."""
    pairs: dict[int, dict[str, Element]] = {}
    for element in read.elements:
        if element.parent and element.parent.name == "MetaData" and element.parent.within("InstallFrom"):
            pairs.setdefault(element.parent.start, {})[element.name] = element
    found = []
    for pair in pairs.values():
        if "Key" in pair and "Value" in pair:
            key, value = _said(text, pair["Key"]), _said(text, pair["Value"])
            component = pair["Key"].within("component")
            architecture = component.attributes.get("processorArchitecture", "") if component else ""
            by = key.upper().replace("\\", "/")
            by = by.lstrip("/") if "WINDOWS" in by else "/" + by.lstrip("/")
            found.append(Selection(by, value, text.line(pair["Key"].start), architecture))
    return found


def made_for(text: Text, read: Markup) -> MadeFor | None:
    """What cpi:offlineImage says: "wim:c:/install.wim#Windows 10 Pro" or "catalog:c:/install_windows 10 pro.clg"."""
    for element in read.elements:
        if element.name == "offlineImage":
            for name, source in element.attributes.items():
                if name.rpartition(":")[2] == "source":
                    return MadeFor(_image_name(source), text.line(element.start))
    return None


def _image_name(source: str) -> str:
    path, _mark, image = source.rpartition("#")
    if path:
        return image
    file = source.replace("\\", "/").rpartition("/")[2]
    if not file.lower().endswith(".clg"):
        return ""
    return file[: -len(".clg")].removeprefix("install_")


def _said(text: Text, element: Element) -> str:
    return (markup.plain(text.text[element.inside : min(element.outside, element.inside + 400)]) or "").strip()
