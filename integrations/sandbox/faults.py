"""Faults on demand: what the next calls shall suffer from."""

import threading
from collections import Counter
from dataclasses import dataclass, field
from typing import Any, Literal, get_args

Answer = Literal["normal", "drop", "500", "502", "429", "auth"]


@dataclass
class Fault:
    """Concerns the next `count` calls (of this platform and these operations, if any are named).

    `done`: whether the call is carried out. `delay`: seconds before the answer. `answer`: "normal", "drop" (the
    connection closes without one), "500", "429" and "auth" (the platform's own words), "502" (a gateway's page).
    """

    count: int = 1
    platform: str = ""
    methods: list[str] = field(default_factory=list)
    done: bool = True
    delay: float = 0
    answer: Answer = "normal"
    retry_after: int = 3

    def concerns(self, platform: str, operation: str) -> bool:
        return self.platform in ("", platform) and (not self.methods or operation in self.methods)


class Faults:
    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._waiting: list[Fault] = []
        self.taken: Counter[str] = Counter()
        """How many calls suffered, by the kind of answer."""

    def add(self, settings: dict[str, Any]) -> None:
        """Raises TypeError or ValueError for settings that are not a fault."""
        fault = Fault(**settings)
        if fault.answer not in get_args(Answer):
            raise ValueError(f"answer must be one of {', '.join(get_args(Answer))}")
        with self._lock:
            self._waiting.append(fault)

    def clear(self) -> None:
        with self._lock:
            self._waiting.clear()

    def take(self, platform: str, operation: str) -> Fault | None:
        with self._lock:
            for fault in self._waiting:
                if fault.concerns(platform, operation):
                    fault.count -= 1
                    self.taken[fault.answer] += 1
                    if fault.count <= 0:
                        self._waiting.remove(fault)
                    return fault
        return None
