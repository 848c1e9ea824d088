"""catalogue_api: lists of 24 with facets against Wagtail's own list of the same snippets, on PostgreSQL."""

import http.client
import os
import random
import tempfile
import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from urllib.parse import urlencode

from ..output import Failure, step
from ..paths import PYTHON, ROOT
from ..processes import HOST, Process, answers, free_port, run
from ..servers import Postgres
from .figure import Figure

LISTINGS, LISTINGS_QUICK = 30_000, 3_000
QUERIES = 500
WAGTAIL_REQUESTS = 40


def measure(quick: bool) -> Iterator[Figure]:
    count = LISTINGS_QUICK if quick else LISTINGS
    with tempfile.TemporaryDirectory(prefix="avtofamily-bench-") as folder:
        database = Postgres()
        try:
            yield from _measure(Path(folder), database, count)
        finally:
            database.stop()


def _measure(folder: Path, database: Postgres, count: int) -> Iterator[Figure]:
    env = {
        **os.environ,
        "DJANGO_SETTINGS_MODULE": "scripts.lib.bench.settings",
        "DATABASE_URL": database.url("postgres"),
        "DATA_DIR": str(folder),
        "LOG_LEVEL": "ERROR",
        "DEMO": "true",
    }
    log = folder / "manage.log"
    with step(f"A catalogue of {count} listings"):
        for command in (["migrate"], ["load_reference_data"], ["fill_catalogue", str(count)]):
            run([PYTHON, "manage.py", *command], log=log, env=env, cwd=ROOT)
    token_file = folder / "token"
    run([PYTHON, "-m", "scripts.lib.bench.token", token_file], log=log, env=env, cwd=ROOT)
    port = free_port()
    command = [PYTHON, "-m", "gunicorn", "cms.wsgi", "--bind", f"{HOST}:{port}", "--workers", "1", "--threads", "1"]
    server = Process("CMS", command, log=folder / "cms.log", env=env, cwd=ROOT)
    try:
        server.wait_until(lambda: answers(f"http://{HOST}:{port}/healthz"))
        with step(f"{QUERIES} different queries"):
            ours = rate(port, [f"/api/v1/listings?{query}" for query in queries(QUERIES)])
        with step("The same from plain Django, without facets"):
            plain = rate(port, [f"/plain/?{query}" for query in queries(QUERIES // 2, plain=True)])
        with step("Wagtail's own list"):
            pages = random.Random(5).sample(range(0, count - 24, 24), WAGTAIL_REQUESTS)  # noqa: S311
            addresses = [f"/wagtail-api/snippets/listings.Listing/?limit=24&offset={offset}" for offset in pages]
            wagtail = rate(port, addresses, token=token_file.read_text())
    finally:
        server.stop()
    yield Figure("catalogue_api", ours, "requests/s", "Wagtail's v3 snippet list", ours / wagtail)
    yield Figure("catalogue_api_plain", ours, "requests/s", "Django values() without facets", ours / plain)


def queries(count: int, *, plain: bool = False) -> list[str]:
    """Different queries as visitors make them; the same list in each run."""
    dice = random.Random(42)  # noqa: S311
    found: dict[str, None] = {}
    while len(found) < count:
        found[_query(dice, plain=plain)] = None
    return list(found)


def _query(dice: random.Random, *, plain: bool) -> str:
    parts: list[tuple[str, str]] = []
    choices = {
        "make": ["bmw", "audi", "volkswagen", "toyota", "geely", "lada", "skoda", "kia"],
        "fuel": ["petrol", "diesel", "hybrid", "electric"],
        "body": ["sedan", "suv", "wagon", "hatchback", "crossover"],
        "gearbox": ["manual", "automatic", "cvt"],
        "city": ["minsk", "brest", "gomel", "grodno"],
        "equipment": ["abs", "climate-control", "rear-camera"],
    }
    for name in dice.sample(sorted(choices), dice.randint(0, 3)):
        parts += [(name, value) for value in dice.sample(choices[name], dice.randint(1, 2))]
    if dice.random() < 0.4:
        parts.append(("year_min", str(dice.randint(2000, 2020))))
    if dice.random() < 0.4:
        parts.append(("price_max", str(dice.randint(10, 150) * 1000)))
    if plain:
        return urlencode(parts)
    parts.append(("sort", dice.choice(["-published_at", "price", "-price", "-year", "mileage"])))
    if dice.random() < 0.2:
        parts.append(
            ("q", dice.choice(["дизель", "бмв", "универсал автомат", "один владелец", "минск кроссовер", "ауди"]))
        )
    parts += [("offset", str(24 * dice.randint(0, 5))), ("limit", "24"), ("facets", "1")]
    return urlencode(parts)


def rate(port: int, addresses: Sequence[str], *, token: str = "") -> float:
    """Requests a second over one connection. Every answer must be a 200; the first few warm the process up."""
    connection = http.client.HTTPConnection(HOST, port, timeout=120)
    headers = {"Authorization": f"Bearer {token}"} if token else {}
    for address in addresses[:5]:
        _get(connection, address, headers)
    start = time.perf_counter()
    for address in addresses:
        _get(connection, address, headers)
    seconds = time.perf_counter() - start
    connection.close()
    return len(addresses) / seconds


def _get(connection: http.client.HTTPConnection, address: str, headers: dict[str, str]) -> None:
    connection.request("GET", address, headers=headers)
    response = connection.getresponse()
    body = response.read()
    if response.status != 200:
        raise Failure(f"{address} answered {response.status}: {body[:200]!r}")
