"""The real services that tests run on: PostgreSQL, Redis, and the product's own processes.

Order for the database: TEST_DATABASE_URL, else a throw-away PostgreSQL from its wheel.
For Redis: TEST_REDIS_URL, else a throw-away server from its wheel.
"""

import atexit
import os
import shutil
import tempfile
from pathlib import Path
from typing import Any

import dj_database_url
from django.conf import settings
from django.core.cache import caches
from django.db import connections
from django.db.utils import ConnectionHandler

from scripts.lib.paths import PYTHON, ROOT
from scripts.lib.processes import HOST, Process, free_port
from scripts.lib.servers import Postgres, start_redis


def use_services() -> None:
    """Points Django at real services before the first connection; starts those that nobody has named."""
    use_database(os.environ.get("TEST_DATABASE_URL") or _own_postgres())
    use_redis(os.environ.get("TEST_REDIS_URL") or _own_redis())


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


def use_database(url: str) -> None:
    """pytest-django has read the settings already: they are replaced before anyone connects."""
    parsed: dict[str, Any] = dict(dj_database_url.parse(url, conn_max_age=0))
    if parsed["ENGINE"].endswith("sqlite3"):
        parsed["OPTIONS"] = {
            "transaction_mode": "IMMEDIATE",
            "timeout": 20,
            "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL;",
        }
        # A file and not memory: tests have other processes and threads that look at it.
        parsed["TEST"] = {"NAME": str(Path(settings.DATA_DIR) / "test.sqlite3")}
    complete = ConnectionHandler({"default": parsed}).settings["default"]
    settings.DATABASES["default"] = connections.settings["default"] = complete
    if hasattr(connections._connections, "default"):
        del connections["default"]


def use_redis(url: str) -> None:
    from cms.celery import app  # needs the settings that pytest-django has just loaded

    os.environ["REDIS_URL"] = url
    settings.CELERY_BROKER_URL = url
    app.conf.broker_url = url
    settings.CACHES["default"]["LOCATION"] = url
    if hasattr(caches._connections, "default"):
        del caches["default"]


def database_url() -> str:
    """The address of the test database, for processes that a test starts."""
    values = connections["default"].settings_dict
    if values["ENGINE"].endswith("sqlite3"):
        return f"sqlite:///{values['NAME']}"
    user, password = values.get("USER") or "", values.get("PASSWORD") or ""
    login = f"{user}:{password}" if password else user
    return f"postgres://{login}@{values['HOST'] or HOST}:{values['PORT'] or 5432}/{values['NAME']}"


def product_environment(**changes: str) -> dict[str, str]:
    """What a process of the product needs to work on this test's database, broker and folders."""
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
