"""Demo and development: plain HTTP on loopback, demo users allowed, sensible defaults for secrets."""

import os

os.environ.setdefault("SECRET_KEY", "development-only-key-that-is-not-secret")
os.environ.setdefault("DEMO", "true")
# A fixed development key, so that demo credentials survive a restart. Production names its own.
os.environ.setdefault("CREDENTIALS_KEYS", "ZGV2ZWxvcG1lbnQtb25seS1mZXJuZXQta2V5LTAwMDE=")

from .base import *  # noqa: F403

DEBUG = os.environ.get("DEBUG", "").lower() in {"1", "true"}
