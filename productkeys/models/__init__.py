"""What is stored: reference data, product keys, the trail."""

from productkeys.models.key_check import KeyCheck
from productkeys.models.operating_system import Offering, OperatingSystem, Release
from productkeys.models.product_key import ProductKey
from productkeys.models.trail import TrailEntry, TrailKey, TrailSeal

__all__ = ["KeyCheck", "Offering", "OperatingSystem", "ProductKey", "Release", "TrailEntry", "TrailKey", "TrailSeal"]
