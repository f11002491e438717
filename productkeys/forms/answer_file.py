"""Bringing a deployment file to have it checked."""

from pathlib import PurePath
from typing import Any

from django import forms
from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.files.uploadedfile import UploadedFile
from django.template.defaultfilters import filesizeformat
from django.utils.translation import gettext_lazy as _

from productkeys.services import answer_files

_MEGABYTE = 2**20


def most_mb() -> int:
    """So many megabytes a file may have; a request that brings more than an import may is not even read."""
    return min(answer_files.MAX_MB, settings.IMPORT_MAX_MB)


class _NeverEchoed(forms.Textarea):
    """A text with passwords and keys in it: what was sent does not come back with the page."""

    def format_value(self, value: Any) -> None:
        return None


class BringAnswerFileForm(forms.Form):
    """One file, or a text that was pasted."""

    file = forms.FileField(
        label=_("File"),
        required=False,
        widget=forms.FileInput({"accept": ".xml,.ini,.cfg,.txt"}),
        help_text=_("Choose it, or drop it here."),
        error_messages={"empty": _("This file is empty. Choose another one.")},
    )
    text = forms.CharField(
        label=_("Or paste here"),
        required=False,
        strip=False,
        widget=_NeverEchoed({"rows": 8, "autocomplete": "off", "spellcheck": "false", "class": "kp-keyinput"}),
        help_text=_("The whole file, or the part of it that is in question."),
    )

    def clean_file(self) -> "UploadedFile[bytes] | None":
        file: UploadedFile[bytes] | None = self.cleaned_data["file"]
        if file and (file.size or 0) > most_mb() * _MEGABYTE:
            text = _("This file has %(size)s; an answer file has at most %(limit)s MB. Check that it is the right one.")
            raise ValidationError(text, "too_large", {"size": filesizeformat(file.size or 0), "limit": most_mb()})
        return file

    def clean_text(self) -> str:
        text: str = self.cleaned_data["text"]
        if len(text.encode(errors="surrogatepass")) > settings.IMPORT_TEXT_MAX_MB * _MEGABYTE:
            too_large = _("This is more than %(limit)s MB of text. Save it as a file, and bring that.")
            raise ValidationError(too_large, "too_large", {"limit": settings.IMPORT_TEXT_MAX_MB})
        return text if text.strip() else ""

    def clean(self) -> None:
        if self.errors:
            return
        if self.cleaned_data["file"] and self.cleaned_data["text"]:
            self.add_error("text", ValidationError(_("Bring the file or the text, one at a time."), "both"))
        if not self.cleaned_data["file"] and not self.cleaned_data["text"]:
            self.add_error("file", ValidationError(_("Choose a file, or paste its text below."), "nothing"))

    @property
    def brought(self) -> tuple[bytes, str]:
        """What was brought, and what it is called; a text has no name."""
        file = self.cleaned_data["file"]
        if file is None:
            return self.cleaned_data["text"].encode(errors="replace"), ""
        return file.read(), PurePath(file.name or "").name
