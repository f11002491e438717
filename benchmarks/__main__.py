"""Measures the check of answer files, and both databases, each in a process of its own, since a process has one."""

import os
import subprocess
import sys


def main() -> int:
    """Returns how many of them could not be measured."""
    failed = _run("benchmarks.answer_files", {})
    return failed + sum(
        _run("benchmarks.measure", {"KEYPORTAL_TEST_DATABASE": database}) for database in ("sqlite", "postgresql")
    )


def _run(module: str, settings: dict[str, str]) -> bool:
    """Returns whether it failed."""
    command = [sys.executable, "-m", module]
    return subprocess.run(command, env=os.environ | settings, check=False).returncode != 0  # noqa: S603 - our own


if __name__ == "__main__":
    sys.exit(main())
