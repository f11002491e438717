"""What forms share that take a file or a pasted text."""

from pathlib import PurePath
from typing import ClassVar

from django import forms
from django.conf import settings
from django.core.exceptions import ValidationError
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

MEGABYTE = 2**20


class FileOrTextForm(forms.Form):
    """One of the two fields `file` and `text`, which the form itself declares. A browser cannot keep a chosen file.

    `nothing_brought` is said where both are empty, `text_name` is what a text is called.
    """

    nothing_brought: ClassVar[Promise]
    text_name: ClassVar[str | Promise] = ""

    def clean_text(self) -> str:
        text: str = self.cleaned_data["text"]
        if len(text.encode(errors="surrogatepass")) > settings.IMPORT_TEXT_MAX_MB * MEGABYTE:
            too_large = _("This is more than %(limit)s MB of text. Save it as a file, and bring that.")
            raise ValidationError(too_large, "too_large", {"limit": settings.IMPORT_TEXT_MAX_MB})
        return text if text.strip() else ""

    def clean(self) -> None:
        if self.errors:
            return
        if self.cleaned_data["file"] and self.cleaned_data["text"]:
            self.add_error("text", ValidationError(_("Bring the file or the text, one at a time."), "both"))
        if not self.cleaned_data["file"] and not self.cleaned_data["text"]:
            self.add_error("file", ValidationError(str(self.nothing_brought), "nothing"))

    @property
    def brought(self) -> tuple[bytes, str]:
        """What was brought, and what it is called."""
        file = self.cleaned_data["file"]
        if file is None:
            return self.cleaned_data["text"].encode(errors="replace"), str(self.text_name)
        return file.read(), PurePath(file.name or "").name
