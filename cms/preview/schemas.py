from typing import Any, Literal

from ninja import Field, Schema


class Preview(Schema):
    kind: Literal["listing", "page"]
    document: dict[str, Any] = Field(description="As of GET /listings/{slug} or GET /pages.")
