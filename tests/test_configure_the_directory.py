"""An administrator names the company's directory; what cannot work is refused at the start, with what to do."""

import subprocess
import sys
from pathlib import Path

import ldap
import pytest
from django.core.exceptions import ImproperlyConfigured
from django_auth_ldap.config import NestedMemberDNGroupType, PosixGroupType

from keyportal.people import ldap_settings
from tests.machine import Machines
from tests.settings import BASE_DIR

GOOD = {
    "KEYPORTAL_LDAP_URL": "ldaps://dc1.example.org",
    "KEYPORTAL_LDAP_BIND_DN": "CN=portal,DC=example,DC=org",
    "KEYPORTAL_LDAP_USERS": "OU=Staff,DC=example,DC=org",
    "KEYPORTAL_LDAP_GROUPS": "OU=Groups,DC=example,DC=org",
}


def _read(password: str = "a password", **changes: str) -> dict[str, object]:
    return ldap_settings.read(
        GOOD | {f"KEYPORTAL_LDAP_{name}": value for name, value in changes.items()}, bind_password=password
    )


def test_it_works_for_active_directory_with_four_settings() -> None:
    made = _read()
    search = made["AUTH_LDAP_USER_SEARCH"]
    assert getattr(search, "filterstr", "") == "(sAMAccountName=%(user)s)"
    assert isinstance(made["AUTH_LDAP_GROUP_TYPE"], NestedMemberDNGroupType)
    assert made["AUTH_LDAP_START_TLS"] is False


@pytest.mark.parametrize(
    ("url", "start_tls"),
    [
        ("ldap://dc1.example.org", True),
        ("ldap://dc1.example.org ldap://dc2.example.org:3389", True),
        ("ldap://localhost ldap://dc2.example.org", True),
        ("ldaps://dc1.example.org ldaps://dc2.example.org", False),
        ("ldap://localhost", False),
        ("ldap://127.0.0.1:3890", False),
        ("ldap://[::1]", False),
    ],
)
def test_no_password_leaves_the_machine_unencrypted(url: str, start_tls: bool) -> None:
    assert _read(URL=url)["AUTH_LDAP_START_TLS"] is start_tls


def test_nobody_waits_long_for_a_directory_that_is_down() -> None:
    options = _read()["AUTH_LDAP_CONNECTION_OPTIONS"]
    assert isinstance(options, dict)
    assert options[ldap.OPT_NETWORK_TIMEOUT] + options[ldap.OPT_TIMEOUT] < 10


def test_other_directories_name_people_and_members_otherwise() -> None:
    made = _read(USER_NAME="uid", GROUP_MEMBER="memberUid")
    assert getattr(made["AUTH_LDAP_USER_SEARCH"], "filterstr", "") == "(uid=%(user)s)"
    assert isinstance(made["AUTH_LDAP_GROUP_TYPE"], PosixGroupType)


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"URL": "https://dc1.example.org"}, "takes ldaps://dc1"),
        ({"URL": "dc1.example.org"}, "takes ldaps://dc1"),
        ({"URL": "ldaps://"}, "takes ldaps://dc1"),
        ({"URL": "ldaps://dc1.example.org ldap://dc2.example.org"}, "of the same kind"),
        ({"BIND_DN": ""}, "go together"),
        ({"password": ""}, "go together"),
        ({"USERS": ""}, "KEYPORTAL_LDAP_USERS says below which entry"),
        ({"GROUPS": "Groups"}, "KEYPORTAL_LDAP_GROUPS says below which entry"),
        ({"USER_FILTER": "(uid=vera)"}, r"with %\(user\)s"),
        ({"USER_FILTER": "uid=%(user)s"}, "in parentheses"),
        ({"USER_FILTER": "(uid=%(name)s)"}, r"with %\(user\)s"),
        ({"USER_FILTER": "(uid=%s)"}, r"with %\(user\)s"),
        ({"GROUP_MEMBER": "memberOf"}, "member, uniqueMember, memberUid"),
        ({"CA_FILE": "/etc/forgotten.pem"}, "names /etc/forgotten.pem, which is missing"),
    ],
)
def test_what_cannot_work_is_refused(changes: dict[str, str], message: str) -> None:
    with pytest.raises(ImproperlyConfigured, match=message):
        _read(**changes)


def _settings(environment: dict[str, str], before: str = "", after: str = "") -> "subprocess.CompletedProcess[str]":
    command = f"{before}\nfrom keyportal import settings\nprint(settings.AUTHENTICATION_BACKENDS)\n{after}"
    return subprocess.run(
        [sys.executable, "-c", command], cwd=BASE_DIR, env=environment, capture_output=True, text=True, check=False
    )


def test_the_portal_reads_it_and_the_password_from_a_file(new_machine: Machines, tmp_path: Path) -> None:
    file = tmp_path / "password"
    file.write_text("a password\n")
    environment = new_machine() | GOOD
    assert "go together" in _settings(environment).stderr
    read = _settings(environment | {"KEYPORTAL_LDAP_BIND_PASSWORD_FILE": str(file)})
    assert read.stdout.strip().endswith("'keyportal.people.ldap_backend.DirectoryBackend']"), read.stderr


def test_without_the_extra_the_start_is_refused_with_the_command(new_machine: Machines) -> None:
    without = "import sys\nsys.modules['ldap'] = None"
    environment = new_machine()
    assert "PortalBackend" in _settings(environment, without).stdout
    refusal = _settings(environment | GOOD | {"KEYPORTAL_LDAP_BIND_PASSWORD": "canary"}, without).stderr
    assert "what LDAP needs is not installed. Run `make ldap`" in refusal
    assert "canary" not in refusal


def test_what_its_libraries_bring_writes_nothing_past_the_mask(new_machine: Machines) -> None:
    handlers = "import django, logging\ndjango.setup()\nprint(logging.getLogger('pyasn1').handlers)"
    environment = new_machine() | GOOD | {"KEYPORTAL_LDAP_BIND_PASSWORD": "a password"}
    read = _settings(environment, "import pyasn1.debug", handlers)
    assert read.stdout.splitlines()[-1] == "[]", read.stderr
