"""The least a signed-in page with 50 rows can do in Django."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from productkeys.models import ProductKey

COLUMNS = ("id", "name", "key_type", "operating_system_id", "edition", "quantity", "in_use", "last_five")


def floor(request: HttpRequest) -> HttpResponse:
    """50 rows of 8 columns from one query. `is_authenticated` is what reads session and person."""
    assert request.user.is_authenticated
    rows = ProductKey.objects.order_by("shelf", "name_sort", "id").values_list(*COLUMNS)[:50]
    return render(request, "benchmarks/floor.html", {"rows": rows})
