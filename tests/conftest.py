"""Fixtures that every package's tests share. Services are real; see services.py."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import redis
from django.utils import translation
from pytest_django import Settings

from scripts.lib.demo import bring_up
from scripts.lib.processes import Process, stop_all
from scripts.lib.stack import Ports, Stack, running

from .services import start_worker
from .web import Pages, serving


@pytest.fixture(autouse=True)
def _clean_redis() -> Iterator[None]:
    """No test sees the counters, caches or messages of another."""
    from django.conf import settings

    yield
    with redis.Redis.from_url(settings.CELERY_BROKER_URL) as connection:
        connection.flushdb()


@pytest.fixture(autouse=True)
def _own_language() -> Iterator[None]:
    """A request leaves its language in the thread; the next test speaks Russian again."""
    with translation.override("ru"):
        yield


@pytest.fixture(autouse=True)
def _fresh_catalogue(monkeypatch: pytest.MonkeyPatch) -> None:
    """A test's database is rolled back, so that its version numbers come again with other data."""
    from listings import known_names
    from listings.catalogue import index, reference

    known_names._known.cache_clear()
    reference.reference_json.cache_clear()
    monkeypatch.setattr(index, "_index", index.CatalogueIndex())


@pytest.fixture
def folders(settings: Settings, tmp_path: Path) -> Path:
    """Media and site of this test only."""
    settings.MEDIA_ROOT = tmp_path / "media"
    settings.SITE_ROOT = tmp_path / "site"
    settings.DATA_DIR = tmp_path
    return tmp_path


@pytest.fixture
def web(settings: Settings) -> Iterator[Pages]:
    """A real web server, with the pages that a test adds. The one inner address that may be asked."""
    with serving() as pages:
        settings.SANDBOX_URL = pages.url
        yield pages


@pytest.fixture
def import_files(folders: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Uploaded lists of cars go into this test's folder: their storage is made when the models are read."""
    from listings.models import Import

    storages = [Import._meta.get_field(name).storage for name in ("file", "archive")]
    for storage in storages:
        monkeypatch.setattr(storage, "_location", str(folders / "imports"))
    for turn in ("before", "after"):
        for storage in storages:
            storage.__dict__.pop("base_location", None)
            storage.__dict__.pop("location", None)
        if turn == "before":
            yield


@pytest.fixture
def worker(transactional_db: None, tmp_path: Path) -> Iterator[Callable[..., Process]]:
    """Starts real Celery workers: `worker("storefront", SITE_ROOT=…)`. They end with the test."""
    started: list[Process] = []

    def start(*queues: str, **environment: str) -> Process:
        process = start_worker(tmp_path / f"worker-{len(started)}.log", *queues, **environment)
        started.append(process)
        return process

    yield start
    stop_all(started)


@pytest.fixture(scope="session")
def stack(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack]:
    """The whole product with its demo data, as scripts/demo starts it, on free ports. For end-to-end tests."""
    with running(Stack(tmp_path_factory.mktemp("stack"), Ports.free())) as product:
        bring_up(product)
        yield product
