"""When no key is needed: an answer of its own, with the reasons that may apply to an image."""

from collections.abc import Iterator

from django.utils.translation import gettext_lazy as _

from productkeys.domain.choices import Family, Usage
from productkeys.domain.matching.facts import Catalogue
from productkeys.domain.matching.identifying import Identified
from productkeys.domain.rule import Problem, Rule
from productkeys.domain.systems import SystemFacts

ROLLOUT_WITHOUT_KEY = Rule(
    "rollout_without_key",
    "usage",
    _("A rollout works without a key: the image is chosen by its name or index, or applied by DISM."),
    _("Choose the image in the answer file (InstallFrom), and leave the key out."),
    "Microsoft Learn: Unattended Windows Setup Reference, OSImage, InstallFrom, MetaData",
)
VOLUME_ONLY = Rule(
    "volume_only",
    "key_type",
    _("This edition comes on volume media, which are KMS clients already: the GVLK is in the image."),
    _("Enter a key only for a MAK, or where the machine had another key before."),
    "Microsoft Learn: KMS client activation and product keys",
)
VOLUME_MEDIA = Rule(
    "volume_media",
    "key_type",
    _("If the image comes from volume media, it is a KMS client already: the GVLK is in it."),
    _("Enter a key only for a MAK, or where the machine had another key before."),
    "Microsoft Learn: KMS client activation and product keys",
)
EVALUATION = Rule(
    "evaluation_needs_none",
    "edition",
    _("An evaluation runs without a key until its time is up."),
    _("Change the edition where it is to stay and Microsoft supports that, or install anew."),
    "Microsoft Learn: Upgrade and conversion options for Windows Server",
)
FIRMWARE_KEY = Rule(
    "firmware_key",
    "key_type",
    _("A device that was sold with this edition has its key in the firmware, and Setup finds it there."),
    _("Leave the key out of the answer file: what stands there comes first."),
    "Microsoft Support: KB2796988",
)
STEP_UP = Rule(
    "step_up",
    "edition",
    _("With Windows Enterprise E3 or E5, an activated Pro becomes Enterprise when its user signs in, without a key."),
    _("Roll out Pro, and let the subscription do the rest."),
    "Microsoft Learn: Windows subscription activation",
)
AVMA_GUEST = Rule(
    "avma_guest",
    "key_type",
    _("A virtual machine on an activated Windows Server Datacenter needs no key of yours: a published AVMA key does."),
    _("Use the AVMA key of the guest's edition; the Hyper-V host activates it."),
    "Microsoft Learn: Automatic Virtual Machine Activation in Windows Server",
)
AZURE = Rule(
    "azure",
    "key_type",
    _("A virtual machine in Azure is activated by Azure's own KMS host."),
    _("Leave the GVLK in the image; a MAK would only be used up."),
    "Microsoft Learn: Troubleshoot Azure Windows virtual machine activation",
)

_VOLUME_ONLY = ("Enterprise", "EnterpriseN", "EnterpriseS", "EnterpriseSN", "EnterpriseG", "EnterpriseGN")
_SOLD_WITH_DEVICES = ("Core", "Professional")


def ways_without_a_key(image: Identified, purpose: str, catalogue: Catalogue) -> tuple[Problem, ...]:
    """Every way in which `image` may do without a key of the company's own for `purpose`, the most likely first.

    None of them is certain: where an image came from, and where it will run, does not stand in it.
    """
    return tuple(rule.broken() for rule in _rules(image, purpose, catalogue))


def _rules(image: Identified, purpose: str, catalogue: Catalogue) -> Iterator[Rule]:
    systems = [catalogue.systems[slug] for slug in image.systems]
    client = any(system.family == Family.CLIENT for system in systems)
    server = any(system.family == Family.SERVER for system in systems)
    firmware = client and all(system.keys_have_n for system in systems)
    if image.evaluation:
        yield EVALUATION
        return
    if purpose == Usage.INSTALLATION:
        yield ROLLOUT_WITHOUT_KEY
    if client and image.edition in _VOLUME_ONLY:
        yield VOLUME_ONLY
    elif systems and not image.edition.startswith("Core"):
        yield VOLUME_MEDIA
    if firmware and image.edition.startswith(_SOLD_WITH_DEVICES):
        yield FIRMWARE_KEY
    if image.edition in ("Professional", "ProfessionalN", "ProfessionalWorkstation", "ProfessionalEducation") and {
        "windows-10",
        "windows-11",
    } & set(image.systems):
        yield STEP_UP
    if server and any(_has_avma_key(image, system, catalogue) for system in systems):
        yield AVMA_GUEST
    if server and purpose == Usage.ACTIVATION:
        yield AZURE


def _has_avma_key(image: Identified, system: SystemFacts, catalogue: Catalogue) -> bool:
    """Whether Microsoft publishes an AVMA key for the image as a guest: not for every build of a version."""
    builds = {build for guest in catalogue.guests if guest.guest == system.slug for build in guest.builds}
    if builds and image.image.build is not None and image.image.build not in builds:
        return False
    editions = [offering.edition for offering in system.offerings.values() if offering.has_avma]
    return bool(editions) and image.edition in ("", *editions)
