"""publication_overhead: publications a second against bare Celery tasks that do the same call, in one worker.

Both get one message each through the same broker, are taken by the same worker with as many threads, and send the same
text to the same sandbox. Turns alternate, so that neither has the warmer machine. Half of them meet a sandbox that
answers as fast as it can, which shows the account's whole price; the other half (`_distant`) one that takes as long as
a platform on the internet, which shows how much of it a worker notices.
"""

import json
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from ..output import Failure, step
from ..paths import PYTHON, ROOT
from ..processes import accepts_connections, run
from ..servers import Postgres
from ..stack import Ports, Stack, running
from .figure import Figure

PUBLICATIONS, PUBLICATIONS_QUICK = 1500, 300
THREADS = 4


def measure(quick: bool) -> Iterator[Figure]:
    count = PUBLICATIONS_QUICK if quick else PUBLICATIONS
    database = Postgres()
    try:
        with tempfile.TemporaryDirectory(prefix="avtofamily-bench-") as folder:
            environment = {"DATABASE_URL": database.url(), "LOG_LEVEL": "WARNING"}
            with running(Stack(Path(folder), Ports.free(), extra_environment=environment)) as stack:
                found = _measure(stack, count)
    finally:
        database.stop()
    yield from figures(found)


def _measure(stack: Stack, count: int) -> dict[str, Any]:
    with step(f"{count} cars for each way"):
        stack.start_servers()
        sandbox = stack.start_sandbox()
        sandbox.wait_until(lambda: accepts_connections(stack.ports.sandbox))
        _turns(stack, "fill", count)
    options = ["-Q", "publications,bench", "-P", "threads", "-c", str(THREADS)]
    worker, ready = stack.start_worker("bench", [*options, "--include", "scripts.lib.bench.publication_tasks"])
    worker.wait_until(ready)
    with step(f"{count} publications and {count} bare tasks"):
        found = _turns(stack, "measure", count)
    if found["published"] != count:
        raise Failure(f"Only {found['published']} of {count} were published (log: {worker.log})")
    return found


def _turns(stack: Stack, name: str, count: int) -> dict[str, Any]:
    answer = stack.data / f"{name}.json"
    command = [PYTHON, "-m", "scripts.lib.bench.publication_turns", answer, name, str(count)]
    run(command, log=stack.log("turns"), env=stack.environment, cwd=ROOT)
    return dict(json.loads(answer.read_text()))


def figures(found: dict[str, Any]) -> Iterator[Figure]:
    yield from _compared("publication_overhead", found["at_once"], "bare Celery tasks doing the same call")
    against = "bare Celery tasks doing the same call, the platform answers after 100 ms"
    yield from _compared("publication_overhead_distant", found["distant"], against)
    yield Figure("publication_overhead_queries", found["queries"], "queries a publication", "one", found["queries"])


def _compared(name: str, rates: dict[str, float], against: str) -> Iterator[Figure]:
    ours, bare = rates["publications"], rates["bare"]
    yield Figure(name, ours, "publications/s", against, ours / bare)
    extra = 1000 * (1 / ours - 1 / bare)
    yield Figure(f"{name}_time", extra, "ms more for each publication", against, bare / ours)
