"""Tests: real PostgreSQL and Redis (named by the environment), fast passwords, mail kept in memory."""

import os
import tempfile

os.environ.setdefault("SECRET_KEY", "test-only-key-that-is-not-secret")
os.environ.setdefault("DEMO", "true")
os.environ.setdefault("CREDENTIALS_KEYS", "dGVzdHMtb25seS1mZXJuZXQta2V5LTAwMDAwMDAwMDE=")
os.environ.setdefault("DATA_DIR", tempfile.mkdtemp(prefix="avtofamily-test-"))

from .base import *  # noqa: F403
from .base import DATA_DIR, DATABASES

ALLOWED_HOSTS = ["*"]
if DATABASES["default"]["ENGINE"].endswith("sqlite3"):
    # A file and not memory: tests have other processes and threads that look at it.
    DATABASES["default"]["TEST"] = {"NAME": str(DATA_DIR / "test.sqlite3")}
PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"
# Tests of the delay set one of their own.
EDIT_DELAY = 0
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"},
}
