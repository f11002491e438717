"""What tests of matching share: images and keys to match, and Microsoft's published keys."""

from dataclasses import replace

from productkeys.domain.choices import Usage
from productkeys.domain.matching import ImageFacts, KeyFacts, Match, Verdict
from productkeys.models import ProductKey
from productkeys.services import matching as service

INSTALLATION, ACTIVATION = Usage.INSTALLATION, Usage.ACTIVATION
FITS, WARNING, DOES_NOT_FIT = Verdict.FITS, Verdict.WARNING, Verdict.DOES_NOT_FIT

PRO = ImageFacts(build=26100, installation="Client", edition="Professional", architecture="x64")
PRO_N = replace(PRO, build=22631, edition="ProfessionalN")
LTSC = replace(PRO, edition="EnterpriseS")
DATACENTER = ImageFacts(build=20348, installation="Server", edition="ServerDatacenter", architecture="x64")
SAC = ImageFacts(build=18363, installation="Server Core", edition="ServerDatacenterACor", architecture="x64")
A_MAK = KeyFacts("mak", "windows-11", "Professional", "any", Usage.ACTIVATION, left=50, name="MAK of the head office")


def published_keys() -> dict[str, KeyFacts]:
    """Microsoft's published keys by their last five characters."""
    return {key.last_five: key for key in service.facts_of(ProductKey.objects.filter(published=True))}


def codes_of(found: Match) -> list[str]:
    return [reason.code for reason in found.reasons]
