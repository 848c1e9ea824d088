"""/api/v1/routes: every address of the site, for who renders or mirrors all of it."""

import json
from collections.abc import Iterator

from django.http import HttpRequest, StreamingHttpResponse
from ninja import Router, Schema

from .routes import all_addresses

router = Router(tags=["site"])


class Routes(Schema):
    items: list[str]


@router.get("/routes", response={200: Routes}, summary="All addresses of the site")
def get_routes(request: HttpRequest) -> StreamingHttpResponse:
    """Pages, then cars. Streamed: a hundred thousand addresses need no more memory than one."""
    response = StreamingHttpResponse(_stream(), content_type="application/json; charset=utf-8")
    response["Cache-Control"] = "no-store"
    return response


def _stream() -> Iterator[str]:
    separator = '{"items":['
    for address in all_addresses():
        yield separator + json.dumps(address, ensure_ascii=False)
        separator = ","
    yield "]}" if separator == "," else '{"items":[]}'
