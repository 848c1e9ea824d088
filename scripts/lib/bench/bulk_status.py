"""bulk_status: 1,000 cars published, reserved and sold at once, against the same acts one by one, in one process.

Of the latter 100 cars are measured: what a car costs does not depend on how many follow.

Each way has drafts of its own, of the same catalogue. Log, change log, published documents and pages to be written
are part of every act.
"""

import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from ..output import step
from ..servers import Postgres
from .figure import Figure
from .worker import Worker

CARS, CARS_QUICK = 1000, 250
ACTS = ("publish", "reserve", "sell")


def measure(quick: bool) -> Iterator[Figure]:
    cars = CARS_QUICK if quick else CARS
    with tempfile.TemporaryDirectory(prefix="avtofamily-bench-") as folder:
        server = Postgres()
        try:
            worker = Worker(Path(folder), server, "status_changes")
            with step("A catalogue of drafts"):
                worker.run("postgres", "fill", cars)
            with step(f"{cars} cars published, reserved and sold, at once and one by one"):
                found = worker.run("postgres", "change", cars)
        finally:
            server.stop()
    yield from figures(found, cars)


def figures(found: dict[str, Any], cars: int) -> Iterator[Figure]:
    for act in ACTS:
        ours, single = found[f"{act} at once"], found[f"{act} one by one"]
        ratio = single["seconds"] / ours["seconds"]
        yield Figure(f"bulk_status_{act}", 1 / ours["seconds"], "cars/s", "the same one by one", ratio)
    ours, wagtail = found["publish at once"], found["publish by Wagtail"]
    ratio = wagtail["seconds"] / ours["seconds"]
    yield Figure("bulk_status_wagtail", 1 / ours["seconds"], "cars/s", "Wagtail's publish() of each", ratio)
    for act in ACTS:
        queries, single = found[f"{act} at once"]["queries"], found[f"{act} one by one"]["queries"]
        unit = f"queries to {act} {cars} cars"
        yield Figure(f"bulk_status_{act}_queries", round(queries * cars), unit, "those of one by one", queries / single)
