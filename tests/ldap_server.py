"""A directory of the tests' own: Debian's slapd, as an ordinary process, with everything in a temporary folder."""

import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address
from pathlib import Path
from typing import Any

import ldap
import ldap.dn
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from tests.machine import PATIENCE_SECONDS, free_port

BASE = "dc=example,dc=org"
PORTAL, PORTAL_PASSWORD = f"cn=portal,{BASE}", "the password of the portal's own entry"
ROOT, ROOT_PASSWORD = f"cn=root,{BASE}", "the password of its administrator"

# sAMAccountName is what Active Directory calls the user name.
_CONFIGURATION = f"""
include /etc/ldap/schema/core.schema
include /etc/ldap/schema/cosine.schema
include /etc/ldap/schema/inetorgperson.schema
attributetype ( 1.2.840.113556.1.4.221 NAME 'sAMAccountName' EQUALITY caseIgnoreMatch
  SYNTAX 1.3.6.1.4.1.1466.115.121.1.15 SINGLE-VALUE )
objectclass ( 1.2.840.113556.1.5.9 NAME 'user' SUP top AUXILIARY MAY sAMAccountName )
modulepath /usr/lib/ldap
moduleload back_mdb
TLSCACertificateFile certificate.pem
TLSCertificateFile certificate.pem
TLSCertificateKeyFile key.pem
database mdb
suffix "{BASE}"
directory entries
dbnosync
rootdn "{ROOT}"
rootpw "{ROOT_PASSWORD}"
access to attrs=userPassword by anonymous auth by * none
access to * by dn.exact="{PORTAL}" read by * none
"""


@dataclass(frozen=True)
class Company:
    """A directory that is running: its addresses, the certificate to trust, and what is in there."""

    url: str
    tls_url: str
    certificate: Path

    def variables(self, **changes: str) -> dict[str, str]:
        """The environment of a portal that asks it."""
        given = {
            "URL": self.url,
            "BIND_DN": PORTAL,
            "USERS": f"ou=people,{BASE}",
            "GROUPS": f"ou=groups,{BASE}",
            "CA_FILE": str(self.certificate),
        }
        return {f"KEYPORTAL_LDAP_{name}": value for name, value in (given | changes).items()}

    def add_person(self, name: str, password: str, **attributes: str) -> str:
        """A new person, or one anew; returns the distinguished name."""
        entry = f"uid={ldap.dn.escape_dn_chars(name)},ou=people,{BASE}"
        given = {"uid": name, "sAMAccountName": name, "cn": name, "sn": name, "userPassword": password} | attributes
        self._put(entry, ["inetOrgPerson", "user"], given)
        return entry

    def add_group(self, name: str, *members: str) -> str:
        """A group, or one anew, of entries given by their distinguished names; returns its own."""
        entry = f"cn={ldap.dn.escape_dn_chars(name)},ou=groups,{BASE}"
        self._put(entry, ["groupOfNames"], {"cn": name, "member": list(members) or ROOT})
        return entry

    def remove(self, entry: str) -> None:
        self._as_root().delete_s(entry)

    def _put(self, entry: str, classes: list[str], attributes: dict[str, Any]) -> None:
        values = {"objectClass": classes} | attributes
        new = [(name, _bytes(value)) for name, value in values.items() if value]
        root = self._as_root()
        try:
            root.add_s(entry, new)
        except ldap.ALREADY_EXISTS:
            root.delete_s(entry)
            root.add_s(entry, new)

    def _as_root(self) -> Any:
        connection = ldap.initialize(self.url)
        connection.simple_bind_s(ROOT, ROOT_PASSWORD)
        return connection


@contextmanager
def running_directory(folder: Path) -> Iterator[Company]:
    """Start a server that keeps everything in `folder`, with the portal's own entry and two empty branches."""
    (folder / "entries").mkdir()
    (folder / "slapd.conf").write_text(_CONFIGURATION)
    _make_certificate(folder)
    company = Company(
        url=f"ldap://127.0.0.1:{free_port()}",
        tls_url=f"ldaps://127.0.0.1:{free_port()}",
        certificate=folder / "certificate.pem",
    )
    addresses = f"{company.url} {company.tls_url}"
    with (folder / "log").open("w") as log:
        # -d keeps it in the foreground, where it can be ended.
        server = subprocess.Popen(
            ["/usr/sbin/slapd", "-d", "0", "-f", "slapd.conf", "-h", addresses], cwd=folder, stdout=log, stderr=log
        )
    try:
        _wait_for(company, server, folder / "log")
        company._put(BASE, ["dcObject", "organization"], {"dc": "example", "o": "Example"})
        company._put(PORTAL, ["organizationalRole", "simpleSecurityObject"], {"userPassword": PORTAL_PASSWORD})
        for branch in ("people", "groups"):
            company._put(f"ou={branch},{BASE}", ["organizationalUnit"], {"ou": branch})
        yield company
    finally:
        server.terminate()
        server.wait(timeout=PATIENCE_SECONDS)


def _wait_for(company: Company, server: "subprocess.Popen[bytes]", log: Path) -> None:
    end = time.monotonic() + PATIENCE_SECONDS
    while time.monotonic() < end:
        assert server.poll() is None, log.read_text()
        try:
            company._as_root()
        except ldap.SERVER_DOWN:
            time.sleep(0.05)
        else:
            return
    raise AssertionError(log.read_text())


def _bytes(value: str | list[str]) -> list[bytes]:
    return [text.encode() for text in ([value] if isinstance(value, str) else value)]


def _make_certificate(folder: Path) -> None:
    """A certificate for this machine that vouches for itself."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "localhost")])
    now = datetime.now(UTC)
    names: list[x509.GeneralName] = [x509.DNSName("localhost"), x509.IPAddress(ip_address("127.0.0.1"))]
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(hours=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName(names), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    (folder / "certificate.pem").write_bytes(made.public_bytes(serialization.Encoding.PEM))
    unlocked = serialization.NoEncryption()
    (folder / "key.pem").write_bytes(
        key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, unlocked)
    )
