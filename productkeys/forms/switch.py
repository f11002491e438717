"""What is chosen on the pages for switching machines: a product, a KMS host, a change of edition. All by GET."""

from typing import Any

from django import forms
from django.conf import settings
from django.utils.translation import gettext_lazy as _

from productkeys.domain.choices import Family, KeyType
from productkeys.domain.matching import ImageFacts
from productkeys.forms.fields import offer
from productkeys.forms.product_key import edition_choices, system_choices
from productkeys.models import reference
from productkeys.services import published_facts, switching


class ProductForm(forms.Form):
    """The Windows of the machine. The editions are asked for as soon as the operating system is known."""

    system = forms.ChoiceField(label=_("Operating system"))
    edition = forms.ChoiceField(label=_("Edition"), required=False)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        chosen = self["system"].value() or ""
        offer(self, "system", system_choices(KeyType.GVLK))
        if chosen in reference.current().systems:
            choices = edition_choices(chosen, KeyType.GVLK, may_be_all=False)
            offer(self, "edition", choices)
        else:
            del self.fields["edition"]

    @property
    def image(self) -> ImageFacts:
        """What the valid form says of the Windows that runs."""
        return ImageFacts(system=self.cleaned_data["system"], edition=self.cleaned_data.get("edition", ""))


class ToKmsForm(ProductForm):
    """The machine that becomes a KMS client: what it was, and whose host it asks."""

    host = forms.ChoiceField(label=_("KMS host"), required=False)
    was_host = forms.BooleanField(label=_("It was a KMS host itself"), required=False)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if settings.KMS_HOSTS:
            hosts = [("", _("found by DNS")), *((host, host) for host in settings.KMS_HOSTS)]
            offer(self, "host", hosts)
        else:
            del self.fields["host"]

    @property
    def host_name(self) -> str:
        return self.cleaned_data.get("host", "") if self.is_valid() else ""


class ChangeEditionForm(forms.Form):
    """A Windows Server, and the edition that it is to become."""

    system = forms.ChoiceField(label=_("Operating system"))
    change = forms.ChoiceField(label=_("What runs, and what it is to become"))

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.changes = switching.edition_changes(published_facts.catalogue())
        afters = {after for _before, after in self.changes.values()}
        servers = [
            (system.slug, system.name)
            for system in reference.current().systems.values()
            if system.family == Family.SERVER and afters <= system.offerings.keys()
        ]
        shown = [(name, f"{before} → {after}") for name, (before, after) in self.changes.items()]
        for name, choices in (("system", servers), ("change", shown)):
            offer(self, name, [("", _("Choose …")), *choices])

    @property
    def after(self) -> str:
        return self.changes[self.cleaned_data["change"]][1]


class HostGroupForm(forms.Form):
    """The product group of a KMS host key."""

    group = forms.ChoiceField(label=_("KMS host key for"))

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        names = reference.current().system_name
        groups = [(group.system, names(group.system)) for group in published_facts.catalogue().hosts]
        offer(self, "group", [("", _("Choose …")), *groups])


class ErrorCodeForm(forms.Form):
    """The code that activation ended with, typed in any way."""

    code = forms.CharField(
        label=_("Error code"),
        max_length=100,
        widget=forms.TextInput({"autocomplete": "off", "spellcheck": "false", "placeholder": "0xC004F074"}),
    )
