"""feed_build: a file of 30,000 cars as a platform fetches it, against writing the same XML from memory.

Ours streams the pieces that stand in the database. It is compared with making the pieces anew from documents that lie
parsed in memory, and with the least there can be: writing finished texts from a list. Each in a process of its own.
"""

import tempfile
from collections.abc import Iterator
from pathlib import Path

from ..output import Failure, step
from ..servers import Postgres
from .figure import Figure
from .worker import Worker

CARS, CARS_QUICK = 30_000, 3_000
TENTH = 10


def measure(quick: bool) -> Iterator[Figure]:
    cars = CARS_QUICK if quick else CARS
    with tempfile.TemporaryDirectory(prefix="avtofamily-bench-") as folder:
        database = Postgres()
        try:
            yield from _measure(Worker(Path(folder), database, "feeding"), cars)
        finally:
            database.stop()


def _measure(feeding: Worker, cars: int) -> Iterator[Figure]:
    database = "postgres"
    with step(f"A file of {cars} cars, and one of a tenth"):
        feeding.run(database, "fill", cars, cars // TENTH)
    with step("Ours"):
        small, ours = feeding.run(database, "serve", "small"), feeding.run(database, "serve", "large")
    with step("The same from memory"):
        made, written = feeding.run(database, "from_documents", "large"), feeding.run(database, "from_texts", "large")
    if not ours["bytes"] == made["bytes"] == written["bytes"]:
        raise Failure("The files that are compared differ.")
    size = f"s for {cars} cars, {ours['bytes'] / 1024**2:.0f} MB"
    yield Figure("feed_build", ours["seconds"], size, "as fast as from parsed documents in memory",
                 made["seconds"] / ours["seconds"])  # fmt: skip
    yield Figure("feed_build_texts", ours["seconds"], size, "as fast as writing finished texts from memory",
                 written["seconds"] / ours["seconds"])  # fmt: skip
    yield Figure("feed_memory", ours["peak_mb"], "MB", "a tenth of the file", ours["peak_mb"] / small["peak_mb"])
    yield Figure("feed_memory_whole", ours["peak_mb"], "MB", "from memory", ours["peak_mb"] / made["peak_mb"])
    with step("One changed car"):
        changed = feeding.run(database, "change", "large")
    milliseconds = changed["seconds"] * 1000
    yield Figure("feed_change", milliseconds, "ms for one changed car", "the time to make the file",
                 changed["seconds"] / made["seconds"])  # fmt: skip
    yield Figure("feed_unchanged", changed["unchanged"] * 1000, "ms for a 304", "the time of the whole file",
                 changed["unchanged"] / ours["seconds"])  # fmt: skip
