"""Reference data is kept between requests, and a change is seen once it is committed."""

from concurrent.futures import ThreadPoolExecutor

import pytest
from django.db import connection, transaction

from productkeys.models import OperatingSystem, reference


def _name_for_another_request() -> str:
    try:
        return reference.current().system_name("windows-11")
    finally:
        connection.close()


@pytest.mark.django_db(transaction=True)
def test_what_another_request_reads_before_the_commit_is_forgotten_after_it() -> None:
    with ThreadPoolExecutor() as others:
        with transaction.atomic():
            system = OperatingSystem.objects.get(pk="windows-11")
            system.name = "Windows 11 renamed"
            system.save()
            assert others.submit(_name_for_another_request).result() == "Windows 11"
        assert others.submit(_name_for_another_request).result() == "Windows 11 renamed"
    reference.forget()


@pytest.mark.django_db
def test_a_change_of_another_process_is_seen_when_the_time_is_over(monkeypatch: pytest.MonkeyPatch) -> None:
    reference.forget()
    reference.current()
    OperatingSystem.objects.filter(pk="windows-11").update(name="Windows 11 renamed")  # no signal reaches this process
    assert reference.current().system_name("windows-11") == "Windows 11"
    monkeypatch.setattr(reference, "MAX_AGE_SECONDS", 0)
    assert reference.current().system_name("windows-11") == "Windows 11 renamed"
    reference.forget()
