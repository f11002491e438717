"""Walking through the wizard as a browser does: the form of a page is sent as it stands, with what a person changes."""

from html.parser import HTMLParser
from typing import Any

from django.test import Client
from django.urls import reverse

from productkeys.models import ProductKey

ADD = reverse("productkeys:add")


class _WizardForm(HTMLParser):
    """The form of the wizard: its address, the fields a browser would send, the texts of the options of its selects."""

    def __init__(self) -> None:
        super().__init__()
        self.action = ""
        self.fields: dict[str, str] = {}
        self.options: dict[str, list[str]] = {}
        self._inside = False
        self._select = self._text_area = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        found = {name: value or "" for name, value in attrs}
        if tag == "form":
            self._inside = found.get("id") == "wizard"
            self.action = found["action"] if self._inside else self.action
        if not self._inside:
            return
        name, value = found.get("name", ""), found.get("value", "")
        if tag == "input" and "disabled" not in found:
            if found.get("type") not in ("radio", "checkbox") or "checked" in found:
                self.fields[name] = value
        elif tag == "textarea":
            self._text_area, self.fields[name] = name, ""
        elif tag == "select":
            self._select, self.options[name] = name, []
        elif tag == "option" and self._select:
            self.options[self._select].append(value)
            if "selected" in found or len(self.options[self._select]) == 1:
                self.fields[self._select] = value

    def handle_data(self, data: str) -> None:
        if self._text_area:
            self.fields[self._text_area] += data

    def handle_endtag(self, tag: str) -> None:
        if tag == "form":
            self._inside = False
        elif tag == "select":
            self._select = ""
        elif tag == "textarea":
            self.fields[self._text_area] = self.fields[self._text_area].removeprefix("\n")
            self._text_area = ""


class Wizard:
    """One tab with the wizard in it. `page` is what it shows, `url` where it stands."""

    page: Any
    url: str

    def __init__(self, client: Client, url: str = ADD) -> None:
        self.client = client
        self.open(url)

    def open(self, url: str) -> "Wizard":
        return self._arrive(self.client.get(url, follow=True), url)

    def reload(self) -> "Wizard":
        """What the browser's button does on a page that was not posted, and a change of language on any page."""
        return self.open(self.url)

    def send(self, **changes: str | None) -> "Wizard":
        """Send the form with `changes`; "key_type" stands for "general-key_type" and so on, None leaves a field out."""
        return self._arrive(self._post(changes, follow=True), self.form.action)

    def answer(self, **changes: str | None) -> Any:
        """The very answer to sending the form, which the tab does not follow."""
        return self._post(changes, follow=False)

    def describe(self, key_type: str, name: str = "Head office", comment: str = "") -> "Wizard":
        """Send page 1."""
        return self.send(key_type=key_type, name=name, comment=comment)

    @property
    def form(self) -> _WizardForm:
        parser = _WizardForm()
        parser.feed(self.text)
        return parser

    @property
    def text(self) -> str:
        text: str = self.page.content.decode()
        return text

    @property
    def step(self) -> str:
        """ "general" or "key" while the wizard is open, else empty."""
        return next((step for step in ("general", "key") if f'-current_step" value="{step}"' in self.text), "")

    @property
    def errors(self) -> dict[str, list[str]]:
        """What is wrong, by field."""
        form = self.page.context["form"]
        return {name: [str(error) for error in errors] for name, errors in form.errors.items()}

    def value(self, name: str) -> str:
        """What stands in a field of the page."""
        return self.form.fields.get(self._full_name(name), "")

    def _post(self, changes: dict[str, str | None], *, follow: bool) -> Any:
        form = self.form
        named = {self._full_name(name): value for name, value in changes.items()}
        data = {name: value for name, value in (form.fields | named).items() if value is not None}
        return self.client.post(form.action, data, follow=follow)

    def _full_name(self, name: str) -> str:
        for step, fields in _FIELDS.items():
            if name in fields:
                return f"{step}-{name}"
        return name

    def _arrive(self, page: Any, url: str) -> "Wizard":
        self.page = page
        chain = getattr(page, "redirect_chain", [])
        self.url = chain[-1][0] if chain else url
        return self


_FIELDS = {
    "general": ("name", "key_type", "comment", "labels"),
    "key": (
        "code",
        "quantity",
        "architecture",
        "operating_system",
        "edition",
        "usage",
        "typing_confirmed",
    ),
}

WINDOWS_11_ENTERPRISE = {"operating_system": "windows-11", "edition": "Enterprise"}
"""The product of most keys in the tests."""


def stored(name: str) -> ProductKey:
    """The entry with this name."""
    key: ProductKey = ProductKey.objects.get(name=name)
    return key


def mistyped(key: str) -> str:
    """`key` with a last character that it was not issued with: its check digits do not agree any more."""
    return key[:-1] + ("B" if key[-1] != "B" else "C")
