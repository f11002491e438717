"""The settings of signing in through LDAP or Active Directory, for django-auth-ldap, read with the other settings."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from django.core.exceptions import ImproperlyConfigured

_MEMBERS = ("member", "uniqueMember", "memberUid")
_HERE = ("localhost", "127.0.0.1", "::1")

# Seconds. Whoever signs in waits that long for a directory that is down, and so does a thread of the portal.
_CONNECT_TIMEOUT = 3
_ANSWER_TIMEOUT = 5


def read(variables: Mapping[str, str], *, bind_password: str) -> dict[str, Any]:
    """The settings of Django for the `KEYPORTAL_LDAP_` variables, of which the URL is set.

    Raises ImproperlyConfigured, with what to do, for settings that do not work, and where the packages are missing.
    """
    try:
        import ldap
        from django_auth_ldap import config
    except ImportError:
        raise ImproperlyConfigured(
            "KEYPORTAL_LDAP_URL is set, but what LDAP needs is not installed. Run `make ldap`, or unset it."
        ) from None

    def given(name: str, default: str = "") -> str:
        return variables.get(f"KEYPORTAL_LDAP_{name}", "").strip() or default

    start_tls = _wants_start_tls(given("URL").split())
    name_attribute = given("USER_NAME", "sAMAccountName")
    bind_dn = given("BIND_DN")
    if bool(bind_dn) != bool(bind_password):
        raise ImproperlyConfigured(
            "KEYPORTAL_LDAP_BIND_DN and KEYPORTAL_LDAP_BIND_PASSWORD (or its file) go together: set both, or neither "
            "where the directory lets anybody search."
        )
    return {
        "AUTH_LDAP_SERVER_URI": given("URL"),
        "AUTH_LDAP_START_TLS": start_tls,
        "AUTH_LDAP_CONNECTION_OPTIONS": _connection_options(ldap, given("CA_FILE")),
        "AUTH_LDAP_BIND_DN": bind_dn,
        "AUTH_LDAP_BIND_PASSWORD": bind_password,
        "AUTH_LDAP_USER_SEARCH": config.LDAPSearch(
            _base("USERS", given("USERS")),
            ldap.SCOPE_SUBTREE,
            _filter(given("USER_FILTER", f"({name_attribute}=%(user)s)")),
            [name_attribute, "uid", "gidNumber", "givenName", "sn", "mail"],
        ),
        "AUTH_LDAP_GROUP_SEARCH": config.LDAPSearch(
            _base("GROUPS", given("GROUPS")), ldap.SCOPE_SUBTREE, "(objectClass=*)", ["cn"]
        ),
        "AUTH_LDAP_GROUP_TYPE": _group_type(config, given("GROUP_MEMBER", "member")),
        "AUTH_LDAP_NAME_ATTRIBUTE": name_attribute,
    }


def _wants_start_tls(addresses: list[str]) -> bool:
    """Whether the connection is encrypted only after it was opened; on this machine alone it need not be at all."""
    parts = [urlsplit(address) for address in addresses]
    schemes = {part.scheme for part in parts}
    if len(schemes) != 1 or not schemes <= {"ldap", "ldaps"} or not all(part.hostname for part in parts):
        raise ImproperlyConfigured(
            "KEYPORTAL_LDAP_URL takes ldaps://dc1.example.org, or ldap://dc1.example.org, which is then encrypted by "
            "STARTTLS. Several servers of the same kind stand side by side with a space between them."
        )
    return schemes == {"ldap"} and not all(part.hostname in _HERE for part in parts)


def _connection_options(ldap: Any, ca_file: str) -> dict[int, Any]:
    options = {
        ldap.OPT_NETWORK_TIMEOUT: _CONNECT_TIMEOUT,
        ldap.OPT_TIMEOUT: _ANSWER_TIMEOUT,
        # Active Directory refers to other domains; libldap would follow without a name and password.
        ldap.OPT_REFERRALS: 0,
        ldap.OPT_X_TLS_REQUIRE_CERT: ldap.OPT_X_TLS_DEMAND,
        ldap.OPT_X_TLS_PROTOCOL_MIN: ldap.OPT_X_TLS_PROTOCOL_TLS1_2,
    }
    if ca_file:
        if not Path(ca_file).is_file():
            raise ImproperlyConfigured(
                f"KEYPORTAL_LDAP_CA_FILE names {ca_file}, which is missing. It holds the certificate (PEM) of the "
                "authority that signed the directory's."
            )
        options[ldap.OPT_X_TLS_CACERTFILE] = ca_file
    # Last: it puts the others into force.
    options[ldap.OPT_X_TLS_NEWCTX] = 0
    return options


def _base(name: str, given: str) -> str:
    if "=" not in given:
        raise ImproperlyConfigured(
            f"KEYPORTAL_LDAP_{name} says below which entry of the directory they are looked for: set it to a "
            "distinguished name such as OU=Staff,DC=example,DC=org."
        )
    return given


def _filter(given: str) -> str:
    name = "%(user)s"
    if name not in given or "%" in given.replace(name, "") or not (given.startswith("(") and given.endswith(")")):
        raise ImproperlyConfigured(
            "KEYPORTAL_LDAP_USER_FILTER takes a filter in parentheses, with %(user)s where the user name belongs: "
            "(&(objectClass=user)(sAMAccountName=%(user)s))."
        )
    return given


def _group_type(config: Any, member: str) -> Any:
    if member not in _MEMBERS:
        raise ImproperlyConfigured(
            f"KEYPORTAL_LDAP_GROUP_MEMBER says by which attribute a group names its members: {', '.join(_MEMBERS)}."
        )
    return config.PosixGroupType() if member == "memberUid" else config.NestedMemberDNGroupType(member)
