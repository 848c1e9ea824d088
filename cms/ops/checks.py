"""What the CMS needs to do its work, each with a name and a short answer that gives nothing away."""

import secrets
from collections.abc import Callable
from pathlib import Path

import httpx
import redis
from django.conf import settings
from django.db import connection
from django.db.migrations.executor import MigrationExecutor

# A probe asks every few seconds: a slow part is a failed part.
SECONDS = 2


def database() -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1")


def migrations() -> None:
    executor = MigrationExecutor(connection)
    if executor.migration_plan(executor.loader.graph.leaf_nodes()):
        raise RuntimeError("not all applied")


def broker() -> None:
    with redis.Redis.from_url(
        settings.CELERY_BROKER_URL, socket_timeout=SECONDS, socket_connect_timeout=SECONDS
    ) as connection_:
        connection_.ping()


def storage() -> None:
    for folder in (Path(settings.MEDIA_ROOT), Path(settings.SITE_ROOT)):
        folder.mkdir(parents=True, exist_ok=True)
        probe = folder / f".probe-{secrets.token_hex(6)}"
        try:
            probe.write_bytes(b"ok")
        finally:
            probe.unlink(missing_ok=True)


def renderer() -> None:
    """Alive is enough: asking for a page would make it ask us, and each probe cost a rendering."""
    with httpx.Client(timeout=SECONDS, trust_env=False) as http:
        http.get(f"{settings.RENDERER_URL}/favicon.ico")


CHECKS: dict[str, Callable[[], None]] = {
    "database": database,
    "migrations": migrations,
    "broker": broker,
    "storage": storage,
    "renderer": renderer,
}


def run() -> dict[str, str]:
    """`ok` or the kind of failure for each part. Details may hold addresses and are for the log only."""
    return {name: _answer(check) for name, check in CHECKS.items()}


def _answer(check: Callable[[], None]) -> str:
    try:
        check()
    except Exception as error:  # a probe reports whatever goes wrong
        return f"failed: {type(error).__name__}"
    return "ok"
