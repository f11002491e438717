"""Product keys for tests that belong to nobody. Tests only: the portal itself never makes a key.

The check digits are computed by another way than in the portal (zlib's CRC, mirrored), so that a mistake in one of the
two does not hide in the other.
"""

import random
import zlib

_DIGITS = "BCDFGHJKMPQRTVWXY2346789"


def made_up_key(seed: int) -> str:
    """Return a key of the newer format: 29 characters, one of them an N, with consistent check digits."""
    number = random.Random(seed).getrandbits(103)  # group, serial and security; the bits above are computed below
    number |= (_crc32_bzip2(number.to_bytes(16, "little")) & 0x3FF) << 103
    digits: list[int] = []
    for _place in range(25):
        number, digit = divmod(number, 24)
        digits.insert(0, digit)
    place_of_n, *rest = digits
    characters = "".join(_DIGITS[digit] for digit in rest)
    return _in_groups(characters[:place_of_n] + "N" + characters[place_of_n:])


def older_key(seed: int) -> str:
    """Return a key of the format of Windows 7 and before: 29 characters without an N."""
    return _in_groups("".join(random.Random(seed).choices(_DIGITS, k=25)))


def _in_groups(characters: str) -> str:
    return "-".join(characters[start : start + 5] for start in range(0, 25, 5))


def _crc32_bzip2(data: bytes) -> int:
    return _mirrored(zlib.crc32(bytes(_mirrored(byte, 8) for byte in data)), 32)


def _mirrored(value: int, width: int) -> int:
    return int(f"{value:0{width}b}"[::-1], 2)
