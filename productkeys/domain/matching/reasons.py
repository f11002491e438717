"""Why a key fits an image, or not: each reason with its words and its source.

`verdicts.py` decides which of them apply.
"""

from dataclasses import dataclass

from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _

from productkeys.domain import rulebook
from productkeys.domain.rule import Problem, Rule

_LEARN_KMS = "Microsoft Learn: KMS client activation and product keys"
_LEARN_SETUP = "Microsoft Learn: Unattended Windows Setup Reference, UserData, ProductKey, Key"
_LEARN_EDITIONS = "Microsoft Learn: Windows edition upgrade"
_LEARN_CONVERSION = "Microsoft Learn: Upgrade and conversion options for Windows Server"
_LEARN_AVMA = "Microsoft Learn: Automatic Virtual Machine Activation in Windows Server"
REFERENCE_DATA = "KeyPortal reference data: releases and editions of operating systems"
COMMON_KNOWLEDGE = "Common knowledge among deployment engineers"


class Verdict(TextChoices):
    """How well a key fits an image, from well to not at all."""

    FITS = "fits", _("fits")
    WARNING = "warning", _("warning")
    DOES_NOT_FIT = "does not fit", _("does not fit")


@dataclass(frozen=True, slots=True)
class Reason:
    """One thing that speaks for a key or against it, and the verdict that it leads to by itself."""

    verdict: Verdict
    problem: Problem

    @property
    def code(self) -> str:
        return self.problem.code

    @property
    def message(self) -> str:
        return self.problem.message

    @property
    def advice(self) -> str:
        return self.problem.advice

    @property
    def source(self) -> str:
        return self.problem.rule.source


def fits(rule: Rule, **params: object) -> Reason:
    return Reason(Verdict.FITS, rule.broken(**params))


def warns(rule: Rule, **params: object) -> Reason:
    return Reason(Verdict.WARNING, rule.broken(**params))


def excludes(rule: Rule, **params: object) -> Reason:
    return Reason(Verdict.DOES_NOT_FIT, rule.broken(**params))


MADE_FOR = Rule(
    "made_for",
    "system",
    _("Made for %(system)s in the edition %(edition)s, which the image is."),
    "",
    REFERENCE_DATA,
)
MADE_FOR_SYSTEM = Rule(
    "made_for_system",
    "system",
    _("Made for %(system)s, which the image is."),
    "",
    REFERENCE_DATA,
)
SYSTEM_UNKNOWN = Rule(
    "system_unknown",
    "system",
    _("Nothing is known of the image that tells its operating system."),
    _("Choose the operating system, or read the image's build."),
    REFERENCE_DATA,
)
SYSTEM_UNCERTAIN = Rule(
    "system_uncertain",
    "system",
    _("The image can be one of several: %(systems)s."),
    _("Its edition or its installation type decides; the build alone does not."),
    REFERENCE_DATA,
)
BUILD_UNKNOWN = Rule(
    "build_unknown",
    "system",
    _("Build %(build)s is not known here; it was taken for a successor of %(systems)s."),
    _("Choose the operating system, or ask an administrator of the portal to add the release."),
    REFERENCE_DATA,
)
OTHER_SYSTEM = Rule(
    "other_system",
    "system",
    _("Made for %(key)s; the image is %(image)s."),
    _("Choose a key of the image's own operating system."),
    REFERENCE_DATA,
)
REVISION_UNKNOWN = Rule(
    "revision_unknown",
    "system",
    _("This key works from image version 10.0.19044.2905 on, and the image does not tell its version that exactly."),
    _("Compare the version that DISM or wiminfo shows."),
    _LEARN_KMS,
)
REVISION_TOO_OLD = Rule(
    "revision_too_old",
    "system",
    _("This key works from image version 10.0.19044.2905 on; the image is older."),
    _("Take a newer image, or update this one."),
    _LEARN_KMS,
)
EDITION_MISSING = Rule(
    "edition_missing",
    "edition",
    _("The image names no edition; this key is for %(edition)s."),
    _("Captured images may have none: compare the edition with the machine it was taken from."),
    COMMON_KNOWLEDGE,
)
OTHER_EDITION = Rule(
    "other_edition",
    "edition",
    _("This key is for the edition %(key)s; the image is %(image)s."),
    _("Choose a key of the image's own edition."),
    _LEARN_KMS,
)
KEY_SELECTS_IMAGE = Rule(
    "key_selects_image",
    "edition",
    _("Setup chooses the edition by this key: it is for %(key)s, and the image is %(image)s."),
    _("Install with a key of the image's own edition, or with none."),
    _LEARN_SETUP,
)
EDITION_UPGRADE = Rule(
    "edition_upgrade",
    "edition",
    _("Installing this key turns %(image)s into %(key)s, which Microsoft supports."),
    _("Use it only where the machine is to become %(key)s."),
    _LEARN_EDITIONS,
)
EDITION_UPGRADE_RESTARTS = Rule(
    "edition_upgrade_restarts",
    "edition",
    _("Installing this key turns %(image)s into %(key)s, which Microsoft supports; the machine restarts for it."),
    _("Use it only where the machine is to become %(key)s."),
    _LEARN_EDITIONS,
)
EVALUATION_UPGRADE = Rule(
    EDITION_UPGRADE.code,
    "edition",
    _("Installing this key turns the evaluation of %(image)s into %(key)s, which Microsoft supports."),
    EDITION_UPGRADE.advice,
    _LEARN_CONVERSION,
)
SET_EDITION = Rule(
    "set_edition",
    "edition",
    _("%(image)s becomes %(key)s by DISM /Set-Edition, not by installing this key."),
    _("Run DISM /Online /Set-Edition:%(edition)s with this key, never on a domain controller."),
    _LEARN_CONVERSION,
)
SET_EDITION_OF_EVALUATION = Rule(
    SET_EDITION.code,
    "edition",
    _("The evaluation of %(image)s becomes %(key)s by DISM /Set-Edition, not by installing this key."),
    SET_EDITION.advice,
    _LEARN_CONVERSION,
)
EVALUATION_BECOMES_OTHER = Rule(
    "evaluation_becomes_other",
    "edition",
    _("The image is an evaluation of %(image)s; this key is for %(key)s."),
    _("It can only become %(targets)s, by DISM /Set-Edition and never on a domain controller."),
    _LEARN_CONVERSION,
)
EVALUATION_STAYS = Rule(
    "evaluation_stays",
    "edition",
    _("The image is an evaluation, and Microsoft names no way to turn it into %(key)s."),
    _("Install from media that are no evaluation."),
    _LEARN_CONVERSION,
)
EVALUATION_INSTALLS_WITHOUT = Rule(
    "evaluation_installs_without",
    "edition",
    _("The image is an evaluation: it is installed without a key."),
    _("Leave the key out, and change the edition afterwards where Microsoft supports that."),
    COMMON_KNOWLEDGE,
)
OTHER_ARCHITECTURE = Rule(
    "other_architecture",
    "architecture",
    _("This entry is for %(key)s, and the image is %(image)s."),
    _("Keys have no architecture of their own: change the entry to “any” if it was bought for both."),
    COMMON_KNOWLEDGE,
)
ARCHITECTURE_MISSING = Rule(
    "architecture_missing",
    "architecture",
    _("The image names no architecture; this entry is for %(key)s."),
    _("Compare it with the image."),
    COMMON_KNOWLEDGE,
)
ESU_NEVER = Rule(
    "esu_never",
    "key_type",
    _("An ESU key never belongs into a rollout: it is added to a Windows that is activated already."),
    _("Roll out without it, and install it afterwards for the year that it was bought for."),
    rulebook.ESU_ACTIVATION_ONLY.source,
)
KMS_HOST_NEVER = Rule(
    "kms_host_never",
    "key_type",
    _("A KMS host key activates the KMS host itself; it never belongs on a client."),
    _("Use the GVLK of the edition."),
    _LEARN_KMS,
)
NOT_MEANT_FOR = Rule(
    "not_meant_for",
    "usage",
    _("This entry is used for: %(usage)s."),
    _("Choose another key, or change what this entry is used for."),
    "KeyPortal",
)
GVLK_NEEDS_KMS = Rule(
    "gvlk_needs_kms",
    "key_type",
    _("Activates at the KMS host of the company, or by Active Directory."),
    _("Without either of them choose a MAK."),
    _LEARN_KMS,
)
GVLK_NEEDS_KMS_ALONE = Rule(
    "gvlk_needs_kms_alone",
    "key_type",
    _("Activates at the KMS host of the company; Active Directory-based activation does not know this Windows."),
    _("It exists from Windows 8 and Windows Server 2012 on: use KMS or a MAK."),
    "Microsoft Learn: Active Directory-Based Activation overview",
)
AVMA_NEEDS_HOST = Rule(
    "avma_needs_host",
    "key_type",
    _("Activates only a virtual machine on a Hyper-V host with an activated Windows Server Datacenter."),
    _("The host has to be of the same version or newer. Everywhere else use the GVLK or a MAK."),
    _LEARN_AVMA,
)
OEM_ONE_DEVICE = Rule(
    "oem_one_device",
    "key_type",
    _("An OEM key belongs to the one device that it was sold with."),
    _("Use it on that device only."),
    "Microsoft Learn: OEM licensing channels",
)
NONE_LEFT = Rule(
    "none_left",
    "left",
    _("No activations left."),
    _("Raise the quantity after Microsoft has raised the limit, or choose another key."),
    "KeyPortal",
)
ARCHIVED = Rule(
    "key_archived",
    "status",
    _("This key is archived."),
    _("Choose another key, or take it back out of the archive."),
    "KeyPortal",
)
COMPROMISED = Rule(
    "key_compromised",
    "status",
    _("This key is marked as compromised."),
    _("Choose another key."),
    "KeyPortal",
)
