"""Pages of the workspace, each with something on it, for the sweeps over all pages."""

from django.urls import reverse

from keyportal.people.models import User
from productkeys.domain.choices import Status
from productkeys.services import answer_files, keys
from productkeys.services.importing import steps
from productkeys.services.origin import PORTAL, Origin
from tests.answer_files import ORDINARY, activating, commands, installing, installs_from, unattend
from tests.bringing import brought, imported, line, written
from tests.factories import agreement, stored
from tests.made_up_keys import made_up_key
from tests.rollouts import template


def pages_of_an_agreement() -> list[str]:
    """The pages of agreements, one of which has a key."""
    bought = agreement("4500-17", vendor="Reseller", licences=10, note="One purchase, many keys.")
    stored(agreement_id=bought.pk)
    pages = [reverse(f"productkeys:{name}") for name in ("agreements", "agreement-add")]
    verbs = ("agreement", "agreement-edit", "agreement-delete", "agreement-paste")
    return pages + [reverse(f"productkeys:{verb}", args=[bought.pk]) for verb in verbs]


def pages_of_rollout_templates() -> list[str]:
    """The pages of rollout templates, one of which uses a key that leaked and one none."""
    key = stored()
    one = template(name="Head office, floor 5", activation_key_id=key.pk, kms_host="kms.example.com")
    template(name="Branches")
    keys.set_status(key, Status.COMPROMISED, seen_version=key.version, origin=PORTAL)
    pages = [reverse(f"productkeys:rollout-template{name}") for name in ("s", "-add")]
    verbs = ("", "-edit", "-duplicate", "-files", "-delete")
    pages += [reverse(f"productkeys:{page}", args=[key.pk]) for page in ("detail", "replace")]
    return pages + [reverse(f"productkeys:rollout-template{verb}", args=[one.pk]) for verb in verbs]


def pages_of_imports(person: User) -> list[str]:
    """The pages of an import that is looked at, of one that is being checked, and of one that is done."""
    rows = [line(), line(Typ="Multi Lizenz"), line(Menge="0"), line("•••••-•••••-•••••-•••••-7Q4KM")]
    looked_at, done = brought(rows, person), imported(brought([line(), line()], person))
    checking = steps.begin(written([line() for _ in range(600)]), name="many.csv", origin=Origin(person))
    pages = [reverse(f"productkeys:{name}") for name in ("imports", "import-new")]
    pages += [reverse("productkeys:import", args=[imp.pk]) for imp in (looked_at, checking, done)]
    pages += [f"{reverse('productkeys:import', args=[looked_at.pk])}?outcome=r"]
    pages += [reverse("productkeys:import-row", args=[looked_at.pk, index]) for index in (2, 3)]
    return [*pages, reverse("productkeys:import-undo", args=[done.pk])]


def pages_of_switching() -> list[str]:
    """The pages for switching machines, each with something to say."""
    asked = {
        "switch": "system=windows-11&edition=Professional",
        "switch-mak": "system=windows-11&edition=Enterprise",
        "switch-edition": "system=windows-server-2022&change=ServerStandardEval-ServerStandard",
        "switch-errors": "code=c004f074",
        "switch-hosts": "group=windows-server-2022",
    }
    pages = [f"{reverse(f'productkeys:{way}')}?{query}" for way, query in asked.items()]
    return [reverse("productkeys:switch"), f"{reverse('productkeys:switch')}?system=windows-server-2022", *pages]


def pages_of_answer_files(person: User) -> list[str]:
    """Bringing a deployment file, one with findings, one without any, the corrected one, and keys written into one."""
    origin, mak = Origin(person), stored()
    wrong = unattend(
        installing(mak.code.open(), after=installs_from("/IMAGE/NAME", "Windows 11 Enterprise")),
        activating("", before="<!-- MAK -->"),
        commands(f"slmgr /ipk {made_up_key(71)}"),
    )
    files = [answer_files.keep(text.encode(), name="unattend.xml", origin=origin) for text in (wrong, ORDINARY)]
    pages = [reverse("productkeys:answer-file", args=[kept.pk]) for kept in files]
    pages += [reverse(f"productkeys:answer-file-{verb}", args=[files[0].pk]) for verb in ("corrected", "write")]
    chosen = f"product=windows-11/Enterprise&activation={mak.pk}"
    pages += [f"{pages[-1]}?{chosen}&tidy=on", f"{reverse('productkeys:answer-file-new')}?{chosen}"]
    return [reverse("productkeys:answer-files"), reverse("productkeys:answer-file-new"), *pages]
