"""What the tests share: the database they run on, Microsoft's keys in it, and people who may do more or less.

Every test with a database finds the reference data and the published keys of `fixtures/` there, as in a real portal.
"""

import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from types import SimpleNamespace

import pytest
from django.contrib.auth.models import Group, Permission
from django.core.cache import cache
from django.db.models import QuerySet
from django.test import Client, TransactionTestCase
from django.utils import translation
from hypothesis import HealthCheck, settings
from pytest_django import DjangoDbBlocker

from keyportal.people.models import User
from productkeys import key_ring_source
from productkeys.models import ProductKey, Scope, reference
from productkeys.services import readiness
from productkeys.services import standard_keys as shipped
from tests import filled
from tests.machine import Machines, machines
from tests.postgres import running_postgresql
from tests.settings import POSTGRESQL_FOLDER, TEST_DATABASE, TEST_FOLDER

# The same examples in every run, however long a busy machine takes to think of them.
settings.register_profile("tests", derandomize=True, deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("tests")


def pytest_configure(config: pytest.Config) -> None:
    """Start PostgreSQL once per run, before any worker."""
    if TEST_DATABASE == "postgresql" and not hasattr(config, "workerinput"):
        TEST_FOLDER.chmod(0o711)  # the account of the server passes through
        server = ExitStack()
        server.enter_context(running_postgresql(POSTGRESQL_FOLDER))
        config.add_cleanup(server.close)


def pytest_report_header() -> str:
    return f"database: {TEST_DATABASE}"


@pytest.fixture(scope="session")
def django_db_setup(django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> Iterator[None]:
    """The test database, filled once as `manage.py prepare` fills a new portal.

    A test with real transactions (a live server) would empty all tables behind it: the next one finds them filled.
    """
    with django_db_blocker.unblock():
        readiness.require_fitting_key_ring()
        shipped.load()
        kept = filled.keep()

    def put_back(test_case: TransactionTestCase) -> None:
        filled.put_back(kept)
        reference.forget()

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(TransactionTestCase, "_fixture_teardown", put_back)
        yield


@pytest.fixture(scope="module")
def new_machine(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Machines]:
    """A function that gives the environment of a portal that was never started, or of a copy of another."""
    with machines(tmp_path_factory) as made:
        yield made


@pytest.fixture(autouse=True)
def _nobody_speaks_yet() -> None:
    """A page that was asked for in German leaves its language behind in this thread."""
    translation.deactivate()


@pytest.fixture(autouse=True)
def _what_is_kept_does_not_run_out_meanwhile(monkeypatch: pytest.MonkeyPatch) -> None:
    """How many queries a page needs would depend on how long a slow machine takes to come to it."""
    monkeypatch.setattr(reference, "MAX_AGE_SECONDS", 3600)
    monkeypatch.setattr(key_ring_source, "LOOK_AGAIN_SECONDS", 3600.0)


@pytest.fixture(autouse=True)
def _a_code_of_an_app_lasts_for_the_test(monkeypatch: pytest.MonkeyPatch) -> None:
    """It would change every half minute, on a slow machine before somebody has entered it."""
    now = time.time()
    monkeypatch.setattr("allauth.mfa.totp.internal.auth.time", SimpleNamespace(time=lambda: now))


@pytest.fixture(autouse=True)
def _fresh_counters() -> None:
    """Failed sign-ins of one test do not lock out the next."""
    cache.clear()


@pytest.fixture(autouse=True)
def _scopes_of_another_test_are_forgotten() -> Iterator[None]:
    """What a test adds to the reference data is gone with its transaction, and must not be kept for the next."""
    yield
    if (kept := reference._kept) and (kept[1].scopes or kept[1].agreements):
        reference._drop()


@pytest.fixture
def standard_keys(db: None) -> QuerySet[ProductKey]:
    """Microsoft's published keys, as every database of a test holds them."""
    published: QuerySet[ProductKey] = ProductKey.objects.filter(published=True)
    return published


# People. `viewer` sees the list, `manager` also adds, changes and deletes, `revealer` sees the list and opens keys,
# `admin_user` may do everything. `as_viewer` and so on are their signed-in clients.


def _person(username: str, *rights: str) -> User:
    person = User.objects.create_user(username, is_staff="change" in rights)
    wanted = [f"{right}_productkey" for right in ("view", *rights)]
    person.user_permissions.set(Permission.objects.filter(codename__in=wanted))
    return person


@pytest.fixture
def in_role(db: None) -> Callable[..., User]:
    """A function that makes somebody with the roles of these names; with none, somebody without any right."""

    def make(*roles: str, username: str = "", is_staff: bool = False) -> User:
        name = username or "-".join(roles).lower().replace(" ", "-") or "nobody"
        person = User.objects.create_user(name, is_staff=is_staff)
        groups = Group.objects.filter(name__in=roles)
        assert len(groups) == len(roles), "there is a role of each name"
        person.groups.set(groups)
        return person

    return make


@pytest.fixture
def berlin(db: None) -> Scope:
    return Scope.objects.create(name="Berlin")


@pytest.fixture
def bonn(db: None) -> Scope:
    return Scope.objects.create(name="Bonn")


@pytest.fixture
def viewer(db: None) -> User:
    return _person("vera.viewer")


@pytest.fixture
def manager(db: None) -> User:
    return _person("mara.manager", "add", "change", "delete")


@pytest.fixture
def revealer(db: None) -> User:
    return _person("rolf.revealer", "reveal")


@pytest.fixture
def auditor(db: None) -> User:
    """Reads the trail, and nothing else: no keys, no administration."""
    person = User.objects.create_user("anna.auditor")
    person.user_permissions.set(Permission.objects.filter(codename="view_trailentry"))
    return person


@pytest.fixture
def admin_user(db: None) -> User:
    return User.objects.create_superuser("admin")


def _signed_in(person: User) -> Client:
    client = Client()
    client.force_login(person)
    return client


@pytest.fixture
def as_viewer(viewer: User) -> Client:
    return _signed_in(viewer)


@pytest.fixture
def as_manager(manager: User) -> Client:
    return _signed_in(manager)


@pytest.fixture
def as_revealer(revealer: User) -> Client:
    return _signed_in(revealer)


@pytest.fixture
def as_auditor(auditor: User) -> Client:
    return _signed_in(auditor)


@pytest.fixture
def as_admin(admin_user: User) -> Client:
    return _signed_in(admin_user)
