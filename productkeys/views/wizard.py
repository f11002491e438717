"""Adding a key in two pages, and adding one like another.

Every page names its flow, and its address names flow and page, so that a reload, a change of language or a second tab
finds what was typed. What was posted is kept (sealed) before it is judged; the key itself comes back only where it is
at fault.
"""

from collections.abc import Mapping
from typing import Any
from urllib.parse import urlencode

from django.contrib import messages
from django.contrib.auth.decorators import permission_required
from django.contrib.auth.mixins import PermissionRequiredMixin
from django.core.exceptions import SuspiciousOperation
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.decorators import method_decorator
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe
from django_htmx.http import HttpResponseClientRedirect
from formtools.wizard.views import SessionWizardView

from productkeys.domain import keycode, rulebook, rules
from productkeys.domain.choices import KeyType
from productkeys.forms.labels import text_of
from productkeys.forms.problems import add_problems
from productkeys.forms.product_key import values_of
from productkeys.forms.scope import value_of
from productkeys.forms.wizard import GeneralForm, KeyForm, defaults_for, product_of_published
from productkeys.listing.entered import entered
from productkeys.models import ProductKey
from productkeys.services import keys, labelling
from productkeys.services.origin import Origin
from productkeys.views import wizard_storage
from productkeys.views.one_key import get_key

GENERAL, KEY = "general", "key"
LONGEST_TEXT = 4000
"""So much of a field is kept; each refuses less."""


def page_url(flow: str, step: str) -> str:
    """The address of one page of one flow."""
    return f"{reverse('productkeys:add')}?{urlencode({'flow': flow, 'step': step})}"


@method_decorator(never_cache, name="dispatch")
class AddKeyWizard(PermissionRequiredMixin, SessionWizardView):  # type: ignore[misc]  # formtools carries no types
    """The two pages. A button named `do` stays on the page: `keep` it, `update` its choices, `forget` the kept key."""

    # Whoever adds a key is led to it afterwards, and has to be able to see it there.
    permission_required = ("productkeys.view_productkey", "productkeys.add_productkey")
    raise_exception = True
    storage_name = "productkeys.views.wizard_storage.FlowStorage"
    form_list = [(GENERAL, GeneralForm), (KEY, KeyForm)]

    flow: str
    storage: wizard_storage.FlowStorage

    def get_prefix(self, request: HttpRequest, *args: Any, **kwargs: Any) -> str:
        asked = request.POST.get("flow") or request.GET.get("flow") or ""
        self.flow = asked if wizard_storage.is_flow(asked) else wizard_storage.new_flow()
        return wizard_storage.prefix_of(self.flow)

    def get_template_names(self) -> list[str]:
        return [f"productkeys/wizard/{self.steps.current}.html"]

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if self.storage.entry:
            return self.show_entry(self.storage.entry)
        if request.GET.get("step") == KEY:
            if not self.general:
                return self.ask_again()
            self.storage.current_step = KEY
        response: HttpResponse = self.render(self.get_form())
        return response

    def post(self, *args: Any, **kwargs: Any) -> HttpResponse:
        if self.storage.entry:
            return self.show_entry(self.storage.entry)
        step = self.posted_step()
        self.keep_page(step)
        if step == KEY and not self.general:
            return self.ask_again()
        if self.request.POST.get("wizard_goto_step") == GENERAL:
            return redirect(page_url(self.flow, GENERAL))
        match self.request.POST.get("do"):
            case "keep":
                return HttpResponse(status=204)
            case "update" | "forget":
                return redirect(page_url(self.flow, step))
        response: HttpResponse = super().post(*args, **kwargs)
        return response

    def posted_step(self) -> str:
        """The page that was posted, which becomes the current one. Raises SuspiciousOperation for a tampered one."""
        step: str = self.request.POST.get(f"{self.prefix}-current_step", "")
        if step not in self.get_form_list():
            raise SuspiciousOperation("The wizard's page is missing or unknown.")
        self.storage.current_step = step
        return step

    def keep_page(self, step: str) -> None:
        """Keep what was posted, unjudged."""
        page = self.posted_page(step)
        if self.request.POST.get("do") == "update" or not page.get(f"{KEY}-operating_system"):
            page |= self.published_product(page)
        self.storage.set_step_data(step, page)
        self.storage.save()

    def posted_page(self, step: str) -> dict[str, str]:
        """The fields of a page as posted; the kept key where its field is empty, and no key in any other field."""
        names = [f"{step}-{name}" for name in self.get_form_list()[step].base_fields]
        posted = {name: self.request.POST[name][:LONGEST_TEXT] for name in names if name in self.request.POST}
        code = f"{step}-code"
        page = {name: text for name, text in posted.items() if name == code or not keycode.contains_key(text)}
        if step == KEY:
            forget = self.request.POST.get("do") == "forget"
            page[code] = "" if forget else page.get(code, "").strip() or self.kept_key
        return page

    def published_product(self, page: Mapping[str, str]) -> dict[str, str]:
        """The fields that follow from a published key on the page."""
        typed = page.get(f"{KEY}-code", "")
        if not typed:
            return {}
        key_type = self.general.get("key_type", "")
        found = product_of_published(typed, key_type=key_type, origin=Origin.of(self.request))
        return {f"{KEY}-{name}": value for name, value in found.items()}

    @property
    def general(self) -> dict[str, Any]:
        """The cleaned page 1; empty where it is not complete."""
        cleaned: dict[str, Any] | None = self.get_cleaned_data_for_step(GENERAL)
        return cleaned or {}

    @property
    def kept_key(self) -> str:
        """The text of the key that was typed on this flow before."""
        page = self.storage.get_step_data(KEY)
        return str(page.get(f"{KEY}-code", "")) if page else ""

    def get_form(self, step: str | None = None, data: Any = None, files: Any = None) -> Any:
        """The form of a page; the product that nobody chose follows from a published key, on submit as well."""
        if data is not None and not data.get(f"{KEY}-operating_system"):
            data = data.copy()
            for name, value in self.published_product(data).items():
                data[name] = value
        return super().get_form(step, data, files)

    def get_form_step_data(self, form: Any) -> dict[str, str]:
        """What formtools keeps of a page it found in order: what was kept already."""
        return self.posted_page(self.steps.current)

    def get_form_kwargs(self, step: str | None = None) -> dict[str, Any]:
        origin = Origin.of(self.request)
        if step != KEY:
            return {"origin": origin}
        return {"general": self.general, "origin": origin, "kept": self.kept_key}

    def get_form_initial(self, step: str) -> dict[str, Any]:
        page = self.storage.get_step_data(step)
        kept = {name.removeprefix(f"{step}-"): value for name, value in page.items()} if page else {}
        if step != KEY:
            return kept
        kept.pop("code", None)
        return defaults_for(self.general.get("key_type", "")) | kept

    def get_context_data(self, form: Any, **kwargs: Any) -> dict[str, Any]:
        context: dict[str, Any] = super().get_context_data(form=form, **kwargs)
        context |= {"flow": self.flow, "page_url": page_url(self.flow, self.steps.current)}
        if self.steps.current == GENERAL:
            standard = ProductKey.objects.visible_to(self.request.user).filter(published=True, key_type=KeyType.GVLK)
            context["published_count"] = standard.count()
        else:
            context |= {"general": self.general, "entered": entered(self.general, reader=self.request.user)}
        return context

    def render_next_step(self, form: Any, **kwargs: Any) -> HttpResponse:
        return redirect(page_url(self.flow, self.steps.next))

    def render_done(self, form: Any, **kwargs: Any) -> HttpResponse:
        """Store the key. What is refused only now is said on the page, and the flow goes on."""
        values = values_of(self.general | form.cleaned_data)
        try:
            key = keys.add_key(values, origin=form.origin)
        except keys.Refused as refused:
            add_problems(form, refused.problems)
            response: HttpResponse = self.render(form)
            return response
        self.storage.finish(key.pk)
        messages.success(
            self.request,
            _("“%(name)s” is stored. Its key ends with %(last_five)s.")
            % {"name": key.name, "last_five": key.last_five},
        )
        if "another" in self.request.POST:
            return redirect(page_url(begin_like(self.request, key, name=""), GENERAL))
        return redirect(entry_url(key.pk))

    def show_entry(self, pk: int) -> HttpResponse:
        """A finished flow was asked for again (sent twice, or Back): its key is stored already."""
        key = ProductKey.objects.visible_to(self.request.user).filter(pk=pk).first()
        if key is None:
            return redirect("productkeys:add")
        messages.info(self.request, rulebook.ALREADY_STORED.broken(name=key.name).message)
        return redirect(entry_url(pk))

    def ask_again(self) -> HttpResponse:
        """Page 2 came without page 1: its session has ended, or five newer flows pushed it out."""
        messages.warning(
            self.request,
            _("The first page of this form is not kept any more: it was open for too long. Please fill it in again."),
        )
        return redirect(page_url(self.flow, GENERAL))


class RecogniseKey(AddKeyWizard):
    """Page 2 for what is being typed there, with the choices that exist; nothing is kept.

    Only a page that was refused before is judged: what it says is wrong follows the corrections. htmx takes the parts
    that follow from the key and the product.
    """

    http_method_names = ["post"]

    def post(self, *args: Any, **kwargs: Any) -> HttpResponse:
        if self.storage.entry:
            return HttpResponseClientRedirect(page_url(self.flow, KEY))  # to the entry that another tab has made of it
        if self.posted_step() != KEY or not self.general:
            return HttpResponse(status=204)
        page = self.posted_page(KEY)
        if self.request.headers.get("HX-Trigger-Name") == f"{KEY}-code":
            page |= self.published_product(page)
        self.storage.set_step_data(KEY, page)
        judged = "judged" in self.request.POST
        response: HttpResponse = self.render(self.get_form(data=self.storage.get_step_data(KEY) if judged else None))
        return response


recognise = RecogniseKey.as_view()


@require_safe
@permission_required("productkeys.add_productkey", raise_exception=True)
def duplicate(request: HttpRequest, pk: int) -> HttpResponse:
    """Begin a flow that is filled in like a stored key, but for the key itself."""
    key = get_key(request, pk)
    name = _("%(name)s (copy)")
    room = rules.MAX_NAME - len(name % {"name": ""})
    flow = begin_like(request, key, name=name % {"name": key.name[:room]}, quantity=key.quantity)
    return redirect(page_url(flow, GENERAL))


def begin_like(request: HttpRequest, key: ProductKey, *, name: str, quantity: int | None = None) -> str:
    """Begin a flow with everything of `key` that another one would share; returns its id."""
    general = {
        "key_type": key.key_type,
        "name": name,
        "comment": key.comment,
        "scope": value_of(key.scope_id),
        "agreement": key.agreement_id,
        "labels": text_of(labelling.names_of(key)),
    }
    product = {
        "operating_system": key.operating_system_id,
        "edition": key.edition,
        "architecture": key.architecture,
        "usage": key.usage,
        "quantity": quantity,
    }
    return wizard_storage.begin(request, general=general, key=product)


def entry_url(pk: int) -> str:
    """The list with the entry `pk` opened."""
    return f"{reverse('productkeys:list')}?{urlencode({'open': pk})}"
