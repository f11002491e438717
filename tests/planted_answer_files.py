"""Keys that are planted with deployment files, for the search for their pieces."""

from collections.abc import Callable

from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse

from productkeys.models import CheckedFile
from tests.answer_files import activating, commands, installing, unattend


def planted_answer_file(client: Client, key: Callable[[], str], note: Callable[..., None]) -> CheckedFile:
    """Bring files with keys at every place, look at all that is made of them, and leave one waiting."""
    bring = reverse("productkeys:answer-files")
    note("answer file, refused", client.post(bring, {"text": key(), "file": SimpleUploadedFile(f"{key()}.xml", b"x")}))
    note("answer file, broken", client.post(bring, {"text": f"<a <Key>{key()} & <!-- {key()}"}, follow=True))
    settings = f"[Default]\nProductKey={key()}\n; {key()}\nAdminPassword={key()}\n"
    note("CustomSettings.ini", client.post(bring, {"text": settings}, follow=True))
    text = unattend(
        installing(key(), before=f"<!-- {key()} --><Value>{key()}</Value>"),
        activating(key(), before=f'<A b="{key()}"/>'),
        commands(f"slmgr /ipk {key()}"),
    )
    file = SimpleUploadedFile(f"unattend {key()}.xml", text.encode())
    note("answer file", client.post(bring, {"file": file}, follow=True))
    kept = CheckedFile.objects.latest("created_at")

    def at(verb: str) -> str:
        return reverse(f"productkeys:answer-file-{verb}", args=[kept.pk])

    standard = "?product=windows-11/Enterprise&installation=remove&activation=remove&tidy=on"
    note("answer file, corrected", client.get(at("corrected")))
    note("answer file, written", client.get(at("write") + standard))
    note("answer file, its key added", client.post(at("add-key"), {"key": "0"}, follow=True))
    return kept
