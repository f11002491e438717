"""What is stored: reference data, product keys, the trail."""

from productkeys.models.agreement import Agreement
from productkeys.models.checked_file import CheckedFile
from productkeys.models.importing import Import, ImportChunk, ImportedChange, ImportMapping, ImportPart
from productkeys.models.label import Label
from productkeys.models.operating_system import Offering, OperatingSystem, Release
from productkeys.models.product_key import ProductKey
from productkeys.models.registered_key import RegisteredKey
from productkeys.models.rollout_template import RolloutTemplate
from productkeys.models.scope import Scope
from productkeys.models.sealed_secret import SealedSecret
from productkeys.models.trail import TrailEntry, TrailKey, TrailRow, TrailSeal

__all__ = [
    "Agreement",
    "CheckedFile",
    "Import",
    "ImportChunk",
    "ImportMapping",
    "ImportPart",
    "ImportedChange",
    "Label",
    "Offering",
    "OperatingSystem",
    "ProductKey",
    "RegisteredKey",
    "Release",
    "RolloutTemplate",
    "Scope",
    "SealedSecret",
    "TrailEntry",
    "TrailKey",
    "TrailRow",
    "TrailSeal",
]
