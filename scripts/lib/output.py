"""Words for the person at the terminal: one line per step, one clear line for a failure."""

import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

# A silent step longer than this looks like a hang.
STILL_WORKING_SECONDS = 10

_started = time.monotonic()


class Failure(Exception):
    """Something that the person can act on. Its text is all that is shown."""


def say(text: str) -> None:
    """One line with the seconds since the start."""
    print(f"[{time.monotonic() - _started:5.1f} s] {text}", flush=True)


@contextmanager
def step(title: str, detail: Callable[[], str] = str) -> Iterator[None]:
    """Names a step, says now and then that it goes on (`detail`: how far it is), and how long it took."""
    say(f"{title} ...")
    begun = time.monotonic()
    done = threading.Event()

    def report() -> None:
        while not done.wait(STILL_WORKING_SECONDS):
            say(f"  {title}: still working, {time.monotonic() - begun:.0f} s  {detail()}".rstrip())

    reporter = threading.Thread(target=report, daemon=True)
    reporter.start()
    try:
        yield
    finally:
        done.set()
        reporter.join()
    seconds = time.monotonic() - begun
    if seconds >= 1:
        say(f"  {title}: done in {seconds:.0f} s")


def fail(error: BaseException) -> int:
    """Prints the one line of a failure; the exit code."""
    print(f"FAILED: {error}", file=sys.stderr, flush=True)
    return 1
