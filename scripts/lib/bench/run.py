"""The command: which figures, in which form."""

import argparse
import dataclasses
import json
from collections.abc import Callable, Iterator

from .. import environment
from ..output import Failure, fail, say
from . import (
    bulk_status,
    catalogue,
    feed_build,
    import_rows,
    listing_index,
    publication_overhead,
    publish,
    site_build,
)
from .figure import Figure

FIGURES: dict[str, Callable[[bool], Iterator[Figure]]] = {
    "catalogue_api": catalogue.measure,
    "publish_to_live_growth": publish.measure,
    "full_build": site_build.measure,
    "import_rows": import_rows.measure,
    "listing_index": listing_index.measure,
    "bulk_status": bulk_status.measure,
    "publication_overhead": publication_overhead.measure,
    "feed_build": feed_build.measure,
}


def main() -> int:
    parser = argparse.ArgumentParser(description="Figures of speed, as ratios in one run.")
    parser.add_argument("name", nargs="?", choices=sorted(FIGURES), help="one figure only")
    parser.add_argument("--json", action="store_true", help="a line of JSON per figure")
    parser.add_argument("--quick", action="store_true", help="a smaller catalogue, fewer repetitions")
    arguments = parser.parse_args()
    try:
        environment.prepare(dev=True)
        for name in [arguments.name] if arguments.name else FIGURES:
            if not arguments.json:
                say(f"Measuring {name}")
            for figure in FIGURES[name](arguments.quick):
                show(figure, arguments.json)
    except KeyboardInterrupt:
        return 130
    except Failure as error:
        return fail(error)
    return 0


def show(figure: Figure, as_json: bool) -> None:
    if as_json:
        print(json.dumps(dataclasses.asdict(figure)), flush=True)
    else:
        print(
            f"  {figure.name}: {figure.value:.4g} {figure.unit}; {figure.ratio:.2f} times {figure.against}", flush=True
        )
