"""The list of product keys: what it shows, the search that leads to it, and how each person likes it."""

from collections.abc import Sequence

from django.contrib.auth.decorators import permission_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.http import urlencode
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters, sensitive_variables
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from keyportal.people.models import PAGE_SIZES
from keyportal.way_back import way_back
from productkeys.domain import keycode
from productkeys.forms.listing import ListChoicesForm
from productkeys.listing import columns as list_columns
from productkeys.listing import controls, counts, paging, rows
from productkeys.listing.agreements import agreement_of, running_out
from productkeys.listing.columns import Column
from productkeys.listing.labels import labels_of
from productkeys.listing.microsoft import comparison_of
from productkeys.listing.query import COLUMNS_MENU, ListQuery
from productkeys.listing.scopes import belonging_of, scopes_named_to
from productkeys.listing.whole_key import look_up
from productkeys.models import ProductKey
from productkeys.services.rights import Rights
from productkeys.views.one_key import find_key

may_view = permission_required("productkeys.view_productkey", raise_exception=True)


@require_safe
@may_view
@never_cache
def key_list(request: HttpRequest) -> HttpResponse:
    """The keys that the address asks for, and the opened one beside them."""
    assert request.user.is_authenticated
    keys = ProductKey.objects.visible_to(request.user)
    scopes = scopes_named_to(request.user)
    query = ListQuery.read(request.GET, scopes)
    columns = list_columns.chosen(request.user.columns, scopes)
    size = request.user.page_size if request.user.page_size in PAGE_SIZES else PAGE_SIZES[1]

    found = query.select(keys)
    house, total = counts.totals(keys, found, query)
    opened = find_key(request, query.opened)
    page = paging.page_of(found, query, rows.fields(columns), size=size, total=total, of_all=keys.is_everything)
    context = {
        "query": query,
        "page": page,
        "rows": rows.rows(
            page.rows,
            columns,
            scopes=scopes,
            opening_url=query.opening(page.number),
            opened=query.opened,
            agreements=rows.agreements_in(page.rows, columns, reader=request.user),
        ),
        "columns": columns,
        "house_total": house.on_shelf(archived=query.is_archive) if house else None,
        "nav_total": house.on_shelf(archived=False) if house else None,
        "around": controls.controls(query, house, columns),
        "chips": controls.chips(query),
        "facets": controls.facets(keys, query),
        "pages": controls.pages(query, page),
        "close_url": query.here(page=page.number, opened=None),
        "opened": opened,
        "rights": Rights.of(request.user, opened) if opened else None,
        "belonging": belonging_of(opened, reader=request.user) if opened else (),
        "labels": labels_of(opened) if opened else (),
        "agreement": agreement_of(opened, reader=request.user) if opened else None,
        "running_out": running_out(request.user),
        "comparison": comparison_of(opened) if opened else None,
        "menu": _menu(query, columns, size) if query.facet == COLUMNS_MENU else None,
    }
    return render(request, "productkeys/list.html", context)


def _menu(query: ListQuery, columns: Sequence[Column], size: int) -> dict[str, object]:
    return {
        "columns": [(column, column in columns) for column in list_columns.on_offer(query.scopes)],
        # The menu may have come alone, by htmx: it leads back to the list without itself.
        "next": reverse("productkeys:list") + query.here().removeprefix("."),
        "sizes": [(number, number == size) for number in PAGE_SIZES],
    }


@require_http_methods(["GET", "HEAD", "POST"])
@may_view
@never_cache
@sensitive_post_parameters("q")
@sensitive_variables("text")
def search(request: HttpRequest) -> HttpResponse:
    """Look a pasted key up; lead every other text to the list, where it may stand in the address.

    A key leads to its entry, or is answered here: it goes into no address, session or message.
    """
    text = request.POST.get("q", "").strip()
    if not keycode.looks_like_key(text):
        return _see_other("productkeys:list", query=urlencode({"q": text}) if text else "")
    lookup = look_up(text, ProductKey.objects.visible_to(request.user))
    if lookup.found:
        return _see_other("productkeys:detail", lookup.found)
    return render(request, "productkeys/key_not_found.html", {"lookup": lookup}, status=404)


@require_POST
@may_view
def columns(request: HttpRequest) -> HttpResponse:
    """Keep the chosen columns and page size with the person, and go back to the list."""
    assert request.user.is_authenticated
    form = ListChoicesForm(request.POST)
    if form.is_valid():
        request.user.columns, request.user.page_size = form.cleaned_data["columns"], form.cleaned_data["page_size"]
        request.user.save(update_fields=["columns", "page_size"])
    return redirect(way_back(request, request.POST.get("next"), otherwise="productkeys:list"))


def _see_other(view: str, *args: object, query: str = "") -> HttpResponse:
    response = redirect(view, *args)
    if query:
        response["Location"] += f"?{query}"
    response.status_code = 303
    return response
