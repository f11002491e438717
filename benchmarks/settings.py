"""The settings of the tests, with the floor among the addresses."""

from tests.settings import *  # noqa: F403
from tests.settings import AUTHENTICATION_BACKENDS, BASE_DIR, TEMPLATES

ROOT_URLCONF = "benchmarks.urls"
TEMPLATES[0]["DIRS"] = [BASE_DIR / "templates", BASE_DIR / "benchmarks/templates"]

# Nothing of ours may make the floor dearer: whoever looks at it is read by Django alone, without their rights.
FLOOR_BACKEND = "django.contrib.auth.backends.ModelBackend"
AUTHENTICATION_BACKENDS = [*AUTHENTICATION_BACKENDS, FLOOR_BACKEND]
