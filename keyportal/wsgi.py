"""What gunicorn serves. A portal whose key ring does not fit its database refuses to start here."""

import os

from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "keyportal.settings")
application = get_wsgi_application()

from productkeys.services.readiness import require_fitting_key_ring  # noqa: E402  (needs the app registry)

require_fitting_key_ring()
