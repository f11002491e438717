"""The operating systems of fixtures/, as the rules see them: for tests that need no database."""

import json
from collections import defaultdict

from productkeys.domain.choices import Architecture
from productkeys.domain.systems import OfferingFacts, SystemFacts
from tests.settings import BASE_DIR


def _read() -> dict[str, SystemFacts]:
    entries = json.loads((BASE_DIR / "fixtures" / "operating_systems.json").read_text())
    offerings: dict[str, dict[str, OfferingFacts]] = defaultdict(dict)
    for fields in (entry["fields"] for entry in entries if entry["model"] == "productkeys.offering"):
        offerings[fields["operating_system"]][fields["edition"]] = OfferingFacts(
            edition=fields["edition"],
            label=fields["label"],
            label_de=fields["label_de"],
            architectures=frozenset(fields["architectures"]) - {Architecture.ANY.value},
            has_avma=fields["has_avma"],
        )
    return {
        entry["pk"]: SystemFacts(
            slug=entry["pk"],
            name=entry["fields"]["name"],
            family=entry["fields"]["family"],
            keys_have_n=entry["fields"]["keys_have_n"],
            has_esu=entry["fields"]["has_esu"],
            covers=frozenset(entry["fields"]["covers"]),
            offerings=offerings[entry["pk"]],
        )
        for entry in entries
        if entry["model"] == "productkeys.operatingsystem"
    }


SYSTEMS = _read()
