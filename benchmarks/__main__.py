"""Measures both databases, each in a process of its own, since a process has one."""

import os
import subprocess
import sys


def main() -> int:
    """Returns how many of the two could not be measured."""
    return sum(
        subprocess.run(
            [sys.executable, "-m", "benchmarks.measure"],
            env=os.environ | {"KEYPORTAL_TEST_DATABASE": database},
            check=False,
        ).returncode
        != 0
        for database in ("sqlite", "postgresql")
    )


if __name__ == "__main__":
    sys.exit(main())
