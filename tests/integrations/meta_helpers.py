"""What the tests of Instagram, Facebook pages and the catalogue share."""

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

from integrations.marketplaces.base import Account, NotYet, Placed
from integrations.sandbox.server import Sandbox

from .test_text import document

Step = Callable[[Account[Any, Any]], Placed]
MANY_STEPS = 60


def photo(number: int, width: int = 1600, height: int = 1200, name: str = "") -> dict[str, Any]:
    source = {"url": f"/media/images/{name or f'car-{number}'}.width-{width}.jpg", "width": width}
    return {"id": number, "width": width, "height": height, "sources": {"jpeg": [source]}}


def car(count: int = 2, **fields: Any) -> dict[str, Any]:
    """With so many photos, unless `photos` is among the fields."""
    values = {
        "photos": [photo(number + 1) for number in range(count)],
        "text_html": "<p>Торг.</p>",
        "uuid": "0f8fad5b-d9cb-469f-a165-70867728950e",
        "vin": "WBAKS410500H12345",
        "trim": "xDrive30d",
    }
    return document(**(values | fields))


class Meta:
    """The sandbox as tests ask about one of Meta's platforms. Its clock and the adapter's are one."""

    def __init__(self, sandbox: Sandbox, key: str) -> None:
        self.sandbox, self.key = sandbox, key

    @property
    def state(self) -> Any:
        return self.sandbox.state()[self.key]

    def now(self) -> datetime:
        return datetime.fromtimestamp(self.sandbox.clock.now(), UTC)

    def forward(self, seconds: float) -> None:
        self.sandbox.control({"clock_offset": self.sandbox.clock.offset + seconds})

    def configure(self, **options: Any) -> None:
        self.sandbox.control({self.key: options})

    def fault(self, *operations: str, **settings: Any) -> None:
        self.sandbox.control({"faults": [{"platform": self.key, "methods": list(operations)} | settings]})

    def refuse(self, operation: str, code: int, subcode: int | None = None, count: int = 1) -> None:
        refusal = {"operation": operation, "code": code, "error_subcode": subcode, "count": count}
        self.configure(refuse=[refusal])

    def calls(self, operation: str) -> int:
        return int(self.sandbox.state()["calls"].get(f"{self.key}.{operation}", 0))

    def carry_through(self, step: Step, account: Account[Any, Any]) -> Placed:
        """All steps, one after another, each as late as the adapter asks for."""
        for _number in range(MANY_STEPS):
            try:
                return step(account)
            except NotYet as waiting:
                self.forward(waiting.after)
                account = replace(account, progress=waiting.progress)
        raise AssertionError("it never ends")

    def waiting(self, step: Step, account: Account[Any, Any]) -> Account[Any, Any]:
        """One step that is to be followed by others; the account that knows of it."""
        try:
            step(account)
        except NotYet as waiting:
            self.forward(waiting.after)
            return replace(account, progress=waiting.progress)
        raise AssertionError("it is done already")
