"""The settings of the tests for a portal whose address begins with https."""

import os

os.environ["KEYPORTAL_TEST_URL"] = "https://keys.example.org"

from tests.settings import *  # noqa: F403
