"""A running sandbox."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from integrations.sandbox.server import Sandbox


@pytest.fixture
def sandbox(tmp_path: Path) -> Iterator[Sandbox]:
    server = Sandbox(tmp_path / "sandbox")
    server.start()
    yield server
    server.server.shutdown()
    server.close()
