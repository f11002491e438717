"""Bootstrap's style sheet as a static file, taken from the bootstrap-wrapper package.

The package carries a hundred files under the top-level name `bootstrap`; collecting and compressing them all takes most
of a minute. This finder offers the ones that the pages use, and the map that the style sheet names.
"""

from collections.abc import Iterator
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from django.contrib.staticfiles.finders import BaseFinder
from django.contrib.staticfiles.utils import matches_patterns
from django.core.checks import CheckMessage
from django.core.files.storage import FileSystemStorage

FILES = ("css/bootstrap.min.css", "css/bootstrap.min.css.map")


def _folder() -> Path:
    spec = find_spec("bootstrap")
    if spec is None or not spec.submodule_search_locations:
        raise ModuleNotFoundError("The package bootstrap-wrapper is not installed.")
    return Path(spec.submodule_search_locations[0])


class BootstrapFinder(BaseFinder):
    """Finds `bootstrap/css/bootstrap.min.css` and its map, nothing else."""

    def __init__(self, app_names: Any = None, *args: Any, **kwargs: Any) -> None:
        self.storage = FileSystemStorage(location=_folder())
        # Where collectstatic puts the files of this storage.
        self.storage.prefix = "bootstrap"  # type: ignore[attr-defined]
        super().__init__(*args, **kwargs)

    def check(self, **kwargs: Any) -> list[CheckMessage]:
        """A missing package already fails in the constructor; there is nothing else to check."""
        return []

    def find(self, path: str, find_all: bool = False, **kwargs: Any) -> Any:
        """The file of `path` ("bootstrap/css/..."); with `find_all` a list of it. Empty unless it is one of FILES."""
        found = [self.storage.path(name) for name in FILES if path == f"bootstrap/{name}"]
        if find_all:
            return found
        return found[0] if found else []

    def list(self, ignore_patterns: Any) -> Iterator[tuple[str, FileSystemStorage]]:
        """Each file with the storage that it is in, as collectstatic asks for it."""
        for name in FILES:
            if not matches_patterns(name, list(ignore_patterns or [])):
                yield name, self.storage
