"""A house of made-up keys, and the person who looks at them."""

import random
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import islice

from django.conf import settings
from django.contrib.auth.models import Permission
from django.core.management import call_command
from django.db import connection
from django.test import Client

from keyportal.people.models import User
from productkeys.domain.choices import Architecture, KeyType, Usage
from productkeys.models import ProductKey, reference
from productkeys.services import readiness, standard_keys
from tests.made_up_keys import made_up_key
from tests.postgres import running_postgresql
from tests.settings import POSTGRESQL_FOLDER, TEST_DATABASE, TEST_FOLDER

BATCH = 2_000
_SITES = (
    "head office",
    "plant",
    "branch",
    "laboratory",
    "call centre",
    "school",
    "warehouse",
    "depot",
    "clinic",
    "port",
)


@contextmanager
def ground() -> Iterator[None]:
    """The database server, where it is one, and the folder of all data, which is gone afterwards."""
    try:
        if TEST_DATABASE == "postgresql":
            TEST_FOLDER.chmod(0o711)  # the account of the server passes through
            with running_postgresql(POSTGRESQL_FOLDER):
                yield
        else:
            yield
    finally:
        shutil.rmtree(TEST_FOLDER)


def prepare() -> None:
    """An empty portal: tables, reference data, standard keys."""
    call_command("migrate", interactive=False, verbosity=0)
    readiness.require_fitting_key_ring()
    standard_keys.load()


def fill(size: int) -> None:
    """Bring the number of keys to `size`."""
    start = ProductKey.objects.count()
    made = _made_up(start, size)
    while batch := list(islice(made, BATCH)):
        ProductKey.objects.bulk_create(batch)
    with connection.cursor() as cursor:
        # What autovacuum does in time: statistics, and the visibility map that index-only scans need.
        cursor.execute("VACUUM ANALYZE" if connection.vendor == "postgresql" else "ANALYZE")


def _made_up(start: int, stop: int) -> Iterator[ProductKey]:
    systems = [system for system in reference.current().systems.values() if system.offerings]
    for number in range(start, stop):
        chance = random.Random(number)  # noqa: S311 - nothing here is secret
        system = chance.choice(systems)
        retail = chance.random() < 0.2
        quantity = 1 if retail else chance.choice((50, 100, 500, 1000))
        key = ProductKey(
            name=f"{chance.choice(_SITES)} {chance.randrange(1_000)}, {number}",
            comment=f"Contract {chance.randrange(2_000)}",
            key_type=KeyType.RETAIL if retail else KeyType.MAK,
            operating_system_id=system.slug,
            edition=chance.choice(list(system.offerings)),
            architecture=Architecture.ANY,
            usage=Usage.BOTH if retail else Usage.ACTIVATION,
            quantity=quantity,
            in_use=chance.randrange(quantity + 1),
            code=made_up_key(number),
        )
        key.prepare_text()
        yield key


def manager(name: str = "benchmark") -> User:
    """Somebody with every right to keys by permissions of their own, as most people have them."""
    person = User.objects.create_user(name, is_staff=True)
    person.user_permissions.set(Permission.objects.filter(content_type__app_label="productkeys"))
    return person


def session_of(person: User, *, backend: str = settings.AUTHENTICATION_BACKENDS[0]) -> str:
    """A session of `person`, who is read again for every page by `backend`."""
    client = Client()
    client.force_login(person, backend=backend)
    return client.cookies[settings.SESSION_COOKIE_NAME].value
