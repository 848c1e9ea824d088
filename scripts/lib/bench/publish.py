"""publish_to_live_growth: from the click to the file on the site, in a large catalogue against a small one."""

import os
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

from ..output import Failure, step
from ..paths import PYTHON, ROOT
from ..processes import run
from ..servers import Postgres
from ..stack import Ports, Stack, running
from .figure import Figure, median

SMALL, LARGE, LARGE_QUICK = 100, 30_000, 3_000
CLICKS, CLICKS_QUICK = 15, 7
WAIT_SECONDS = 60


def measure(quick: bool) -> Iterator[Figure]:
    large, clicks = (LARGE_QUICK, CLICKS_QUICK) if quick else (LARGE, CLICKS)
    database = Postgres()
    try:
        with tempfile.TemporaryDirectory(prefix="avtofamily-bench-") as folder:
            yield from _measure(Path(folder), database, large, clicks)
    finally:
        database.stop()


def _measure(folder: Path, database: Postgres, large: int, clicks: int) -> Iterator[Figure]:
    stack = Stack(
        folder, Ports.free(), extra_environment={"DATABASE_URL": database.url("postgres"), "LOG_LEVEL": "WARNING"}
    )
    with running(stack):
        with step("Starting the product"):
            stack.start_servers()
            stack.prepare_static()
            for command in (["migrate", "--noinput"], ["load_reference_data"], ["fill_catalogue", str(SMALL)]):
                stack.manage(*command)
            stack.start()
        small_seconds = clicks_to_file(stack, clicks)
        with step(f"Growing the catalogue to {large}"):
            stack.manage("fill_catalogue", str(large))
        large_seconds = clicks_to_file(stack, clicks)
    yield Figure(
        "publish_to_live_growth",
        large_seconds,
        f"s from click to file at {large} listings",
        f"the time at {SMALL}",
        large_seconds / small_seconds,
    )


def clicks_to_file(stack: Stack, clicks: int) -> float:
    """Median seconds from a price's change to the car's page that shows it."""
    with step(f"{clicks} clicks"):
        report = stack.data / "clicks.txt"
        command = [PYTHON, "-m", "scripts.lib.bench.clicks", str(clicks), report]
        run(command, log=stack.log("clicks"), env={**os.environ, **stack.environment}, cwd=ROOT)
        seconds = [float(line) for line in report.read_text().split()]
    if len(seconds) != clicks:
        raise Failure("Not every change reached the site.")
    return median(seconds)


def wait_for(path: Path, text: str) -> float:
    """Seconds until the file has the text."""
    start = time.perf_counter()
    while not (path.is_file() and text in path.read_text(encoding="utf-8")):
        if time.perf_counter() - start > WAIT_SECONDS:
            raise Failure(f"{path.name} does not show the change after {WAIT_SECONDS} s.")
        time.sleep(0.005)
    return time.perf_counter() - start
