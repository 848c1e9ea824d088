"""The real services that tests run on: PostgreSQL, Redis, and the product's own processes.

Order for the database: TEST_DATABASE_URL, else a throw-away PostgreSQL from its wheel.
For Redis: TEST_REDIS_URL, else a throw-away server from its wheel.
"""

import atexit
import os
import shutil
import tempfile
from pathlib import Path

from scripts.lib.paths import PYTHON, ROOT
from scripts.lib.processes import HOST, Process, free_port
from scripts.lib.servers import Postgres, start_redis


def use_services() -> None:
    """Names real services in the environment, before Django reads it; starts those that nobody has named.

    The settings must see the right database from the start: apps choose their models by it (full-text search).
    """
    os.environ["DATABASE_URL"] = os.environ.get("TEST_DATABASE_URL") or _own_postgres()
    os.environ["REDIS_URL"] = os.environ.get("TEST_REDIS_URL") or _own_redis()


def _own_postgres() -> str:
    server = Postgres()
    atexit.register(server.stop)
    return server.url("avtofamily")


def _own_redis() -> str:
    folder = Path(tempfile.mkdtemp(prefix="avtofamily-redis-"))
    port = free_port()
    server = start_redis(port, folder, folder / "redis.log")
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    atexit.register(server.stop)
    return f"redis://{HOST}:{port}/0"


def database_url() -> str:
    """The address of the test database, for processes that a test starts."""
    from django.db import connections  # this module is loaded before the settings

    values = connections["default"].settings_dict
    if values["ENGINE"].endswith("sqlite3"):
        return f"sqlite:///{values['NAME']}"
    user, password = values.get("USER") or "", values.get("PASSWORD") or ""
    login = f"{user}:{password}" if password else user
    return f"postgres://{login}@{values['HOST'] or HOST}:{values['PORT'] or 5432}/{values['NAME']}"


def product_environment(**changes: str) -> dict[str, str]:
    """What a process of the product needs to work on this test's database, broker and folders."""
    from django.conf import settings

    return {
        **os.environ,
        "DJANGO_SETTINGS_MODULE": "cms.settings.test",
        "PYTHONUNBUFFERED": "1",
        "DATABASE_URL": database_url(),
        "REDIS_URL": settings.CELERY_BROKER_URL,
        "DATA_DIR": str(settings.DATA_DIR),
        "CMS_URL": settings.CMS_URL,
        "SITE_URL": settings.SITE_URL,
        "RENDERER_URL": settings.RENDERER_URL,
        "SANDBOX_URL": settings.SANDBOX_URL,
        **changes,
    }


def start_worker(log: Path, *queues: str, **environment: str) -> Process:
    """A real Celery worker on the test's database; it is ready when this returns."""
    command = [PYTHON, "-m", "celery", "-A", "cms", "worker", "-P", "threads", "-c", "2", "--loglevel", "INFO"]
    command += ["--without-gossip", "--without-mingle", "-n", f"test-{free_port()}@%h", "-Q", ",".join(queues)]
    process = Process("worker", command, log=log, env=product_environment(**environment), cwd=ROOT)
    process.wait_until(lambda: " ready." in process.log_text(), 60)
    return process
