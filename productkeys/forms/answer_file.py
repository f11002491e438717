"""Bringing a deployment file to have it checked."""

from typing import Any

from django import forms
from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.files.uploadedfile import UploadedFile
from django.template.defaultfilters import filesizeformat
from django.utils.translation import gettext_lazy as _

from productkeys.forms.bringing import MEGABYTE, FileOrTextForm
from productkeys.services import answer_files


def most_mb() -> int:
    """So many megabytes a file may have; a request that brings more than an import may is not even read."""
    return min(answer_files.MAX_MB, settings.IMPORT_MAX_MB)


class _NeverEchoed(forms.Textarea):
    """A text with passwords and keys in it: what was sent does not come back with the page."""

    def format_value(self, value: Any) -> None:
        return None


class BringAnswerFileForm(FileOrTextForm):
    """One file, or a text that was pasted."""

    nothing_brought = _("Choose a file, or paste its text below.")
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
        if file and (file.size or 0) > most_mb() * MEGABYTE:
            text = _("This file has %(size)s; an answer file has at most %(limit)s MB. Check that it is the right one.")
            raise ValidationError(text, "too_large", {"size": filesizeformat(file.size or 0), "limit": most_mb()})
        return file
