"""How a person likes the list: which columns, how many rows."""

from django import forms
from django.utils.translation import gettext_lazy as _

from keyportal.people.models import PAGE_SIZES
from productkeys.listing import columns


class ListChoicesForm(forms.Form):
    """The menu in the foot of the list."""

    columns = forms.MultipleChoiceField(
        label=_("Columns"),
        required=False,
        choices=lambda: [(column.name, column.label) for column in columns.COLUMNS.values()],
    )
    page_size = forms.TypedChoiceField(
        label=_("Rows per page"), coerce=int, choices=[(size, str(size)) for size in PAGE_SIZES]
    )

    def clean_columns(self) -> list[str]:
        return [*columns.ALWAYS, *self.cleaned_data["columns"]]
