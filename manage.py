#!/usr/bin/env python3
"""Django's command line for KeyPortal."""

import io
import os
import sys


def main() -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "keyportal.settings")
    from django.core.management import execute_from_command_line

    for stream in (sys.stdout, sys.stderr):  # a terminal of another encoding is no reason to stop half way
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="replace")
    execute_from_command_line(sys.argv)


if __name__ == "__main__":
    main()
