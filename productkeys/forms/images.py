"""What is said of the images in a file: its XML part, which the browser takes out, or what a tool prints about them."""

from collections.abc import Callable
from dataclasses import replace

from django import forms
from django.core.exceptions import ValidationError
from django.core.files.uploadedfile import UploadedFile
from django.http import QueryDict
from django.utils.datastructures import MultiValueDict
from django.utils.translation import gettext_lazy as _

from productkeys.domain import image, keycode
from productkeys.domain.image import MAX_XML_BYTES, Image, ImageUnreadable

MAX_TEXT = 500_000
"""Characters of pasted text: all the images of real media take some ten thousand."""


class ImagesForm(forms.Form):
    """One of the two. Nothing is kept of either, and no key in it is ever repeated: `images` and `data` have masks."""

    xml = forms.FileField(required=False, label=_("Image"), widget=forms.FileInput({"hidden": True}))
    text = forms.CharField(
        label=_("Output of DISM or wiminfo"),
        required=False,
        strip=False,
        widget=forms.Textarea({"rows": 10, "autocomplete": "off", "spellcheck": "false", "class": "kp-keyinput"}),
        help_text=_("Everything that the command printed, in English, German or French."),
    )

    def __init__(
        self, data: QueryDict | None = None, files: "MultiValueDict[str, UploadedFile[bytes]] | None" = None
    ) -> None:
        self.images: list[Image] = []
        super().__init__(data.copy() if data is not None else None, files)

    def clean(self) -> None:
        xml, text = self.cleaned_data.get("xml"), self.cleaned_data.get("text", "")
        if xml:
            self._read("xml", lambda: image.images(_content(xml)))
        elif text.strip():
            self._read("text", lambda: image.listed(_within_limit(text)))
        elif not self.errors:
            self.add_error("text", ValidationError(_("Paste what DISM or wiminfo prints about the image."), "nothing"))
        if self.errors:
            # What was pasted comes back with the page: no key with it.
            self.data["text"] = keycode.redact(text)  # type: ignore[index]  # the copy made above

    def _read(self, field: str, images: Callable[[], list[Image]]) -> None:
        try:
            self.images = [_masked(found) for found in images()]
        except ImageUnreadable as unreadable:
            self.add_error(field, ValidationError(unreadable.problem.text, unreadable.problem.code))
        except ValidationError as refused:
            self.add_error(field, refused)


def _content(xml: "UploadedFile[bytes]") -> bytes:
    if (xml.size or 0) > MAX_XML_BYTES:
        raise ValidationError(_("This is no description of images: it is far too large."), "too_large")
    content: bytes = xml.read()
    return content


def _within_limit(text: str) -> str:
    if len(text) > MAX_TEXT:
        raise ValidationError(_("This is far more than such a command prints. Paste its output alone."), "too_large")
    return text


def _masked(found: Image) -> Image:
    """An image whose words hold no product key: nobody knows what people write into a name."""
    return replace(found, name=keycode.redact(found.name), edition=keycode.redact(found.edition))
