"""Serves photos to the sandbox over HTTP, as the site does to platforms."""

import io
import re
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

from PIL import Image

from integrations.marketplaces.base import PhotoShape

DRAWN = re.compile(r"/(?P<id>\d+)/(?P<width>\d+)x(?P<height>\d+)\.(?P<format>jpeg|png)")


class PhotoServer:
    """Draws what is asked for at /<id>/<width>x<height>.jpeg; below /media/ it serves the files of `folder`."""

    def __init__(self, url: str) -> None:
        self.url = url
        self.folder: Path | None = None

    def address(self, photo_id: int, shape: PhotoShape, *, width: int = 1600, height: int = 1200) -> str:
        """Of a photo of that size, cropped as the product crops it."""
        ratio = min(max(width / height, shape.min_ratio), shape.max_ratio)
        wide = min(width, int(height * ratio), shape.max_width)
        return f"{self.url}/{photo_id}/{wide}x{round(wide / ratio)}.jpeg"


@contextmanager
def serve_photos() -> Iterator[PhotoServer]:
    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            content = _content(photos, self.path)
            self.send_response(200 if content else 404)
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

        def log_message(self, format: str, *args: object) -> None:
            """Silent."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    photos = PhotoServer(f"http://127.0.0.1:{server.server_address[1]}")
    threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True).start()
    yield photos
    server.shutdown()
    server.server_close()


def _content(photos: PhotoServer, path: str) -> bytes:
    drawn = DRAWN.fullmatch(path)
    if drawn:
        return draw(int(drawn["id"]), int(drawn["width"]), int(drawn["height"]), drawn["format"])
    if photos.folder and path.startswith("/media/"):
        file = photos.folder / path.removeprefix("/media/")
        return file.read_bytes() if file.is_file() else b""
    return b""


def draw(number: int, width: int, height: int, kind: str = "jpeg") -> bytes:
    buffer = io.BytesIO()
    Image.new("RGB", (width, height), (number * 37 % 255, 90, 120)).save(buffer, kind)
    return buffer.getvalue()
