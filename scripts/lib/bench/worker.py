"""Runs a step of a measurement in a process of its own, in the product's environment on a database of its own."""

import json
import os
from pathlib import Path
from typing import Any

from ..paths import PYTHON, ROOT
from ..processes import run
from ..servers import Postgres


class Worker:
    """`module` of this package takes the file for its answer, the step and its words."""

    def __init__(self, folder: Path, server: Postgres, module: str) -> None:
        self.folder, self.server, self.module = folder, server, module

    def run(self, database: str, *words: object) -> dict[str, Any]:
        answer = self.folder / "answer.json"
        env = {
            **os.environ,
            "DJANGO_SETTINGS_MODULE": "scripts.lib.bench.settings",
            "DATABASE_URL": self.server.url(database),
            "DATA_DIR": str(self.folder),
            "LOG_LEVEL": "ERROR",
            "DEMO": "true",
        }
        command = [PYTHON, "-m", f"scripts.lib.bench.{self.module}", answer, *map(str, words)]
        run(command, log=self.folder / "worker.log", env=env, cwd=ROOT)
        return dict(json.loads(answer.read_text()))
