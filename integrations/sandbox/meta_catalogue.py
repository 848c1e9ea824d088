"""A vehicle catalogue: batches at /meta_catalogue/v25.0/, its cards as people see them at /meta_catalogue/."""

import json
from collections.abc import Mapping
from html import escape
from typing import Any

from .forms import Form
from .meta import MetaPlatform
from .meta_errors import GraphRefusal, bad_parameter, no_such_object
from .page import ShownPost, posts_page
from .platform import NOT_FOUND, Response, page_response

TOKEN = "EAACsandbox-of-avtofamily-demo-00001"  # noqa: S105  not a secret: opens only this sandbox
CATALOG, NAME = "600700800900100", "Avtofamily: автомобили"
SCHEMA = """
CREATE TABLE IF NOT EXISTS item (id TEXT PRIMARY KEY, data TEXT NOT NULL, made REAL NOT NULL, changed REAL);
CREATE TABLE IF NOT EXISTS batch (number INTEGER PRIMARY KEY, requests TEXT NOT NULL, upsert INTEGER NOT NULL,
    ready REAL NOT NULL, errors TEXT);
"""
MOST_REQUESTS, MOST_BYTES = 5000, 28 * 1024 * 1024
METHODS = {"CREATE", "UPDATE", "DELETE"}
REQUIRED = (
    "vehicle_id", "title", "description", "url", "image", "make", "model", "year", "mileage", "state_of_vehicle",
    "body_style", "exterior_color", "price", "currency", "address", "vin",
)  # fmt: skip


class MetaCatalogue(MetaPlatform):
    key, title = "meta_catalogue", "Каталог Meta"
    schema, accepted = SCHEMA, (TOKEN,)
    operations = {("POST", "items_batch"): "batch", ("GET", "check_batch_request_status"): "status"}
    item_type = "VEHICLE"
    processing = 0.0

    def call(self, operation: str, node: str, form: Form, token: str) -> Any:
        if node != CATALOG:
            raise no_such_object(node)
        with self.database.transaction():
            self._work()
            if operation == "batch":
                return self._accept(form)
            if operation == "status":
                return self._status(form.get("handle"))
        if operation == "read":
            return {"id": CATALOG, "name": NAME, "product_count": len(self._items())}
        raise GraphRefusal(3, "Unknown method")

    def configure(self, options: Mapping[str, Any]) -> None:
        """`processing`: seconds that a batch takes; `item_type`: the word for vehicles; and those of Meta."""
        left = dict(options)
        self.processing = float(left.pop("processing", self.processing))
        self.item_type = str(left.pop("item_type", self.item_type))
        super().configure(left)

    def state(self) -> Any:
        with self.database.transaction():
            self._work()
        return {"items": self._items()}

    def posts(self) -> int:
        return len(self._items())

    def page(self, path: str) -> Response:
        if path != "/":
            return NOT_FOUND
        with self.database.transaction():
            self._work()
        shown = [_shown(row) for row in self._items()]
        return page_response(posts_page(self.title, f"{NAME}: так выглядели бы карточки", shown))

    def _accept(self, form: Form) -> Any:
        if form.get("item_type") != self.item_type:
            raise bad_parameter(f"(#100) Param item_type must be one of {{{self.item_type}}}")
        if len(form.get("requests").encode()) > MOST_BYTES:
            raise bad_parameter("(#100) The batch is larger than 28 MB")
        requests = _requests(form.get("requests"))
        number = self.database.run(
            "INSERT INTO batch (requests, upsert, ready) VALUES (?, ?, ?)",
            *(json.dumps(requests), form.get("allow_upsert").lower() != "false", self.clock.now() + self.processing),
        )
        self._work()
        return {"handles": [f"batch-{number}"]}

    def _status(self, handle: str) -> Any:
        number = handle.removeprefix("batch-")
        found = self.database.rows("SELECT * FROM batch WHERE number = ?", int(number) if number.isdigit() else 0)
        if not found:
            raise no_such_object(handle)
        errors = json.loads(found[0]["errors"] or "[]")
        status = "finished" if found[0]["errors"] is not None else "started"
        return {"data": [{"handle": handle, "status": status, "errors": errors, "errors_total_count": len(errors)}]}

    def _work(self) -> None:
        """Carries out the batches whose time has come, in their order."""
        now = self.clock.now()
        for batch in self.database.rows("SELECT * FROM batch WHERE errors IS NULL AND ready <= ? ORDER BY number", now):
            errors = []
            for line, request in enumerate(json.loads(batch["requests"]), start=1):
                words = self._carry_out(request, bool(batch["upsert"]), batch["ready"])
                if words:
                    errors.append({"line": line, "id": request["data"].get("vehicle_id", ""), "message": words})
            self.database.run("UPDATE batch SET errors = ? WHERE number = ?", json.dumps(errors), batch["number"])

    def _carry_out(self, request: dict[str, Any], upsert: bool, now: float) -> str:
        """What is wrong; empty if it is done."""
        data, number = request["data"], str(request["data"].get("vehicle_id", ""))
        known = self.database.rows("SELECT data FROM item WHERE id = ?", number)
        if request["method"] == "DELETE":
            self.database.run("DELETE FROM item WHERE id = ?", number)
            return ""
        if request["method"] == "UPDATE" and not known and not upsert:
            return f"The item {number} does not exist"
        merged = (json.loads(known[0]["data"]) if known else {}) | data
        missing = [name for name in REQUIRED if not merged.get(name)]
        if missing:
            return f"Required fields are missing: {', '.join(missing)}"
        problem = _shape_problem(merged)
        if not problem:
            self.database.run(
                "INSERT INTO item (id, data, made) VALUES (?, ?, ?)"
                " ON CONFLICT (id) DO UPDATE SET data = excluded.data, changed = excluded.made",
                *(number, json.dumps(merged), now),
            )
        return problem

    def _items(self) -> list[dict[str, Any]]:
        rows = self.database.rows("SELECT * FROM item ORDER BY made, id")
        return [row | {"data": json.loads(row["data"])} for row in rows]


def _requests(text: str) -> list[dict[str, Any]]:
    try:
        requests = json.loads(text)
    except ValueError:
        raise bad_parameter("(#100) Param requests must be an array") from None
    if not isinstance(requests, list) or not requests:
        raise bad_parameter("(#100) Param requests must be an array")
    if len(requests) > MOST_REQUESTS:
        raise bad_parameter("(#100) A batch has at most 5000 requests")
    for request in requests:
        if not isinstance(request, dict) or not isinstance(request.get("data"), dict):
            raise bad_parameter("(#100) Each request has method and data")
        if request.get("method") not in METHODS:
            raise bad_parameter("(#100) Param method must be one of {CREATE, UPDATE, DELETE}")
    return requests


def _shape_problem(data: dict[str, Any]) -> str:
    mileage, image = data["mileage"], data["image"]
    if not isinstance(mileage, dict) or not mileage.get("value") or mileage.get("unit") not in {"KM", "MI"}:
        return "mileage must have value and unit"
    if not isinstance(image, list) or not all(isinstance(item, dict) and item.get("url") for item in image):
        return "image must be a list of objects with url"
    return "" if isinstance(data["address"], dict) else "address must be an object"


def _shown(row: dict[str, Any]) -> ShownPost:
    data = row["data"]
    words = [data["title"], str(data["price"]), f"{data['mileage']['value']} км", data["description"]]
    return ShownPost(
        id=row["id"],
        html=escape("\n".join(words)),
        photos=[item["url"] for item in data["image"][:4]],
        at=row["made"],
        edited=row["changed"] is not None,
        marks=["карточка каталога"],
    )
