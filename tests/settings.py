"""KeyPortal's settings under test: nothing of the machine's own portal, a folder of its own, and no slow hashing.

KEYPORTAL_TEST_DATABASE=postgresql runs the suite on a PostgreSQL that tests/conftest.py starts; SQLite is the default.
The process that starts a run makes the folder and removes it; the workers of pytest-xdist find it in their environment.
"""

import atexit
import os
import shutil
import tempfile
from pathlib import Path

from productkeys.key_ring import new_key_ring_text
from tests import postgres

if "KEYPORTAL_TEST_FOLDER" not in os.environ:
    os.environ["KEYPORTAL_TEST_FOLDER"] = tempfile.mkdtemp(prefix="keyportal-tests-")
    os.environ["KEYPORTAL_TEST_KEY_RING"] = new_key_ring_text()
    atexit.register(shutil.rmtree, os.environ["KEYPORTAL_TEST_FOLDER"], ignore_errors=True)
TEST_FOLDER = Path(os.environ["KEYPORTAL_TEST_FOLDER"])
TEST_DATABASE = os.environ.get("KEYPORTAL_TEST_DATABASE", "sqlite")
POSTGRESQL_FOLDER = TEST_FOLDER / "postgresql"

for name in [name for name in os.environ if name.startswith("KEYPORTAL_") and not name.startswith("KEYPORTAL_TEST_")]:
    del os.environ[name]
os.environ.pop("DATABASE_URL", None)
os.environ |= {
    "KEYPORTAL_URL": os.environ.get("KEYPORTAL_TEST_URL", "http://127.0.0.1:8000"),
    "KEYPORTAL_DATA_DIR": str(TEST_FOLDER / "data"),
    "KEYPORTAL_BUILD_DIR": str(TEST_FOLDER / "build"),
    "KEYPORTAL_SECRET_KEY": "of use to tests alone, and just as long as a secret key has to be",
    "KEYPORTAL_KEY_RING": os.environ["KEYPORTAL_TEST_KEY_RING"],
    # Set up, as far as the pages know; Django's test runner keeps what would be sent.
    "KEYPORTAL_EMAIL_URL": "smtp://127.0.0.1:1",
}
if TEST_DATABASE == "postgresql":
    os.environ["DATABASE_URL"] = postgres.url(POSTGRESQL_FOLDER)

from keyportal.settings import *  # noqa: E402, F403
from keyportal.settings import DATA_DIR, DATABASES, STATIC_ROOT, STORAGES  # noqa: E402

DATA_DIR.mkdir(mode=0o700, exist_ok=True)
STATIC_ROOT.mkdir(parents=True, exist_ok=True)

if TEST_DATABASE == "sqlite":
    # A file, since the threads of a live server need connections of their own; it has to survive no power cut.
    DATABASES["default"]["TEST"] = {"NAME": str(DATA_DIR / "test.sqlite3")}
    DATABASES["default"]["OPTIONS"]["init_command"] = "PRAGMA journal_mode=WAL; PRAGMA synchronous=OFF;"

CACHES = {
    name: {"BACKEND": "django.core.cache.backends.locmem.LocMemCache", "LOCATION": name} for name in ("default", "jobs")
}
PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
STORAGES["staticfiles"] = {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}
