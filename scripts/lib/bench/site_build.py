"""full_build: pages a second of the whole site from the renderer, against `nuxt generate` of the same site."""

import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path

from .. import environment
from ..output import step
from ..paths import SITE_SOURCE
from ..processes import run
from ..servers import Postgres
from ..stack import Ports, Stack, running
from .figure import Figure

CARS, CARS_QUICK = 1_000, 200


def measure(quick: bool) -> Iterator[Figure]:
    cars = CARS_QUICK if quick else CARS
    database = Postgres()
    try:
        with tempfile.TemporaryDirectory(prefix="avtofamily-bench-") as folder:
            yield from _measure(Path(folder), database, cars)
    finally:
        database.stop()


def _measure(folder: Path, database: Postgres, cars: int) -> Iterator[Figure]:
    stack = Stack(
        folder, Ports.free(), extra_environment={"DATABASE_URL": database.url("postgres"), "LOG_LEVEL": "WARNING"}
    )
    node = {**environment.node_environment(), "NUXT_CMS_URL": stack.cms_url, "NUXT_PUBLIC_SITE_URL": stack.site_url}
    with running(stack):
        with step(f"A site of {cars} cars"):
            stack.start_servers()
            stack.prepare_static()
            # The demo's pages and cars first: a site has a home page and a blog too.
            stack.prepare_demo_data()
            stack.manage("fill_catalogue", str(cars))
            stack.start()
        for name in ("worker-storefront", "worker-renditions", "worker-publications", "beat"):
            stack.process(name).stop()  # they would render the same pages beside the measurement
        with step("Full build by the renderer"):
            ours = seconds(lambda: stack.manage("build_site"))
        with step("nuxt generate"):
            generated = seconds(lambda: npm("generate", stack, node))
            built = seconds(lambda: npm("build", stack, node))
    pages = sum(1 for _page in (folder / "site" / "cars").glob("*/index.html"))
    # Building the app is no part of rendering: generate does both, and only its rendering is compared.
    rate, other = pages / ours, pages / max(generated - built, 0.1)
    yield Figure("full_build", rate, "pages/s", "nuxt generate without its build", rate / other)


def npm(script: str, stack: Stack, env: dict[str, str]) -> None:
    run([*environment.npm(), "run", script], log=stack.log("npm"), env=env, cwd=SITE_SOURCE)


def seconds(work: Callable[[], None]) -> float:
    start = time.perf_counter()
    work()
    return time.perf_counter() - start
