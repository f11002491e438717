"""Bringing a file or a text, and saying how it is to be read."""

from collections.abc import Sequence
from typing import Any

from django import forms
from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.files.uploadedfile import UploadedFile
from django.template.defaultfilters import filesizeformat
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _

from productkeys.domain import keycode, rules
from productkeys.forms.bringing import MEGABYTE, FileOrTextForm
from productkeys.forms.fields import offer
from productkeys.forms.masking import MasksKeys
from productkeys.models.importing import Mode
from productkeys.tables.formats import ALIGNED, COLON, ENCODINGS, Format

_ENCODING_NAMES = {
    "utf-8": "UTF-8",
    "utf-16": "UTF-16",
    "utf-16-le": "UTF-16 LE",
    "utf-16-be": "UTF-16 BE",
    "cp1252": "Windows-1252",
    "iso-8859-15": "ISO 8859-15",
    "cp850": "DOS (850)",
}
_DELIMITER_NAMES = {
    "\t": _("tab"),
    ";": _("semicolon"),
    "|": _("vertical bar"),
    ",": _("comma"),
    ALIGNED: _("several blanks"),
    "^": _("caret (^)"),
    "~": _("tilde (~)"),
    "#": _("number sign (#)"),
    COLON: _("colon"),
}
_UNDIVIDED = "none"


class BringForm(FileOrTextForm):
    """One file, or a text that was pasted; the text comes back with the form."""

    nothing_brought = _("Choose a file, or paste the keys below.")
    text_name = _("Pasted text")
    file = forms.FileField(
        label=_("File"),
        required=False,
        widget=forms.FileInput,
        error_messages={"empty": _("This file is empty. Choose another one.")},
    )
    text = forms.CharField(
        label=_("Or paste here"),
        required=False,
        strip=False,
        widget=forms.Textarea({"rows": 8, "autocomplete": "off", "spellcheck": "false", "class": "kp-keyinput"}),
        help_text=_("One key per line, or a table copied from a spreadsheet or a mail."),
    )

    def clean_file(self) -> "UploadedFile[bytes] | None":
        file: UploadedFile[bytes] | None = self.cleaned_data["file"]
        if file and (file.size or 0) > settings.IMPORT_MAX_MB * MEGABYTE:
            text = _("This file has %(size)s; the portal takes up to %(limit)s MB. Split it, and bring the parts.")
            particulars = {"size": filesizeformat(file.size or 0), "limit": settings.IMPORT_MAX_MB}
            raise ValidationError(text, "too_large", particulars)
        return file

    def refuse(self, text: str) -> None:
        """Say beside what was brought why it cannot be read."""
        self.add_error("file" if self.cleaned_data.get("file") else "text", ValidationError(text, "unreadable"))


class FormatForm(forms.Form):
    """How the file is to be read, where it was recognised wrongly: only what there is to choose for its kind."""

    encoding = forms.ChoiceField(label=_("Character encoding"), choices=[*_ENCODING_NAMES.items()])
    delimiter = forms.TypedChoiceField(
        label=_("Columns are divided by"),
        choices=[*_DELIMITER_NAMES.items(), (_UNDIVIDED, _("nothing: one key per line"))],
        coerce=lambda text: "" if text == _UNDIVIDED else text,
    )
    sheet = forms.TypedChoiceField(label=_("Sheet"), coerce=int)
    header = forms.TypedChoiceField(
        label=_("First row"),
        choices=[("yes", _("names the columns")), ("no", _("is a row like the others"))],
        coerce=lambda text: text == "yes",
    )

    def __init__(self, *args: Any, recognised: Format, sheets: Sequence[str], **kwargs: Any) -> None:
        self.recognised = recognised
        initial = {name: getattr(recognised, name) for name in ("encoding", "delimiter", "sheet")}
        initial["delimiter"] = initial["delimiter"] or _UNDIVIDED
        initial["header"] = "yes" if recognised.header else "no"
        super().__init__(*args, **({"initial": initial} | kwargs))
        offer(self, "sheet", [(place, keycode.redact(name)) for place, name in enumerate(sheets)])
        for name in self.fields.keys() - _correctable(recognised):
            del self.fields[name]

    @property
    def format(self) -> Format:
        """The corrected format of a valid form."""
        said = self.recognised.as_dict() | self.cleaned_data
        if "delimiter" in self.cleaned_data:
            said["kind"] = "delimited" if said["delimiter"] else "lines"
        return Format.of(said)


def _correctable(recognised: Format) -> set[str]:
    by_kind = {
        "delimited": {"encoding", "delimiter", "header"},
        "lines": {"encoding", "delimiter", "header"},
        "workbook": {"sheet", "header"},
        "json_lines": {"encoding"},
    }
    names = by_kind.get(recognised.kind, set())
    return names - ({"encoding"} if recognised.encoding not in ENCODINGS else set())


def recognised_words(recognised: Format, sheets: Sequence[str]) -> list[str]:
    """What was recognised of a file, as a page says it: "semicolon", "Windows-1252"; `sheets` are a workbook's."""
    words = {
        "delimited": lambda: [str(_DELIMITER_NAMES.get(recognised.delimiter, ""))],
        "workbook": lambda: [gettext("Excel workbook"), *_sheet(recognised.sheet, sheets)],
        "json_lines": lambda: [gettext("JSON lines")],
        "lines": lambda: [gettext("one key per line")],
        "visual_studio": lambda: [gettext("keys of Visual Studio subscriptions")],
        "xml": lambda: ["XML"],
    }
    said = words[recognised.kind]()
    return [word for word in (*said, _ENCODING_NAMES.get(recognised.encoding, "")) if word]


def _sheet(place: int, sheets: Sequence[str]) -> list[str]:
    others = len(sheets) - 1
    if others < 1:
        return []
    name = keycode.redact(sheets[place])
    more = ngettext("%(count)s more sheet", "%(count)s more sheets", others) % {"count": others}
    return [gettext("sheet “%(name)s”") % {"name": name}, more]


class StartForm(forms.Form):
    """What is decided before anything is stored, about the preview of this attempt."""

    mode = forms.ChoiceField(choices=Mode)
    attempt = forms.IntegerField()


class MappingForm(MasksKeys):
    """The name under which the meaning of columns is kept for the next file of this kind."""

    name = forms.CharField(
        label=_("Name"),
        max_length=100,
        widget=forms.TextInput({"autocomplete": "off"}),
    )

    def clean_name(self) -> str:
        name: str = self.cleaned_data["name"]
        if keycode.contains_key(name):
            raise ValidationError(_("A product key stands in this name, which others read. Choose another one."))
        if problem := rules.problem_of_text(name, "name"):
            raise ValidationError(problem.text, problem.code)
        return name
