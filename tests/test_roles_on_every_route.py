"""Every address of the portal, asked by every role: what opens, what is refused, and what is not there for them.

Everybody here has the mark "staff status", which opens the administration; what is behind that door, the role says.
"""

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from typing import Any
from urllib.parse import urlsplit

import pytest
from allauth.mfa.models import Authenticator
from django.contrib.auth import SESSION_KEY
from django.contrib.auth.models import Group
from django.test import Client

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
    reference,
)
from productkeys.models.importing import Mode, State
from productkeys.models.trail import Action
from productkeys.services import answer_files, keys, trail
from productkeys.services.importing import steps
from productkeys.services.origin import PORTAL, Origin
from tests.admin_keys import typed
from tests.answer_files import installing, unattend
from tests.factories import agreement, new_code, posted, stored
from tests.imports import checked_import, csv_of, row
from tests.rollouts import posted as posted_template
from tests.rollouts import template
from tests.routes import address_of, all_routes
from tests.second_factor import app_of

pytestmark = pytest.mark.django_db

ROLES = ("", "Viewer", "Deployer", "Key manager", "Revealer", "Auditor", "Administrator")
PASSWORD = "correct horse battery staple"

# 200 opens, 302 or 303 leads on (to an address that is in the table itself), 403 is refused, 404 is not there for this
# person, 405 answers no GET: see ACTS below.
PAGES = """
                                                         none view depl mana reve audi admi
/                                                         302  302  302  302  302  302  302
/product-keys/                                            403  200  200  200  200  403  200
/product-keys/search/                                     403  303  303  303  303  403  303
/product-keys/columns/                                    405  405  405  405  405  405  405
/product-keys/add/                                        403  403  403  200  403  403  403
/product-keys/add/recognise/                              403  403  403  405  403  403  403
/product-keys/bulk/                                       302  302  302  302  302  302  302
/product-keys/export/                                     403  200  200  200  200  403  200
/product-keys/release-reveals/                            405  405  405  405  405  405  405
/product-keys/{pk}/                                       404  200  200  200  200  404  200
/product-keys/{pk}/edit/                                  403  403  403  200  403  403  403
/product-keys/{pk}/duplicate/                             403  403  403  302  403  403  403
/product-keys/{pk}/archive/                               403  403  403  200  403  403  403
/product-keys/{pk}/restore/                               403  403  403  302  403  403  403
/product-keys/{pk}/compromised/                           403  403  403  200  403  403  403
/product-keys/{pk}/delete/                                403  403  403  200  403  403  403
/product-keys/{pk}/reveal/                                404  302  302  302  302  404  302
/product-keys/{pk}/replace/                               403  403  200  200  403  403  403
/product-keys/{pk}/microsoft-count/                       403  403  403  200  403  403  403
/agreements/                                              403  200  200  200  200  403  200
/agreements/add/                                          403  403  403  200  403  403  403
/agreements/{pk}/                                         404  200  200  200  200  404  200
/agreements/{pk}/edit/                                    403  403  403  200  403  403  403
/agreements/{pk}/delete/                                  403  403  403  200  403  403  403
/imports/                                                 403  403  403  200  403  403  403
/imports/new/                                             403  403  403  200  403  403  403
/imports/{uid}/                                           403  403  403  200  403  403  403
/imports/{uid}/format/                                    403  403  403  405  403  403  403
/imports/{uid}/columns/                                   403  403  403  405  403  403  403
/imports/{uid}/values/                                    403  403  403  405  403  403  403
/imports/{uid}/defaults/                                  403  403  403  405  403  403  403
/imports/{uid}/mapping/                                   403  403  403  405  403  403  403
/imports/{uid}/mapping/keep/                              403  403  403  405  403  403  403
/imports/{uid}/rows/{index}/                              403  403  403  200  403  403  403
/imports/{uid}/refused/                                   403  403  403  405  403  403  403
/imports/{uid}/start/                                     403  403  403  405  403  403  403
/imports/{uid}/cancel/                                    403  403  403  405  403  403  403
/imports/{uid}/undo/                                      403  403  403  302  403  403  403
/agreements/{pk}/paste/                                   403  403  403  200  403  403  403
/answer-files/                                            403  200  200  200  200  403  200
/answer-files/new/                                        403  200  200  200  200  403  200
/answer-files/{uid}/                                      403  200  200  200  200  403  200
/answer-files/{uid}/add-key/                              403  403  403  405  403  403  403
/answer-files/{uid}/corrected/                            403  200  200  200  200  403  200
/answer-files/{uid}/forget/                               403  405  405  405  405  403  405
/answer-files/{uid}/write/                                403  200  200  200  200  403  200
/operating-systems/                                       200  200  200  200  200  200  200
/images/                                                  403  200  200  200  200  403  200
/match/                                                   403  200  200  200  200  403  200
/switch-to-kms/                                           403  200  200  200  200  403  200
/switch-to-kms/script/                                    403  404  404  404  404  403  404
/switch-to-kms/mak/                                       403  200  200  200  200  403  200
/switch-to-kms/edition/                                   403  200  200  200  200  403  200
/switch-to-kms/errors/                                    403  200  200  200  200  403  200
/switch-to-kms/hosts/                                     403  200  200  200  200  403  200
/identify/                                                403  200  200  200  200  403  200
/rollout-templates/                                       403  200  200  200  200  403  200
/rollout-templates/add/                                   403  403  200  200  403  403  403
/rollout-templates/{pk}/                                  404  200  200  200  200  404  200
/rollout-templates/{pk}/edit/                             403  403  200  200  403  403  403
/rollout-templates/{pk}/duplicate/                        403  403  200  200  403  403  403
/rollout-templates/{pk}/confirm/                          405  405  405  405  405  405  405
/rollout-templates/{pk}/files/                            404  200  200  200  200  404  200
/rollout-templates/{pk}/delete/                           403  403  200  200  403  403  403
/audit-log/                                               403  403  403  403  403  200  403
/audit-log/export/                                        403  403  403  403  403  405  403
/audit-log/keys-seen-by/{uid}/                            403  403  403  403  403  200  403
/handbook/rules/                                          200  200  200  200  200  200  200
/people/language/                                         405  405  405  405  405  405  405
/people/theme/                                            405  405  405  405  405  405  405
/people/preferences/                                      200  200  200  200  200  200  200
/accounts/login/                                          302  302  302  302  302  302  302
/accounts/logout/                                         200  200  200  200  200  200  200
/accounts/reauthenticate/                                 200  200  200  200  200  200  200
/accounts/password/reset/                                 200  200  200  200  200  200  200
/accounts/password/reset/done/                            200  200  200  200  200  200  200
/accounts/password/reset/{uidb36}/{key}/                  200  200  200  200  200  200  200
/accounts/password/change/                                200  200  200  200  200  200  200
/accounts/login/second-factor/                            302  302  302  302  302  302  302
/accounts/login/passkey/                                  302  302  302  302  302  302  302
/accounts/reauthenticate/code/                            302  302  302  302  302  302  302
/accounts/reauthenticate/passkey/                         302  302  302  302  302  302  302
/accounts/security/                                       200  200  200  200  200  200  200
/accounts/security/app/                                   200  200  200  200  200  200  200
/accounts/security/app/remove/                            404  404  404  404  404  404  404
/accounts/security/recovery-codes/                        404  404  404  404  404  404  404
/accounts/security/recovery-codes/new/                    200  200  200  200  200  200  200
/accounts/security/passkeys/add/                          200  200  200  200  200  200  200
/accounts/security/passkeys/{pk}/                         404  404  404  404  404  404  404
/accounts/security/passkeys/{pk}/remove/                  404  404  404  404  404  404  404
/accounts/company/openid/sign-in/                         404  404  404  404  404  404  404
/accounts/company/openid/answer/                          404  404  404  404  404  404  404
/accounts/company/saml/sign-in/                           404  404  404  404  404  404  404
/accounts/company/saml/answer/                            404  404  404  404  404  404  404
/accounts/company/saml/answer/{name}/                     404  404  404  404  404  404  404
/accounts/company/saml/metadata/                          404  404  404  404  404  404  404
/accounts/company/confirm/                                403  403  403  403  403  403  403
/admin/                                                   200  200  200  200  200  200  200
/admin/login/                                             302  302  302  302  302  302  302
/admin/logout/                                            405  405  405  405  405  405  405
/admin/password_change/                                   302  302  302  302  302  302  302
/admin/password_change/done/                              302  302  302  302  302  302  302
/admin/autocomplete/                                      403  403  403  403  403  403  403
/admin/jsi18n/                                            200  200  200  200  200  200  200
/admin/^(?P<app_label>productkeys|people|auth)/$          404  200  200  200  200  200  200
/admin/(?P<url>.*)$                                       404  404  404  404  404  404  404
/admin/productkeys/agreement/                             403  200  200  200  200  403  200
/admin/productkeys/agreement/search/                      405  405  405  405  405  405  405
/admin/productkeys/agreement/add/                         403  403  403  200  403  403  403
/admin/productkeys/agreement/{object_id}/                 302  302  302  302  302  302  302
/admin/productkeys/agreement/{object_id}/history/         404  200  200  200  200  404  200
/admin/productkeys/agreement/{object_id}/delete/          403  403  403  200  403  403  403
/admin/productkeys/agreement/{object_id}/change/          403  200  200  200  200  403  200
/admin/productkeys/operatingsystem/                       403  403  403  403  403  403  200
/admin/productkeys/operatingsystem/search/                405  405  405  405  405  405  405
/admin/productkeys/operatingsystem/add/                   403  403  403  403  403  403  200
/admin/productkeys/operatingsystem/{object_id}/           302  302  302  302  302  302  302
/admin/productkeys/operatingsystem/{object_id}/history/   404  404  404  404  404  404  200
/admin/productkeys/operatingsystem/{object_id}/delete/    403  403  403  403  403  403  403
/admin/productkeys/operatingsystem/{object_id}/change/    403  403  403  403  403  403  200
/admin/productkeys/productkey/                            403  200  200  200  200  403  200
/admin/productkeys/productkey/bulk/                       302  302  302  302  302  302  302
/admin/productkeys/productkey/export/                     403  200  200  200  200  403  200
/admin/productkeys/productkey/search/                     405  405  405  405  405  405  405
/admin/productkeys/productkey/add/                        403  403  403  200  403  403  403
/admin/productkeys/productkey/{object_id}/                302  302  302  302  302  302  302
/admin/productkeys/productkey/{object_id}/history/        404  200  200  200  200  404  200
/admin/productkeys/productkey/{object_id}/delete/         403  403  403  200  403  403  403
/admin/productkeys/productkey/{object_id}/change/         403  200  200  200  200  403  200
/admin/productkeys/rollouttemplate/                       403  200  200  200  200  403  200
/admin/productkeys/rollouttemplate/search/                405  405  405  405  405  405  405
/admin/productkeys/rollouttemplate/add/                   403  403  403  403  403  403  403
/admin/productkeys/rollouttemplate/{object_id}/           302  302  302  302  302  302  302
/admin/productkeys/rollouttemplate/{object_id}/history/   404  302  302  302  302  404  302
/admin/productkeys/rollouttemplate/{object_id}/delete/    403  403  403  403  403  403  403
/admin/productkeys/rollouttemplate/{object_id}/change/    403  200  200  200  200  403  200
/admin/productkeys/scope/                                 403  403  403  403  403  403  200
/admin/productkeys/scope/search/                          405  405  405  405  405  405  405
/admin/productkeys/scope/add/                             403  403  403  403  403  403  200
/admin/productkeys/scope/{object_id}/                     302  302  302  302  302  302  302
/admin/productkeys/scope/{object_id}/history/             404  404  404  404  404  404  200
/admin/productkeys/scope/{object_id}/delete/              403  403  403  403  403  403  200
/admin/productkeys/scope/{object_id}/change/              403  403  403  403  403  403  200
/admin/productkeys/trailentry/                            403  403  403  403  403  200  403
/admin/productkeys/trailentry/search/                     405  405  405  405  405  405  405
/admin/productkeys/trailentry/add/                        403  403  403  403  403  403  403
/admin/productkeys/trailentry/{object_id}/                302  302  302  302  302  302  302
/admin/productkeys/trailentry/{object_id}/history/        404  404  404  404  404  404  404
/admin/productkeys/trailentry/{object_id}/delete/         403  403  403  403  403  403  403
/admin/productkeys/trailentry/{object_id}/change/         403  403  403  403  403  200  403
/admin/people/user/                                       403  403  403  403  403  403  200
/admin/people/user/search/                                405  405  405  405  405  405  405
/admin/people/user/add/                                   403  403  403  403  403  403  200
/admin/people/user/{id}/password/                         403  403  403  403  403  403  200
/admin/people/user/{id}/second-factor/                    403  403  403  403  403  403  200
/admin/people/user/{object_id}/                           302  302  302  302  302  302  302
/admin/people/user/{object_id}/history/                   404  404  404  404  404  404  200
/admin/people/user/{object_id}/delete/                    403  403  403  403  403  403  403
/admin/people/user/{object_id}/change/                    403  403  403  403  403  403  200
/admin/auth/group/                                        403  403  403  403  403  403  200
/admin/auth/group/search/                                 405  405  405  405  405  405  405
/admin/auth/group/add/                                    403  403  403  403  403  403  403
/admin/auth/group/{object_id}/                            302  302  302  302  302  302  302
/admin/auth/group/{object_id}/history/                    404  404  404  404  404  404  200
/admin/auth/group/{object_id}/delete/                     403  403  403  403  403  403  403
/admin/auth/group/{object_id}/change/                     403  403  403  403  403  403  200
"""

# 400 is past the door as well: the form lacks what only the page before it knows.
ACTS = """
                      none view depl mana reve audi admi
search                 403  303  303  303  303  403  303
columns                403  302  302  302  302  403  302
add                    403  403  403  400  403  403  403
recognise              403  403  403  400  403  403  403
reveal                 404  403  403  403  200  404  403
release                403  403  403  403  403  403  302
edit                   403  403  403  302  403  403  403
archive                403  403  403  302  403  403  403
restore                403  403  403  302  403  403  403
compromised            403  403  403  302  403  403  403
delete                 403  403  403  302  403  403  403
add agreement          403  403  403  302  403  403  403
edit agreement         403  403  403  302  403  403  403
delete agreement       403  403  403  302  403  403  403
add template           403  403  302  302  403  403  403
edit template          403  403  302  302  403  403  403
copy template          403  403  302  302  403  403  403
confirm template       403  403  302  302  403  403  403
delete template        403  403  302  302  403  403  403
replace in templates   403  403  302  302  403  403  403
files: public keys     404  200  200  200  200  404  200
files: secret keys     404  403  403  403  200  404  403
Microsoft's count      403  403  403  302  403  403  403
paste keys             403  403  403  302  403  403  403
edit several           403  403  403  200  403  403  403
delete several         403  403  403  200  403  403  403
answer file: bring     403  302  302  302  302  403  302
answer file: add key   403  403  403  302  403  403  403
answer file: correct   403  200  200  200  200  403  200
answer file: new       403  200  200  200  200  403  200
answer file: write     403  403  403  403  200  403  403
answer file: forget    403  302  302  302  302  403  302
import: bring          403  403  403  302  403  403  403
import: format         403  403  403  302  403  403  403
import: columns        403  403  403  302  403  403  403
import: values         403  403  403  302  403  403  403
import: defaults       403  403  403  302  403  403  403
import: use mapping    403  403  403  302  403  403  403
import: keep mapping   403  403  403  302  403  403  403
import: mend           403  403  403  302  403  403  403
import: refused rows   403  403  403  200  403  403  403
import: start          403  403  403  302  403  403  403
import: cancel         403  403  403  302  403  403  403
import: undo           403  403  403  302  403  403  403
switch a machine       403  200  200  200  200  403  200
identify a key         403  200  200  200  200  403  200
export                 403  200  200  200  200  403  200
export whole keys      403  403  403  403  200  403  403
filter the log         403  403  403  403  403  302  403
export the log         403  403  403  403  403  200  403
language               302  302  302  302  302  302  302
theme                  302  302  302  302  302  302  302
ask for a password     302  302  302  302  302  302  302
sign out               302  302  302  302  302  302  302
admin: sign out        200  200  200  200  200  200  200
admin: add key         403  403  403  302  403  403  403
admin: change key      403  403  403  302  403  403  403
admin: bulk            403  403  403  200  403  403  403
admin: export          403  200  200  200  200  403  200
admin: export ticked   403  200  200  200  200  403  200
read an image          403  200  200  200  200  403  200
admin: search keys     302  302  302  302  302  302  302
admin: search systems  302  302  302  302  302  302  302
admin: search scopes   302  302  302  302  302  302  302
admin: search trail    302  302  302  302  302  302  302
admin: search people   302  302  302  302  302  302  302
admin: search groups   302  302  302  302  302  302  302
admin: find agreement  302  302  302  302  302  302  302
admin: find template   302  302  302  302  302  302  302
admin: add agreement   403  403  403  302  403  403  403
admin: edit agreement  403  403  403  302  403  403  403
admin: drop agreement  403  403  403  302  403  403  403
admin: add system      403  403  403  403  403  403  302
admin: delete system   403  403  403  403  403  403  302
admin: add scope       403  403  403  403  403  403  302
admin: rename scope    403  403  403  403  403  403  302
admin: delete scope    403  403  403  403  403  403  302
admin: add person      403  403  403  403  403  403  302
admin: change person   403  403  403  403  403  403  302
admin: set password    403  403  403  403  403  403  302
admin: second factor   403  403  403  403  403  403  302
admin: add group       403  403  403  403  403  403  403
admin: change group    403  403  403  403  403  403  403
admin: change entry    403  403  403  403  403  403  403
"""
CHANGES_NOTHING = {
    *("search", "columns", "add", "recognise", "reveal", "filter the log", "export the log"),
    *("export", "export whole keys", "admin: export", "admin: export ticked"),
    *("edit several", "delete several", "admin: bulk", "read an image"),
    *("switch a machine", "identify a key", "export", "export whole keys", "admin: export", "admin: export ticked"),
    *(f"answer file: {what}" for what in ("bring", "add key", "correct", "new", "write", "forget")),
    *("files: public keys", "files: secret keys"),
    *("admin: find agreement", "import: use mapping", "import: refused rows"),
    *("admin: find agreement", "admin: find template", "import: use mapping", "import: refused rows"),
    *("language", "theme", "ask for a password", "sign out", "admin: sign out"),
    *(f"admin: search {things}" for things in ("keys", "systems", "scopes", "trail", "people", "groups")),
}
"""What changes no key, import, person, role, scope or operating system, or leads to a question first."""


def _read(table: str) -> dict[str, dict[str, int]]:
    rows = [line.rsplit(maxsplit=len(ROLES)) for line in table.strip().splitlines()[1:]]
    return {name: dict(zip(ROLES, map(int, answers), strict=True)) for name, *answers in rows}


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


def _things(importer: User | None = None) -> Things:
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


def _act(name: str, things: Things) -> tuple[str, dict[str, Any]]:
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
        **_acts_on_a_template(things),
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
        return _act_on_an_answer_file(name.removeprefix("answer file: "), things)
    return acts[name] if name in acts else _act_on_an_import(name.removeprefix("import: "), things)


def _act_on_an_answer_file(name: str, things: Things) -> tuple[str, dict[str, Any]]:
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


def _acts_on_a_template(things: Things) -> dict[str, tuple[str, dict[str, Any]]]:
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


def _act_on_an_import(name: str, things: Things) -> tuple[str, dict[str, Any]]:
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


def _stored_state() -> list[Any]:
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


@pytest.fixture
def signed_in(in_role: Callable[..., User]) -> Callable[[str], Client]:
    """A function that gives the client of somebody in a role."""

    def sign_in(role: str) -> Client:
        person = in_role(*([role] if role else []), is_staff=True)
        person.set_password(PASSWORD)
        person.save()
        client = Client()
        client.force_login(person)
        return client

    return sign_in


def _person_of(client: Client) -> User:
    return User.objects.get(pk=client.session[SESSION_KEY])


@pytest.fixture(autouse=True)
def _reference_data_is_read_anew() -> Any:
    yield
    reference.forget()


def test_every_route_is_in_the_table() -> None:
    assert sorted(path for _name, path in all_routes()) == sorted(_read(PAGES))


@pytest.mark.parametrize("role", ROLES, ids=lambda role: role or "no role")
def test_a_role_opens_what_the_table_says(role: str, signed_in: Callable[[str], Client]) -> None:
    client = signed_in(role)
    things = _things(_person_of(client))
    client.raise_request_exception = False
    wanted = {route: answers[role] for route, answers in _read(PAGES).items()}
    found = {route: client.get(things.path_of(route)).status_code for route in wanted}
    assert found == wanted


def test_every_route_without_a_page_is_among_the_acts() -> None:
    routes, things = _read(PAGES), _things()
    acted_on = {_act(name, things)[0] for name in _read(ACTS)}
    forms_only = [things.path_of(route) for route, answers in routes.items() if 405 in answers.values()]
    assert [path for path in forms_only if path not in acted_on] == []


@pytest.mark.parametrize("name", _read(ACTS))
def test_a_role_does_what_the_table_says(name: str, signed_in: Callable[[str], Client]) -> None:
    for role, answer in _read(ACTS)[name].items():
        client = signed_in(role)
        things = _things(_person_of(client))
        if name == "release":
            trail.record(trail.entry(Action.REVEALS_STOPPED, origin=PORTAL))
        address, sent = _act(name, things)
        before = _stored_state()
        assert client.post(address, sent).status_code == answer, role
        may_change = name not in CHANGES_NOTHING and answer < 400
        assert (_stored_state() != before) == may_change, role


@pytest.mark.parametrize("role", ROLES[1:])
def test_no_role_opens_the_administration_without_the_staff_mark(role: str, in_role: Callable[..., User]) -> None:
    things, client = _things(), Client()
    client.force_login(in_role(role))
    for route in _read(PAGES):
        path = things.path_of(route)
        if path.startswith("/admin/") and path not in {"/admin/login/", "/admin/logout/"}:
            answer = client.get(path)
            assert urlsplit(answer["Location"]).path == "/admin/login/", path
            assert client.get(answer["Location"]).status_code == 403
