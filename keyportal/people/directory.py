"""Groups of the company's directory give roles here, as `KEYPORTAL_GROUP_ROLES` says: at every sign-in through it.

The mapping owns the roles that it names: who is in no such group loses them. Roles that it does not name are given by
hand, and stay. What LDAP, OpenID Connect and SAML tell of a person's groups all comes here.
"""

from collections.abc import Iterable

from allauth.account.authentication import get_authentication_records
from django.conf import settings
from django.contrib.auth.models import Group
from django.core.exceptions import ImproperlyConfigured
from django.db import transaction
from django.http import HttpRequest

from keyportal.people.group_roles import STAFF, GroupRoles, comparable
from keyportal.people.models import User
from productkeys.models.trail import Action, Why
from productkeys.services import trail
from productkeys.services.origin import Origin


class NotLetIn(Exception):
    """Somebody whom the directory knows does not get in, or it cannot be asked. `why` is for the trail.

    `person` is their account here, or else `name` what the directory calls them, if it told.
    """

    def __init__(self, why: Why, *, person: User | None = None, name: str = "") -> None:
        super().__init__(why.value)
        self.why, self.person, self.name = why, person, name


def roles_of(groups: Iterable[str]) -> frozenset[str]:
    """The names of the roles that being in `groups` gives; for somebody with none, no account is made."""
    return _given(groups) - {STAFF}


def apply(person: User, groups: Iterable[str], *, why: Why, request: HttpRequest | None, is_new: bool = False) -> None:
    """Give `person`, who is stored already, what being in `groups` gives, and take away what it does not give any more.

    The trail says what has changed, and by `why` which directory said so; of somebody new it says that they were added.
    Staff status is given and taken likewise where the mapping names it, but is a superuser's in any case.
    """
    given, named = _given(groups), _named()
    with transaction.atomic():
        stored = User.objects.select_for_update().get(pk=person.pk)
        held = {group.name for group in stored.groups.all()}
        roles = list(Group.objects.filter(name__in=(held - named) | given))
        is_staff = STAFF in given if STAFF in named and not stored.is_superuser else stored.is_staff
        before = _kept(held, stored.is_staff)
        after = _kept({group.name for group in roles}, is_staff)
        changed = [name for name in after if before[name] != after[name]]
        if not changed and not is_new:
            return
        stored.groups.set(roles)
        stored.is_staff = person.is_staff = is_staff
        stored.save(update_fields=["is_staff"])
        trail.record(
            trail.entry(
                Action.ADDED if is_new else Action.CHANGED,
                origin=Origin.at_the_door(request),
                subject=(stored.uid, stored.get_username()),
                reason=why.value,
                before={} if is_new else {name: before[name] for name in changed},
                after={name: after[name] for name in changed},
            )
        )


def has_the_password(request: HttpRequest) -> bool:
    """Whether the person of this session signed in with a password that is the directory's: none is stored here."""
    person = request.user
    if not person.is_authenticated or person.has_usable_password():
        return False
    return any(record["method"] == "password" for record in get_authentication_records(request, person))


def require_known_roles() -> None:
    """Raises ImproperlyConfigured, with what to do, where the mapping names a role that is not in the database."""
    known = set(Group.objects.values_list("name", flat=True))
    if unknown := sorted(_named() - known - {STAFF}):
        raise ImproperlyConfigured(
            f"KEYPORTAL_GROUP_ROLES names roles that are not there: {', '.join(unknown)}. "
            f"Correct it, or add a group of that name first. There are: {', '.join(sorted(known))}."
        )


def _given(groups: Iterable[str]) -> frozenset[str]:
    mapping = _mapping()
    return frozenset(name for group in groups for name in mapping.get(comparable(group), ()))


def _named() -> frozenset[str]:
    return frozenset(name for names in _mapping().values() for name in names)


def _mapping() -> GroupRoles:
    mapping: GroupRoles = settings.GROUP_ROLES
    return mapping


def _kept(roles: set[str], is_staff: bool) -> dict[str, list[str] | bool]:
    return {"groups": sorted(roles), "is_staff": is_staff}
