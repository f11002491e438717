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
