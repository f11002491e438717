"""What there is to ask for, one of each kind, and what somebody sends who does something with it."""

from dataclasses import dataclass
from functools import cached_property
from typing import Any

from allauth.mfa.models import Authenticator
from django.contrib.auth.models import Group

from keyportal.people.models import User
from productkeys.domain.choices import Status
from productkeys.models import (
    Agreement,
    CheckedFile,
    Import,
    ImportMapping,
    OperatingSystem,
    ProductKey,
    RolloutTemplate,
    Scope,
    TrailEntry,
)
from productkeys.models.importing import Mode, State
from productkeys.models.trail import Action
from productkeys.services import answer_files, keys
from productkeys.services.importing import steps
from productkeys.services.origin import PORTAL, Origin
from tests.admin_keys import typed
from tests.answer_files import installing, unattend
from tests.factories import agreement, new_code, posted, stored
from tests.imports import checked_import, csv_of, row
from tests.rollouts import posted as posted_template
from tests.rollouts import template
from tests.routes import address_of
from tests.second_factor import app_of

PASSWORD = "correct horse battery staple"


@dataclass
class Things:
    """One of each kind that a route is about."""

    key: ProductKey
    archived: ProductKey
    person: User
    group: Group
    system: OperatingSystem
    scope: Scope
    entry: TrailEntry
    agreement: Agreement
    template: RolloutTemplate
    importer: User

    @cached_property
    def imported(self) -> Import:
        """An import that waits for the decision of the person who asks."""
        origin = Origin(self.importer)
        return checked_import(steps.begin(csv_of([row(), row(Quantity="many")]), name="keys.csv", origin=origin))

    @cached_property
    def answer_file(self) -> CheckedFile:
        """A file with something to correct, of the person who asks."""
        file = unattend(installing(self.key.code.open())).encode()
        return answer_files.keep(file, name="unattend.xml", origin=Origin(self.importer))

    @cached_property
    def finished(self) -> Import:
        """One that is done, where that person may import."""
        if self.imported.state == State.CHECKED:
            steps.start(self.imported, mode=Mode.GOOD_ROWS, origin=Origin(self.importer))
            checked_import(self.imported)
        return self.imported

    @cached_property
    def public_template(self) -> RolloutTemplate:
        standard = ProductKey.objects.get(last_five="2YT43")
        return template(name=f"{self.person.username} public", installation_key_id=standard.pk)

    def path_of(self, route: str) -> str:
        if "/answer-files/" in route:
            return address_of(route, pk=0, uid=self.answer_file.pk)
        if "/imports/" in route:
            return address_of(route, pk=0, uid=self.imported.pk)
        pk: Any = self.key.pk
        for kind, thing in {
            "/user/": self.person,
            "/group/": self.group,
            "/operatingsystem/": OperatingSystem.objects.get(pk="windows-11"),
            "/scope/": self.scope,
            "/trailentry/": self.entry,
            "/agreement": self.agreement,
            "/rollout-templates/": self.template,
            "/rollouttemplate/": self.template,
        }.items():
            if kind in route:
                pk = thing.pk
        return address_of(route, pk=pk, uid=self.person.uid)


def things_of(importer: User | None = None) -> Things:
    """One of each; imports and answer files are those of `importer`, who asks for them."""
    person = User.objects.create_user(f"person-{User.objects.count()}")
    app_of(person)
    key, archived = stored(), stored()
    keys.set_status(archived, Status.ARCHIVED, seen_version=archived.version, origin=PORTAL)
    system = OperatingSystem.objects.create(slug=person.username, name=person.username, position=9)
    entry = TrailEntry.objects.latest("id")
    scope = Scope.objects.create(name=person.username)
    group, paper = Group.objects.create(name=person.username), agreement(person.username)
    plan = template(name=person.username, activation_key_id=key.pk)
    return Things(key, archived, person, group, system, scope, entry, paper, plan, importer or person)


def act_of(name: str, things: Things) -> tuple[str, dict[str, Any]]:
    """Where a form is sent that does `name`, and what it holds."""
    key, people, systems = things.key, "/admin/people/user", "/admin/productkeys/operatingsystem"
    scopes, papers = "/admin/productkeys/scope", "/admin/productkeys/agreement"
    paper = things.agreement.get_absolute_url()
    page, seen = key.get_absolute_url(), {"version": key.version}
    several = {"key": f"{key.pk}:{key.version}", "step": "preview", "comment_do": "replace"}
    file = {"format": "csv", "columns": "everything", "codes": "masked"}
    ticked = {"action": "export_selected", "_selected_action": [key.pk], "index": "0"}
    new_password = {"password1": PASSWORD, "password2": PASSWORD, "usable_password": "true"}
    rows = {f"{name}-{count}": "0" for name in ("offerings", "releases") for count in ("TOTAL_FORMS", "INITIAL_FORMS")}
    new_system = {"slug": "windows-next", "name": "Windows next", "family": "client", "position": "99", **rows}
    acts: dict[str, tuple[str, dict[str, Any]]] = {
        "search": ("/product-keys/search/", {"q": "office"}),
        "columns": ("/product-keys/columns/", {}),
        "add": ("/product-keys/add/", {"key_wizard-current_step": "general"}),
        "recognise": ("/product-keys/add/recognise/", {}),
        "reveal": (f"{page}reveal/", {"reason": "device", "note": "INC-20418"}),
        "release": ("/product-keys/release-reveals/", {}),
        "edit": (f"{page}edit/", posted(key, name="Changed", scope="all")),
        "archive": (f"{page}archive/", seen),
        "restore": (f"{things.archived.get_absolute_url()}restore/", {"version": things.archived.version}),
        "compromised": (f"{page}compromised/", seen),
        "delete": (f"{page}delete/", seen),
        "add agreement": ("/agreements/add/", {"number": "4500-9", "scope": "all"}),
        "edit agreement": (f"{paper}edit/", {"number": "4500-8", "scope": "all", "version": 1}),
        "delete agreement": (f"{paper}delete/", {"version": 1}),
        **_on_a_template(things),
        "Microsoft's count": (
            f"{page}microsoft-count/",
            seen | {"microsoft_used": "7", "microsoft_counted_on": "2026-01-31"},
        ),
        "paste keys": (f"{paper}paste/", typed(lines=new_code().open(), quantity="7", scope="all")),
        "edit several": ("/product-keys/bulk/", several | {"do": "edit"}),
        "delete several": ("/product-keys/bulk/", several | {"do": "delete"}),
        "import: bring": ("/imports/new/", {"text": csv_of([row()]).decode()}),
        "switch a machine": ("/switch-to-kms/", {"text": "Name: Windows(R), Professional edition"}),
        "identify a key": ("/identify/", {"text": key.last_five}),
        "export": ("/product-keys/export/", file),
        "read an image": ("/images/", {"text": "Index : 1\nName : Windows 11 Pro"}),
        "export whole keys": ("/product-keys/export/", file | {"codes": "plain", "reason": "audit"}),
        "filter the log": ("/audit-log/", {"key": "office"}),
        "export the log": ("/audit-log/export/", {"format": "csv"}),
        "language": ("/people/language/", {"language": "de"}),
        "theme": ("/people/theme/", {"theme": "dark"}),
        "ask for a password": ("/accounts/password/reset/", {"email": things.person.username}),
        "sign out": ("/accounts/logout/", {}),
        "admin: sign out": ("/admin/logout/", {}),
        "admin: add key": ("/admin/productkeys/productkey/add/", typed(scope="all")),
        "admin: change key": (
            f"/admin/productkeys/productkey/{key.pk}/change/",
            posted(key, name="Changed", scope="all"),
        ),
        "admin: bulk": ("/admin/productkeys/productkey/bulk/", several | {"do": "archive"}),
        "admin: export": ("/admin/productkeys/productkey/export/", file),
        "admin: export ticked": ("/admin/productkeys/productkey/", ticked),
        "admin: search keys": ("/admin/productkeys/productkey/search/", {"q": "office"}),
        "admin: search systems": (f"{systems}/search/", {"q": "office"}),
        "admin: search trail": ("/admin/productkeys/trailentry/search/", {"q": "office"}),
        "admin: search scopes": (f"{scopes}/search/", {"q": "office"}),
        "admin: search people": (f"{people}/search/", {"q": "office"}),
        "admin: search groups": ("/admin/auth/group/search/", {"q": "office"}),
        "admin: find agreement": (f"{papers}/search/", {"q": "office"}),
        "admin: find template": ("/admin/productkeys/rollouttemplate/search/", {"q": "office"}),
        "admin: add agreement": (f"{papers}/add/", {"number": "4500-9", "scope": "all"}),
        "admin: edit agreement": (
            f"{papers}/{things.agreement.pk}/change/",
            {"number": "4500-8", "scope": "all", "version": 1},
        ),
        "admin: drop agreement": (f"{papers}/{things.agreement.pk}/delete/", {"post": "yes"}),
        "admin: add system": (f"{systems}/add/", new_system),
        "admin: delete system": (f"{systems}/{things.system.pk}/delete/", {"post": "yes"}),
        "admin: add scope": (f"{scopes}/add/", {"name": "New scope"}),
        "admin: rename scope": (f"{scopes}/{things.scope.pk}/change/", {"name": "Renamed scope"}),
        "admin: delete scope": (f"{scopes}/{things.scope.pk}/delete/", {"post": "yes"}),
        "admin: add person": (f"{people}/add/", new_password | {"username": "new.person"}),
        "admin: change person": (f"{people}/{things.person.pk}/change/", {"username": "changed.person"}),
        "admin: set password": (f"{people}/{things.person.pk}/password/", new_password),
        "admin: second factor": (f"{people}/{things.person.pk}/second-factor/", {}),
        "admin: add group": ("/admin/auth/group/add/", {"name": "New group"}),
        "admin: change group": (f"/admin/auth/group/{things.group.pk}/change/", {"name": "Changed group"}),
        "admin: change entry": (f"/admin/productkeys/trailentry/{things.entry.pk}/change/", {}),
    }
    if name.startswith("answer file: "):
        return _on_an_answer_file(name.removeprefix("answer file: "), things)
    return acts[name] if name in acts else _on_an_import(name.removeprefix("import: "), things)


def _on_an_answer_file(name: str, things: Things) -> tuple[str, dict[str, Any]]:
    if name == "bring":
        return "/answer-files/", {"text": unattend(installing(new_code().open()))}
    if name == "new":
        standard = ProductKey.objects.get(last_five="2YT43")
        return f"/answer-files/new/?product=windows-11/Enterprise&installation={standard.pk}", {}
    if name == "write":
        chosen = f"product=windows-11/Enterprise&activation={things.key.pk}"
        address = f"/answer-files/{things.answer_file.pk}/write/?{chosen}"
        return address, {"reason": "answer-file", "note": "INC-20418"}
    acts: dict[str, tuple[str, dict[str, Any]]] = {
        "add key": ("add-key/", {"key": "0"}),
        "correct": ("corrected/", {}),
        "forget": ("forget/", {}),
    }
    address, sent = acts[name]
    return f"/answer-files/{things.answer_file.pk}/{address}", sent


def _on_a_template(things: Things) -> dict[str, tuple[str, dict[str, Any]]]:
    page, key, who = things.template.get_absolute_url(), things.key, things.person.username
    seen = {"version": things.template.version}
    # Its key is another by now: there is something to confirm.
    ProductKey.objects.filter(pk=key.pk).update(architecture="any")
    said = posted_template(scope="all", activation_key=key.pk)
    chosen = {"templates": [f"{things.template.pk}:{things.template.version}"], "replacement": stored().pk}
    return {
        "add template": ("/rollout-templates/add/", said | {"name": f"New by {who}"}),
        "edit template": (f"{page}edit/", said | seen | {"name": f"Changed by {who}"}),
        "copy template": (f"{page}duplicate/", said | {"name": f"Copied by {who}"}),
        "confirm template": (f"{page}confirm/", seen),
        "delete template": (f"{page}delete/", seen),
        "replace in templates": (f"{key.get_absolute_url()}replace/", chosen | {"apply": "1"}),
        "files: public keys": (f"{things.public_template.get_absolute_url()}files/", {"file": "cmd"}),
        "files: secret keys": (f"{page}files/", {"file": "cmd", "reason": "rollout", "note": "INC-20418"}),
    }


def _on_an_import(name: str, things: Things) -> tuple[str, dict[str, Any]]:
    if name == "undo":
        return f"/imports/{things.finished.pk}/undo/", {}
    columns = ("name", "code", "key_type", "product", "architecture", "quantity")
    acts: dict[str, tuple[str, dict[str, Any]]] = {
        "format": ("format/", {"encoding": "utf-8", "delimiter": ";", "header": "yes"}),
        "columns": ("columns/", {f"column-{number}": field for number, field in enumerate(columns)}),
        "values": ("values/", {}),
        "defaults": ("defaults/", {"existing": "leave"}),
        "use mapping": ("mapping/", {}),
        "keep mapping": ("mapping/keep/", {"name": "Lists from Kiel"}),
        "mend": ("rows/1/", {"name": "Branch Kiel", "product": "windows-11/Enterprise", "quantity": "5"}),
        "refused rows": ("refused/", {}),
        "start": ("start/", {"mode": "good-rows", "attempt": things.imported.attempt}),
        "cancel": ("cancel/", {}),
    }
    below, sent = acts[name]
    return f"/imports/{things.imported.pk}/{below}", sent


def stored_state() -> list[Any]:
    """All that an act can change, but for what somebody likes or when they came, and the trail."""
    people = User.objects.order_by("pk").values("username", "password", "is_active", "is_staff", "groups")
    models: tuple[Any, ...] = (
        ProductKey,
        Agreement,
        RolloutTemplate,
        Import,
        ImportMapping,
        Group,
        OperatingSystem,
        Scope,
        Authenticator,
    )
    rows = (model._default_manager.order_by("pk").values() for model in models)
    released = TrailEntry.objects.filter(action=Action.REVEALS_RELEASED).count()
    return [list(people), *map(list, rows), released]
