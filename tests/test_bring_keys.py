"""Bringing keys: a file or a pasted text, what is refused of it and how that is said, and that it stays in memory."""

from html import unescape
from typing import Any

import pytest
from django.conf import settings
from django.core.files.uploadedfile import SimpleUploadedFile, TemporaryUploadedFile
from django.test import Client
from django.urls import reverse
from pytest_django import Settings

from productkeys.models import Import
from tests.imports import bring, csv_of, page, row
from tests.made_up_keys import made_up_key

pytestmark = pytest.mark.django_db

NEW = reverse("productkeys:import-new")
MEGABYTE = 2**20


def _text_of(answer: Any) -> str:
    return unescape(" ".join(answer.content.decode().split()))


def test_a_file_leads_to_its_preview(as_manager: Client) -> None:
    answer = bring(as_manager, csv_of([row(), row()]))
    imp = Import.objects.get()
    assert answer["Location"] == reverse("productkeys:import", args=[imp.pk])
    html = page(as_manager, imp)
    assert "<h2>keys.csv</h2>" in html
    assert "2 rows · semicolon · UTF-8, recognised" in html
    assert html.count("Branch Kiel") >= 2


def test_a_pasted_text_does_as_well(as_manager: Client) -> None:
    keys = "\n".join(row()["Product key"] for _ in range(3))
    assert as_manager.post(NEW, {"text": keys}).status_code == 302
    assert "<h2>Pasted text</h2>" in page(as_manager, Import.objects.get())


@pytest.mark.parametrize(
    ("sent", "said"),
    [
        ({}, "Choose a file, or paste the keys below"),
        ({"text": " \n "}, "Choose a file, or paste the keys below"),
        ({"text": "a\0b"}, "Null characters are not allowed"),
    ],
    ids=["nothing", "blanks", "NUL"],
)
def test_what_holds_nothing_is_refused_beside_the_field(as_manager: Client, sent: dict[str, str], said: str) -> None:
    assert said in _text_of(as_manager.post(NEW, sent))
    assert not Import.objects.exists()


def test_a_file_and_a_text_at_once_are_refused(as_manager: Client) -> None:
    answer = as_manager.post(NEW, {"text": "x", "file": _file(b"a;b\n1;2\n")})
    assert "Bring the file or the text, one at a time" in _text_of(answer)


def _file(data: bytes, name: str = "keys.csv") -> Any:
    return SimpleUploadedFile(name, data)


@pytest.mark.parametrize("data", [b"", b"Name;Key\r\n", b"%PDF-1.7 ...", b"\x89PNG\r\n\x1a\n"], ids=repr)
def test_a_file_that_holds_no_rows_is_refused_beside_the_field(as_manager: Client, data: bytes) -> None:
    answer = bring(as_manager, data)
    assert answer.status_code == 200
    assert 'id="id_file_error"' in answer.content.decode()
    assert not Import.objects.exists()


def test_a_text_that_cannot_be_read_is_still_there_and_nobody_keeps_the_answer(as_manager: Client) -> None:
    answer = as_manager.post(NEW, {"text": "Name;Product key;Type\n"})
    assert 'id="id_text_error"' in answer.content.decode()
    assert "Name;Product key;Type" in _text_of(answer)
    assert "no-store" in answer["Cache-Control"]


def test_a_key_in_the_name_of_a_file_is_masked(as_manager: Client) -> None:
    key = made_up_key(77)
    bring(as_manager, csv_of([row()]), name=f"{key}.csv")
    assert Import.objects.get().name == f"•••••-•••••-•••••-•••••-{key[-5:]}.csv"


# The limit


def test_a_file_beyond_the_limit_is_refused_with_the_limit_named(as_manager: Client, settings: Settings) -> None:
    settings.IMPORT_MAX_MB = 1
    answer = bring(as_manager, b"x" * (MEGABYTE + 1))
    assert "the portal takes up to 1 MB" in _text_of(answer)
    assert not Import.objects.exists()


def test_a_text_beyond_its_limit_is_refused_with_the_limit_named(as_manager: Client) -> None:
    answer = as_manager.post(NEW, {"text": "x" * (settings.IMPORT_TEXT_MAX_MB * MEGABYTE + 1)})
    assert "more than 2 MB of text" in _text_of(answer)


class _Unread:
    """A body that must not be read."""

    def read(self, *_count: int) -> bytes:
        raise AssertionError("the body was read")

    readline = read


def test_a_request_beyond_the_limit_is_refused_before_it_is_read(as_manager: Client) -> None:
    request: dict[str, Any] = {"CONTENT_TYPE": "multipart/form-data; boundary=x", "wsgi.input": _Unread()}
    answer = as_manager.generic("POST", NEW, **request | {"CONTENT_LENGTH": str(100 * MEGABYTE)})
    assert answer.status_code == 413
    assert "A file may have up to 32 MB, pasted text up to 2 MB." in _text_of(answer)
    assert "kp-side" in answer.content.decode()


def test_a_text_far_beyond_its_limit_is_refused_in_the_same_words(as_manager: Client) -> None:
    answer = as_manager.post(NEW, {"text": "x" * (settings.DATA_UPLOAD_MAX_MEMORY_SIZE + 1)})
    assert answer.status_code == 413
    assert "pasted text up to 2 MB" in _text_of(answer)


def test_who_is_not_signed_in_brings_no_file(client: Client) -> None:
    answer = client.post(reverse("account_login"), {"file": _file(b"x" * (settings.DATA_UPLOAD_MAX_MEMORY_SIZE + 1))})
    assert answer.status_code == 413


def test_the_file_is_never_on_the_disk(as_manager: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    """Django puts what is larger than 2.5 MB into a temporary file, if left alone."""
    monkeypatch.setattr(TemporaryUploadedFile, "__init__", lambda *_args, **_options: pytest.fail("a temporary file"))
    assert bring(as_manager, csv_of([row(Name="x" * 100)] * 20_000)).status_code == 302
    assert Import.objects.get().size > 3 * MEGABYTE


# Who


def test_who_may_add_no_key_has_no_imports(as_viewer: Client) -> None:
    for address in (NEW, reverse("productkeys:imports")):
        assert as_viewer.get(address).status_code == 403
    assert "/imports/" not in as_viewer.get(reverse("productkeys:list")).content.decode()


def test_the_way_there_is_in_the_tree_and_beside_adding(as_manager: Client) -> None:
    html = as_manager.get(reverse("productkeys:list")).content.decode()
    assert f'href="{reverse("productkeys:imports")}"' in html
    assert f'href="{NEW}"' in html
