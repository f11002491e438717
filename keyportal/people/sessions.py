"""Sessions in the database that end when nobody uses them, and some hours after the sign-in in any case.

The database knows when a session ends, so one that is over is not there any more. Use puts that off, now and then, and
without writing what the session holds: two requests at once would otherwise undo each other's work.
"""

from datetime import UTC, datetime, timedelta
from typing import Any

from django.conf import settings
from django.contrib.sessions.backends import db
from django.utils import timezone

from keyportal.people.recent import BEGAN_AT

_WRITES = 12
"""How often the end of a session in steady use is written within the time that it may be idle."""


class SessionStore(db.SessionStore):
    def load(self) -> dict[str, Any]:
        stored = self._get_session_from_db()  # type: ignore[attr-defined]  # Django has it, the stubs do not
        if stored is None:
            return {}
        data: dict[str, Any] = self.decode(stored.session_data)
        idle = timedelta(seconds=settings.SESSION_COOKIE_AGE)
        end = _end(timezone.now() + idle, data.get(BEGAN_AT))
        if end - stored.expire_date >= idle / _WRITES:
            self.model.objects.filter(pk=stored.pk).update(expire_date=end)
        return data

    def get_expiry_date(self, **given: Any) -> datetime:
        return _end(super().get_expiry_date(**given), self.get(BEGAN_AT))


def _end(idle_end: datetime, began_at: float | None) -> datetime:
    """When a session ends that nobody uses before: `began_at` is None for somebody who has not signed in."""
    if began_at is None:
        return idle_end
    return min(idle_end, datetime.fromtimestamp(began_at + settings.SESSION_LIFETIME, UTC))
