"""Django looks for static files: of Bootstrap it finds the style sheet and its map, and nothing else of the package."""

from django.contrib.staticfiles import finders

from keyportal.bootstrap_files import BootstrapFinder


def test_the_style_sheet_of_bootstrap_is_found() -> None:
    found = finders.find("bootstrap/css/bootstrap.min.css")
    assert isinstance(found, str)
    assert found.endswith("/bootstrap/css/bootstrap.min.css")


def test_nothing_else_of_the_package_is_found() -> None:
    assert finders.find("bootstrap/css/bootstrap.css") is None
    assert finders.find("bootstrap/../bootstrap/css/bootstrap.min.css") is None


def test_the_style_sheet_is_collected_with_its_map() -> None:
    collected = [f"{storage.prefix}/{path}" for path, storage in BootstrapFinder().list([])]  # type: ignore[attr-defined]
    assert collected == ["bootstrap/css/bootstrap.min.css", "bootstrap/css/bootstrap.min.css.map"]
