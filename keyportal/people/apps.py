"""The people who use the portal."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class PeopleConfig(AppConfig):
    name = "keyportal.people"
    label = "people"
    verbose_name = _("People")

    def ready(self) -> None:
        from keyportal.people import recent, recording
        from keyportal.people.company import sessions
        from keyportal.people.second_factor import adapter

        recording.start()
        recent.start()
        sessions.start()
        adapter.start()
