"""The command: which faults, in which form the account comes."""

import argparse
import dataclasses
import json
import signal
import sys
from contextlib import redirect_stdout
from types import FrameType

from .. import environment
from ..output import Failure, fail, say
from . import publications
from .account import Account
from .plan import FULL, QUICK

HARD_LIMIT = 30 * 60
"""Seconds after which it ends by itself, whatever hangs."""


def main() -> int:
    arguments = _arguments()
    for number in (signal.SIGTERM, signal.SIGHUP, signal.SIGALRM):
        signal.signal(number, _end)
    signal.alarm(HARD_LIMIT)
    plan = QUICK if arguments.quick else FULL
    changes = {name: value for name in ("cars", "kills", "seed") if (value := getattr(arguments, name)) is not None}
    plan = dataclasses.replace(plan, **changes)
    try:
        with redirect_stdout(sys.stderr if arguments.json else sys.stdout):
            environment.prepare(dev=True)
            before, after = publications.run(plan)
        return _report(before, after, arguments.json)
    except KeyboardInterrupt:
        return 130
    except Failure as error:
        return fail(error)


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description="Faults on purpose, then an account.")
    parser.add_argument("name", nargs="?", default="publications", choices=["publications"])
    parser.add_argument("--json", action="store_true", help="the account as a line of JSON; progress goes to stderr")
    parser.add_argument("--quick", action="store_true", help=f"{QUICK.cars} cars and {QUICK.kills} kills")
    parser.add_argument("--cars", type=int)
    parser.add_argument("--kills", type=int)
    parser.add_argument("--seed", type=int, help="of the moments and the faults")
    return parser.parse_args()


def _end(number: int, frame: FrameType | None) -> None:
    raise KeyboardInterrupt if number != signal.SIGALRM else Failure(f"It has not ended after {HARD_LIMIT} s.")


def _report(before: Account, after: Account, as_json: bool) -> int:
    """`before`: left by the faults; `after`: when a person has looked at what was uncertain."""
    if as_json:
        print(json.dumps(dataclasses.asdict(before)), flush=True)
    else:
        for title, account in (("After the faults", before), ("After a person has looked", after)):
            figures = dataclasses.asdict(account)
            say(f"{title}: " + ", ".join(f"{name} {value}" for name, value in figures.items() if name != "name"))
    problems = before.problems() + after.problems() + after.unfinished()
    return fail(Failure("; ".join(problems))) if problems else 0
