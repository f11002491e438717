"""What gunicorn serves. A portal whose key ring or roles do not fit its database refuses to start here."""

import os

from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "keyportal.settings")
application = get_wsgi_application()

# Both need the application that was just set up.
from django.db import connections  # noqa: E402

from keyportal.people.directory import require_known_roles  # noqa: E402
from productkeys.services import trail_key  # noqa: E402
from productkeys.services.readiness import require_fitting_key_ring  # noqa: E402
from productkeys.services.sealing import seal_after_responses  # noqa: E402

require_fitting_key_ring()
require_known_roles()
trail_key.current()
seal_after_responses()
# gunicorn forks its workers from here: none of them may inherit a connection.
connections.close_all()
