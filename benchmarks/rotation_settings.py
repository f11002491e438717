"""The settings of the benchmarks, with the key ring in a file, which a rotation can change while the portal serves."""

from benchmarks.settings import *  # noqa: F403

KEY_RING = ""
