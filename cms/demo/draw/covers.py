"""Covers of the blog's posts and the opening picture of the site."""

import random

from PIL import Image

from .bodies import PAINTS, SHAPES
from .canvas import Canvas, rounded
from .scenes import scene
from .side import SideView
from .wheels import wheel

COVER_SIZE, HERO_SIZE = (1600, 900), (1920, 1080)

COVERS = {
    "inspection": ("studio", "sedan", "blue"),
    "customs": ("city", "minivan", "silver"),
    "tyres": ("winter", "wagon", "red"),
    "electric": ("city", "crossover", "white"),
    "leasing": ("studio", "suv", "black"),
    "sale": ("field", "hatchback", "yellow"),
}
"""By kind: the place, the body, the colour."""


def draw_cover(topic_seed: int, kind: str) -> Image.Image:
    """A car in its place, and a sign of what the post is about."""
    place, body, color = COVERS[kind]
    canvas = scene(place, COVER_SIZE, random.Random(topic_seed))  # noqa: S311  pictures, not secrets
    shape, (width, height) = SHAPES[body], COVER_SIZE
    car = width * 0.5
    SideView(canvas, shape, PAINTS[color], x=width * 0.07, ground=height * 0.86, width=car, mirrored=True).draw()
    SIGNS[kind](canvas, width * 0.79, height * 0.52)
    return canvas.finish()


def draw_hero(seed: int) -> Image.Image:
    """Three cars before the evening's city."""
    canvas = scene("city", HERO_SIZE, random.Random(seed))  # noqa: S311
    width, height = HERO_SIZE
    row = (
        ("hatchback", "white", 0.02, 0.34, 0.74),
        ("sedan", "blue", 0.64, 0.35, 0.74),
        ("suv", "red", 0.26, 0.47, 0.9),
    )
    for body, color, left, share, ground in row:
        SideView(
            canvas,
            SHAPES[body],
            PAINTS[color],
            x=width * left,
            ground=height * ground,
            width=width * share,
            mirrored=False,
        ).draw()
    return canvas.finish()


def _glass(canvas: Canvas, x: float, y: float) -> None:
    canvas.line([(x + 70, y + 70), (x + 190, y + 190)], (60, 64, 72), 34)
    canvas.ellipse((x, y), 130, 130, (60, 64, 72))
    canvas.ellipse((x, y), 104, 104, (206, 224, 238))
    canvas.line([(x - 45, y + 5), (x - 10, y + 40), (x + 55, y - 40)], (34, 140, 84), 20)


def _paper(canvas: Canvas, x: float, y: float) -> None:
    canvas.polygon(
        rounded([(x - 120, y - 170, 16), (x + 120, y - 170, 16), (x + 120, y + 170, 16), (x - 120, y + 170, 16)]),
        (250, 250, 246),
    )
    for number in range(5):
        canvas.rectangle(x - 86, y - 120 + number * 44, 172 if number % 2 else 130, 14, (176, 184, 194))
    canvas.ellipse((x + 54, y + 112), 46, 46, (196, 56, 48), 190)
    canvas.ellipse((x + 54, y + 112), 34, 34, (250, 250, 246))


def _tyre(canvas: Canvas, x: float, y: float) -> None:
    wheel(canvas, (x, y + 60), 190, spokes=6)
    for angle in range(0, 180, 60):
        canvas.line(
            [(x - 60, y - 190), (x + 60, y - 190)]
            if not angle
            else [(x - 30, y - 190 - (angle - 90)), (x + 30, y - 190 + (angle - 90))],
            (255, 255, 255),
            9,
        )


def _bolt(canvas: Canvas, x: float, y: float) -> None:
    canvas.ellipse((x, y), 150, 150, (34, 150, 96))
    canvas.polygon(
        [(x + 20, y - 100), (x - 62, y + 22), (x - 6, y + 22), (x - 22, y + 104), (x + 64, y - 26), (x + 6, y - 26)],
        (255, 255, 255),
    )


def _coins(canvas: Canvas, x: float, y: float) -> None:
    for number in range(5):
        canvas.ellipse((x - 60, y + 130 - number * 44), 110, 40, (150, 112, 40))
        canvas.ellipse((x - 60, y + 118 - number * 44), 110, 40, (226, 184, 84))
    canvas.ellipse((x + 110, y + 118), 90, 34, (226, 184, 84))


def _tag(canvas: Canvas, x: float, y: float) -> None:
    canvas.polygon(
        rounded(
            [
                (x - 190, y, 10),
                (x - 90, y - 100, 20),
                (x + 180, y - 100, 24),
                (x + 180, y + 100, 24),
                (x - 90, y + 100, 20),
            ]
        ),
        (204, 52, 44),
    )
    canvas.ellipse((x - 110, y), 22, 22, (250, 236, 220))
    canvas.rectangle(x - 50, y - 34, 180, 22, (255, 255, 255))
    canvas.rectangle(x - 50, y + 14, 120, 22, (255, 255, 255), 200)


SIGNS = {"inspection": _glass, "customs": _paper, "tyres": _tyre, "electric": _bolt, "leasing": _coins, "sale": _tag}
