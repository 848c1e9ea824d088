"""listing_index: the pages of the admin's list of cars in a large catalogue, against the same pages in a small one.

Server time of the whole answer, without the network, by Django's test client; a page has the same number of rows on
both sides wherever the small catalogue has enough of them. The queries of a page must not depend on the catalogue.
"""

import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from ..output import Failure, step
from ..servers import Postgres
from .figure import Figure, median
from .worker import Worker

SMALL, LARGE, LARGE_QUICK = 300, 30_000, 3_000
REPEATS = 3
ROUNDS, ROUNDS_QUICK = 3, 1
"""Small and large in turn, the best of all: whatever else the machine does hits both sides."""
PEOPLE = ("administrator", "manager")


def measure(quick: bool) -> Iterator[Figure]:
    large, rounds = (LARGE_QUICK, ROUNDS_QUICK) if quick else (LARGE, ROUNDS)
    found: dict[str, dict[str, Any]] = {}
    with tempfile.TemporaryDirectory(prefix="avtofamily-bench-") as folder:
        server = Postgres()
        try:
            worker = Worker(Path(folder), server, "index_pages")
            with step("An empty catalogue"):
                worker.run("postgres", "create", "empty")
                worker.run("empty", "prepare")
            for name, count in (("small", SMALL), ("large", large)):
                with step(f"A catalogue of {count} cars"):
                    worker.run("postgres", "create", name, "empty")
                    worker.run(name, "fill", count)
            for name in ("small", "large") * rounds:
                with step(f"The pages of the {name} one"):
                    found[name] = best(found.get(name, {}), worker.run(name, "pages", REPEATS))
        finally:
            server.stop()
    yield from figures(found["small"], found["large"], large)


def best(before: dict[str, Any], now: dict[str, Any]) -> dict[str, Any]:
    """Each page with its better time."""
    return {name: min(page, before.get(name, page), key=lambda one: one["ms"]) for name, page in now.items()}


def figures(small: dict[str, Any], large: dict[str, Any], count: int) -> Iterator[Figure]:
    """Of each person all pages together, the page that grew most, and the queries."""
    check_queries(small, large)
    for person in PEOPLE:
        pages = [name for name in large if name.startswith(person)]
        middle = median([large[name]["ms"] for name in pages])
        growth = sum(large[name]["ms"] for name in pages) / sum(small[name]["ms"] for name in pages)
        against = f"all pages at {SMALL}"
        yield Figure(f"listing_index_{person}", middle, f"ms a page (median of {len(pages)})", against, growth)
        worst = max(pages, key=lambda name: large[name]["ms"] / small[name]["ms"])
        ratio = large[worst]["ms"] / small[worst]["ms"]
        yield Figure(f"listing_index_{person}_worst", large[worst]["ms"], f"ms: {worst}", f"it at {SMALL}", ratio)
        most = max(pages, key=lambda name: large[name]["queries"])
        queries = large[most]["queries"]
        ratio = queries / small[most]["queries"]
        yield Figure(f"listing_index_{person}_queries", queries, f"queries: {most}", f"it at {SMALL}", ratio)


def check_queries(small: dict[str, Any], large: dict[str, Any]) -> None:
    """The same page takes the same queries, unless one of the two has no car to show."""
    for name, page in large.items():
        if page["rows"] and small[name]["rows"] and page["queries"] != small[name]["queries"]:
            raise Failure(f"{name}: {page['queries']} queries, and {small[name]['queries']} at {SMALL} cars.")
