import json
import logging
from pathlib import Path

import pytest
from django.db import connection
from django.db.migrations.recorder import MigrationRecorder
from django.test import Client
from pytest_django import Settings

from cms.ops.logging import JsonFormatter, RequestIdFilter
from cms.ops.middleware import request_id_variable
from tests.storefront.conftest import FakeRenderer, renderer

__all__ = ["renderer"]

pytestmark = pytest.mark.django_db


def test_healthz_answers_without_any_part(client: Client, settings: Settings) -> None:
    settings.RENDERER_URL = "http://127.0.0.1:9"

    response = client.get("/healthz")

    assert (response.status_code, response.json()) == (200, {"status": "ok"})
    assert "no-store" in response["Cache-Control"]


@pytest.mark.smoke
def test_readyz_names_every_part(client: Client, renderer: FakeRenderer, folders: Path) -> None:
    response = client.get("/readyz")

    assert response.json() == {
        "status": "ok",
        "checks": dict.fromkeys(["database", "migrations", "broker", "storage", "renderer"], "ok"),
    }
    assert response.status_code == 200
    assert list((folders / "site").iterdir()) == []


def test_readyz_says_which_part_fails_and_nothing_more(
    client: Client, renderer: FakeRenderer, settings: Settings, folders: Path
) -> None:
    settings.RENDERER_URL = "http://secret-name.invalid:9"
    settings.CELERY_BROKER_URL = "redis://:password@127.0.0.1:9/0"

    response = client.get("/readyz")

    checks = response.json()["checks"]
    assert response.status_code == 503
    assert {name for name, answer in checks.items() if answer != "ok"} == {"renderer", "broker"}
    assert checks["broker"] == "failed: ConnectionError"
    assert b"password" not in response.content
    assert b"secret-name" not in response.content


def test_readyz_fails_when_the_disk_cannot_be_written(
    client: Client, renderer: FakeRenderer, settings: Settings, tmp_path: Path
) -> None:
    blocked = tmp_path / "file"
    blocked.write_text("not a folder")
    settings.SITE_ROOT = blocked / "site"
    settings.MEDIA_ROOT = tmp_path

    assert client.get("/readyz").json()["checks"]["storage"] == "failed: NotADirectoryError"


def test_readyz_fails_while_a_migration_is_missing(client: Client, renderer: FakeRenderer, folders: Path) -> None:
    MigrationRecorder(connection).record_unapplied("storefront", "0001_initial")

    assert client.get("/readyz").json()["checks"]["migrations"] == "failed: RuntimeError"


def test_every_answer_has_a_request_id(client: Client) -> None:
    first, second = (client.get("/healthz")["X-Request-ID"] for _ in range(2))

    assert len(first) == 16
    assert first != second
    assert client.get("/healthz", headers={"X-Request-ID": "proxy-12345678"})["X-Request-ID"] == "proxy-12345678"


@pytest.mark.parametrize("given", ["short", "a" * 65, "with space 1", "line\nbreak123", "<script>alert"])
def test_odd_request_id_is_replaced(client: Client, given: str) -> None:
    answer = client.get("/healthz", headers={"X-Request-ID": given})["X-Request-ID"]

    assert answer != given
    assert len(answer) == 16


def test_log_line_is_one_json_object_with_the_request_id() -> None:
    record = logging.LogRecord("app", logging.INFO, "x.py", 1, "two\nlines %s", ("ё",), None)
    record.phone = "+375291234567"
    token = request_id_variable.set("id-12345")
    RequestIdFilter().filter(record)
    request_id_variable.reset(token)

    line = JsonFormatter().format(record)

    assert "\n" not in line
    entry = json.loads(line)
    assert entry.pop("time").endswith("+00:00")
    assert entry == {"level": "INFO", "logger": "app", "message": "two\nlines ё", "request_id": "id-12345"}
