"""Rollout templates for tests, stored as the portal stores them."""

from typing import Any

from keyportal.people.models import User
from productkeys.models import RolloutTemplate
from productkeys.services import rollout_templates
from productkeys.services.origin import Origin
from productkeys.services.rollout_templates import TemplateValues

ENTERPRISE: dict[str, Any] = {
    "name": "Head office, floor 4",
    "operating_system_id": "windows-11",
    "edition": "Enterprise",
    "architecture": "x64",
    "answer_file": None,
}


def template(*, by: User | None = None, **changes: Any) -> RolloutTemplate:
    """A stored template for Windows 11 Enterprise, or what `changes` say."""
    return rollout_templates.add(TemplateValues(**ENTERPRISE | changes), origin=Origin(by, "192.0.2.7"))


def posted(**changes: Any) -> dict[str, Any]:
    """What the form would send for such a template."""
    values = {
        "name": "Head office, floor 4",
        "operating_system": "windows-11",
        "edition": "Enterprise",
        "architecture": "x64",
    }
    return values | changes
