"""import_rows: a file of cars into an empty catalogue, against django-import-export in its bulk mode.

Ours reads the file as a dealer sent it, and publishes: rows, revisions, both logs, price history, documents. Theirs
gets the rows that ours took, already in our codes, and writes the rows alone. Both from a process of its own on a
database of its own, a copy of the same one. `IMPORT_FILE` names the real file (the public set "usedcarscatalog");
without it one of the same columns is made up.
"""

import tempfile
from collections.abc import Iterator
from itertools import count
from pathlib import Path
from typing import Any

from ..output import step
from ..servers import Postgres
from .figure import Figure
from .worker import Worker

ROWS, ROWS_QUICK = 30_000, 3_000
MEMORY_ROWS = 10
"""The memory of a tenth of the file is what the memory of all of it is compared with."""
MODES = {
    "import_rows": ("as_documented", "django-import-export in bulk mode"),
    "import_rows_tuned": ("tuned", "the same with cached foreign keys and without differences"),
}


def measure(quick: bool) -> Iterator[Figure]:
    rows = ROWS_QUICK if quick else ROWS
    with tempfile.TemporaryDirectory(prefix="avtofamily-bench-") as folder:
        database = Postgres()
        try:
            yield from _measure(_Imports(Path(folder), database, "importing"), rows)
        finally:
            database.stop()


class _Imports(Worker):
    numbers = count(1)

    def on_a_copy(self, *words: object) -> dict[str, Any]:
        """The step, on a fresh copy of the prepared database."""
        name = f"copy{next(self.numbers)}"
        self.run("postgres", "copy", "prepared", name)
        return self.run(name, *words)


def _measure(imports: _Imports, number: int) -> Iterator[Figure]:
    source, part, plain = (imports.folder / name for name in ("cars.csv", "part.csv", "plain.csv"))
    with step("An empty catalogue"):
        imports.run("postgres", "create", "prepared")
        imports.run("prepared", "prepare")
    with step(f"A file of {number} cars"):
        imports.run("prepared", "file", number, source)
        lines = source.read_text(encoding="utf-8").splitlines(keepends=True)
        part.write_text("".join(lines[: number // MEMORY_ROWS + 1]), encoding="utf-8")
    with step("Ours, a tenth of it"):
        small = imports.on_a_copy("ours", part)
    with step("Ours"):
        ours = imports.on_a_copy("ours", source, plain)
    rate = ours["rows"] / ours["seconds"]
    theirs: dict[str, Any] = {}
    for name, (mode, words) in MODES.items():
        with step(f"django-import-export, {mode.replace('_', ' ')}"):
            theirs = imports.on_a_copy("theirs", plain, mode)
        yield Figure(name, rate, "rows/s", words, rate * theirs["seconds"] / theirs["rows"])
    with step("Ours, every row checked and kept first"):
        checked = imports.on_a_copy("checked", source)
    checked_rate = checked["rows"] / checked["seconds"]
    yield Figure("import_rows_checked", checked_rate, "rows/s", "the same without a dry run", checked_rate / rate)
    yield Figure("import_memory", ours["peak_mb"], "MB", "a tenth of the file", ours["peak_mb"] / small["peak_mb"])
    yield Figure("import_memory_theirs", ours["peak_mb"], "MB", "theirs", ours["peak_mb"] / theirs["peak_mb"])
