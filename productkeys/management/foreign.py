"""Commands that print what stands in files of others: nothing in it commands the terminal."""

from typing import Any

from django.core.management.base import BaseCommand, OutputWrapper

from productkeys.domain import invisible


class ForeignTextCommand(BaseCommand):
    """A command whose output and errors spell control characters, and others that nobody sees."""

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self.stdout = _Spelling(self.stdout)  # type: ignore[arg-type]  # a wrapper is written to as a file is
        self.stderr = _Spelling(self.stderr)  # type: ignore[arg-type]  # likewise

    def execute(self, *args: Any, **options: Any) -> str | None:
        for stream in ("stdout", "stderr"):
            if options.get(stream):
                options[stream] = _Spelling(options[stream])
        return super().execute(*args, **options)


class _Spelling(OutputWrapper):
    def write(self, msg: str = "", *args: Any, **options: Any) -> None:  # type: ignore[override]  # as Django's own
        super().write(invisible.escaped(msg), *args, **options)
