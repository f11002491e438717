"""The words a product key is described by; stored values are part of the contract with scripts and fixtures."""

from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _


class KeyType(TextChoices):
    """What kind of licence the key stands for; decides where in a rollout it may be used."""

    GVLK = "gvlk", _("GVLK")
    MAK = "mak", _("MAK")
    KMS_HOST = "kms_host", _("KMS host")
    RETAIL = "retail", _("Retail")
    OEM = "oem", _("OEM")
    AVMA = "avma", _("AVMA")
    ESU = "esu", _("ESU")


class Architecture(TextChoices):
    """Processor architecture; `ANY` is every architecture that the operating system has in the key's edition."""

    ANY = "any", _("any")
    X64 = "x64", _("x64")
    ARM64 = "arm64", _("ARM64")
    X86 = "x86", _("x86")
    IA64 = "ia64", _("IA-64")


class Usage(TextChoices):
    """Where in the rollout the key is used: windowsPE installs, specialize activates."""

    INSTALLATION = "installation", _("Installation")
    ACTIVATION = "activation", _("Activation")
    BOTH = "installation_and_activation", _("Installation and activation")


class Status(TextChoices):
    """What has become of the key."""

    ACTIVE = "active", _("Active")
    COMPROMISED = "compromised", _("Compromised")
    ARCHIVED = "archived", _("Archived")


class Family(TextChoices):
    CLIENT = "client", _("Windows client")
    SERVER = "server", _("Windows Server")


class Difference(TextChoices):
    """How Microsoft's count of a key stands to what the portal counted."""

    MORE = "more", _("Microsoft counts more")
    LESS = "less", _("Microsoft counts less")
    SAME = "same", _("Both count the same")
    NEVER = "never", _("Never compared")

    @classmethod
    def of(cls, microsoft_used: int | None, in_use: int) -> "Difference":
        if microsoft_used is None:
            return cls.NEVER
        if microsoft_used == in_use:
            return cls.SAME
        return cls.MORE if microsoft_used > in_use else cls.LESS


class LicenceStatus(TextChoices):
    """How far the activation of a machine is."""

    LICENSED = "licensed", _("licensed")
    UNLICENSED = "unlicensed", _("not licensed")
    GRACE = "grace", _("in a grace period")
    NOTIFICATION = "notification", _("not activated: Windows shows notifications")
