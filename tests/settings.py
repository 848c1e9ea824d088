"""Settings of the test run: the services' addresses must stand in the environment before anything reads it."""

from .services import use_services

use_services()

from cms.settings.test import *  # noqa: E402, F403
