"""What is stored: reference data, product keys, the trail."""

from productkeys.models.operating_system import Offering, OperatingSystem, Release
from productkeys.models.product_key import ProductKey
from productkeys.models.registered_key import RegisteredKey
from productkeys.models.scope import Scope
from productkeys.models.sealed_secret import SealedSecret
from productkeys.models.trail import TrailEntry, TrailKey, TrailSeal

__all__ = [
    "Offering",
    "OperatingSystem",
    "ProductKey",
    "RegisteredKey",
    "Release",
    "Scope",
    "SealedSecret",
    "TrailEntry",
    "TrailKey",
    "TrailSeal",
]
