"""The key of a KMS host: which clients a host with it activates, and how many hosts it serves."""

from django.utils.translation import gettext_lazy as _

from productkeys.domain.matching.facts import Catalogue
from productkeys.domain.rule import Problem, Rule
from productkeys.domain.systems import SystemFacts

_LEARN_PLANNING = "Microsoft Learn: KMS activation planning, activation versions"

GROUP_UNKNOWN = Rule(
    "host_group_unknown",
    "system",
    _("What a KMS host with the key of %(host)s activates is not known here."),
    _("Compare Microsoft's table of activation versions."),
    _LEARN_PLANNING,
)
NOT_ACTIVATED = Rule(
    "not_activated_by_host",
    "system",
    _("A KMS host with the key of %(host)s does not activate %(client)s."),
    _("Install a newer KMS host key on the host, or use a MAK."),
    _LEARN_PLANNING,
)
HOSTS_USED_UP = Rule(
    "hosts_used_up",
    "quantity",
    _("This key has activated %(quantity)s KMS hosts already, and that is its limit."),
    _("Ask Microsoft's activation centre for more, and raise the quantity afterwards."),
    "Microsoft Learn: KMS activation planning, operational requirements",
)
NO_DIRECTORY_ACTIVATION = Rule(
    "no_directory_activation",
    "system",
    _("Active Directory-based activation is not possible for %(system)s."),
    _("It exists from Windows 8 and Windows Server 2012 on: use KMS or a MAK."),
    "Microsoft Learn: Active Directory-Based Activation overview",
)


def problem_of_client(host: str, client: str, catalogue: Catalogue) -> Problem | None:
    """Why a KMS host with the key of the product group `host` does not activate `client`; None where it does.

    Both are slugs of operating systems; of a joined client product the host has to activate every member.
    """
    names = {"host": _name(host, catalogue), "client": _name(client, catalogue)}
    group = next((group for group in catalogue.hosts if group.system == host), None)
    if group is None:
        return GROUP_UNKNOWN.broken(**names)
    members = catalogue.members(client)
    return None if members and members <= group.activates else NOT_ACTIVATED.broken(**names)


def problem_of_another_host(quantity: int, in_use: int, *, active_before: bool) -> Problem | None:
    """Why the key may not activate one more host; None where it may.

    A host that it has activated before is reactivated without being counted again.
    """
    return None if active_before or in_use < quantity else HOSTS_USED_UP.broken(quantity=quantity)


def in_use_after(in_use: int, *, active_before: bool) -> int:
    """How many hosts use the key after a host was activated with it."""
    return in_use if active_before else in_use + 1


def problem_of_directory(system: SystemFacts) -> Problem | None:
    """Why Active Directory-based activation cannot activate `system`; None where it can."""
    return None if system.keys_have_n else NO_DIRECTORY_ACTIVATION.broken(system=system.name)


def _name(slug: str, catalogue: Catalogue) -> str:
    system = catalogue.systems.get(slug)
    return system.name if system else slug
