"""The sandbox's side: faults for the next calls, and what was made of them."""

import json
import random
import urllib.request
from typing import Any

CREATES = {
    "telegram": ["sendMessage", "sendPhoto", "sendMediaGroup"],
    "instagram": ["publish"],
    "facebook": ["post"],
    "meta_catalogue": ["batch"],
}
"""Calls after which a post stands there: whoever gets no answer to one does not know whether it does."""

SLOW: dict[str, Any] = {"delay": 1.5}
REFUSALS: list[dict[str, Any]] = [
    # Others than Telegram do not say how long, and are left alone for minutes.
    {"answer": "429", "done": False, "retry_after": 1, "platform": "telegram"},
    {"answer": "500", "done": False},
    SLOW,
]
"""Whatever call they meet, it can be tried again."""
UNANSWERED: list[dict[str, Any]] = [
    {"answer": "drop", "done": True},
    {"answer": "drop", "done": False},
    {"answer": "502", "done": True},
]

_opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))


class SandboxDoor:
    def __init__(self, url: str, seed: int) -> None:
        self.url, self.dice = url, random.Random(seed)  # noqa: S311  moments, not secrets
        self.waiting: list[dict[str, Any]] = []

    def plan(self, each: int) -> None:
        """So many of each kind, in random order; `sprinkle` uses them up."""
        kinds = REFUSALS + [
            fault | {"platform": platform, "methods": methods}
            for platform, methods in CREATES.items()
            for fault in UNANSWERED
            if platform == "telegram"
        ]
        self.waiting = [fault for fault in kinds for _number in range(each)]
        self.dice.shuffle(self.waiting)

    def sprinkle(self, share_done: float, planned: int) -> None:
        """As many faults are out as belongs to the share of the work that is done."""
        # One ahead, and never many at once: five failures in a row would give the platform a rest of a minute.
        due = max(0, len(self.waiting) - round(planned * (1 - share_done)) + 1)
        out, self.waiting = self.waiting[:due], self.waiting[due:]
        if out:
            self.control(faults=out)

    def slow_down(self, calls: int) -> None:
        """The next calls are carried out, but answered late: a kill meets them in flight."""
        self.control(faults=[SLOW | {"count": calls}])

    def clear(self) -> None:
        self.control(clear=True)

    def control(self, **settings: Any) -> None:
        body = json.dumps(settings).encode()
        request = urllib.request.Request(f"{self.url}/__control", body, method="POST")  # noqa: S310  our own sandbox
        _opener.open(request, timeout=30).close()

    def unanswered(self) -> int:
        """Creates that were left without an answer so far."""
        with _opener.open(f"{self.url}/__state", timeout=60) as answer:
            taken = json.load(answer)["faults"]
        return sum(count for name, count in taken.items() if name in {"drop", "502"})
