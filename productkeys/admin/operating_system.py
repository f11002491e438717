"""Operating systems with their editions and releases: reference data that those with the right keep up to date."""

from typing import Any

from django import forms
from django.contrib import admin
from django.core.exceptions import ValidationError
from django.db.models import ManyToManyField
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from productkeys.admin.base import FewRows, PortalModelAdmin, ReadableForm
from productkeys.domain.choices import Architecture, KeyType
from productkeys.models import Offering, OperatingSystem, ProductKey, Release
from productkeys.services import standard_keys

_REAL_ARCHITECTURES = [choice for choice in Architecture.choices if choice[0] != Architecture.ANY]


class _WithArchitectures(ReadableForm):
    architectures = forms.MultipleChoiceField(
        label=_("Architectures"), choices=_REAL_ARCHITECTURES, widget=forms.CheckboxSelectMultiple
    )


class ShippedRowsStay(forms.BaseInlineFormSet[Any, Any, Any]):
    """What comes with the portal can be changed but not deleted: the next start would bring it back."""

    def clean(self) -> None:
        super().clean()
        for form in self.deleted_forms:
            if form.instance.pk and standard_keys.comes_with_the_portal(form.instance):
                text = _("%(row)s comes with the portal and cannot be deleted. Change it instead.")
                raise ValidationError(text, "shipped", {"row": form.instance})


def _require_no_keys(key_type: KeyType, **product: str | None) -> None:
    """Raises ValidationError where the mark goes although the rules would refuse the keys that are stored for it."""
    if count := ProductKey.objects.filter(key_type=key_type, **product).count():
        text = ngettext(
            "This stays: %(count)s product key of the type %(type)s is stored for it.",
            "This stays: %(count)s product keys of the type %(type)s are stored for it.",
            count,
        )
        raise ValidationError(text, "in_use", {"count": count, "type": key_type.label})


class SystemForm(ReadableForm):
    """An operating system."""

    def clean_has_esu(self) -> bool:
        has_esu: bool = self.cleaned_data["has_esu"]
        if not has_esu:
            _require_no_keys(KeyType.ESU, operating_system=self.instance.pk)
        return has_esu


class OfferingForm(_WithArchitectures):
    """An edition of an operating system."""

    def clean_has_avma(self) -> bool:
        has_avma: bool = self.cleaned_data["has_avma"]
        if not has_avma:
            row = self.instance
            _require_no_keys(KeyType.AVMA, operating_system=row.operating_system_id, edition=row.edition)
        return has_avma


class OfferingRows(ShippedRowsStay):
    """An edition that keys are stored for stays as well: without it the rules would refuse those keys."""

    def clean(self) -> None:
        super().clean()
        for form in self.deleted_forms:
            count = ProductKey.objects.filter(
                operating_system_id=form.instance.operating_system_id, edition=form.instance.edition
            ).count()
            if form.instance.pk and count:
                text = ngettext(
                    "%(edition)s cannot be deleted: %(count)d product key is stored for it.",
                    "%(edition)s cannot be deleted: %(count)d product keys are stored for it.",
                    count,
                )
                raise ValidationError(text, "in_use", {"edition": form.instance.local_label, "count": count})


class OfferingInline(FewRows, admin.TabularInline[Offering, OperatingSystem]):
    model = Offering
    form = OfferingForm
    formset = OfferingRows
    fields = ("edition", "label", "label_de", "architectures", "has_avma", "certainty", "source")
    extra = 0


class ReleaseInline(FewRows, admin.StackedInline[Release, OperatingSystem]):
    model = Release
    form = _WithArchitectures
    formset = ShippedRowsStay
    extra = 0
    classes = ("collapse",)


@admin.register(OperatingSystem)
class OperatingSystemAdmin(PortalModelAdmin):
    form = SystemForm
    list_display = ("name", "slug", "family", "keys_have_n", "position")
    list_filter = ("family",)
    search_fields = ("name", "slug")
    ordering = ("position", "slug")
    formfield_overrides = {ManyToManyField: {"widget": forms.CheckboxSelectMultiple}}
    inlines = (OfferingInline, ReleaseInline)

    def get_readonly_fields(self, request: HttpRequest, obj: OperatingSystem | None = None) -> tuple[str, ...]:
        """The short name stands in addresses and in stored keys, so it is chosen once."""
        return ("slug",) if obj else ()

    def has_delete_permission(self, request: HttpRequest, obj: OperatingSystem | None = None) -> bool:
        """A shipped system stays: the next start would bring it back, with its editions and keys."""
        return super().has_delete_permission(request, obj) and not (obj and standard_keys.comes_with_the_portal(obj))

    def get_form(
        self, request: HttpRequest, obj: OperatingSystem | None = None, change: bool = False, **kwargs: Any
    ) -> type[forms.ModelForm[Any]]:
        form = super().get_form(request, obj, change, **kwargs)
        if "covers" in form.base_fields:
            form.base_fields["covers"].widget.can_add_related = False
        return form
