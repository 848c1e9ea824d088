"""Draws the demo's pictures in processes of their own: drawing is what takes the time."""

import io
from collections import deque
from collections.abc import Iterable, Iterator
from concurrent.futures import Future, ProcessPoolExecutor
from dataclasses import dataclass
from multiprocessing import get_context
from typing import TypeVar

from .draw import draw_car

PROCESSES = 2
AHEAD = 6
"""Cars drawn before they are asked for. More would only fill the memory."""
SIZE = (1600, 1200)
JPEG_QUALITY = 92

Item = TypeVar("Item")


@dataclass(frozen=True)
class CarPhoto:
    """What is to be seen on a drawn photo."""

    body: str
    color: str
    view: str
    seed: int


def draw_photo(photo: CarPhoto, size: tuple[int, int] = SIZE) -> bytes:
    """The photo as a JPEG file."""
    picture = draw_car(body=photo.body, color=photo.color, view=photo.view, seed=photo.seed, size=size)
    buffer = io.BytesIO()
    picture.convert("RGB").save(buffer, "JPEG", quality=JPEG_QUALITY)
    return buffer.getvalue()


def with_photos(items: Iterable[tuple[Item, list[CarPhoto]]]) -> Iterator[tuple[Item, list[bytes]]]:
    """Each item with its photos, in order, drawn while the one before is being stored."""
    waiting: deque[tuple[Item, list[Future[bytes]]]] = deque()
    # "spawn": a forked process would share the database connection.
    pool = ProcessPoolExecutor(PROCESSES, mp_context=get_context("spawn"))
    try:
        for item, photos in items:
            waiting.append((item, [pool.submit(draw_photo, photo) for photo in photos]))
            if len(waiting) > AHEAD:
                yield _drawn(*waiting.popleft())
        while waiting:
            yield _drawn(*waiting.popleft())
    finally:
        pool.shutdown(cancel_futures=True)


def _drawn(item: Item, futures: list["Future[bytes]"]) -> tuple[Item, list[bytes]]:
    return item, [future.result() for future in futures]
