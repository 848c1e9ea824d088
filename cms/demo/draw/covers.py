"""Covers of the blog's posts and the opening picture of the site."""

import random

from PIL import Image

from .bodies import PAINTS, SHAPES
from .canvas import Canvas, arc, rounded
from .scenes import scene
from .side import SideView
from .skyline import dusk
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


HERO_ROW = (
    ("minivan", "silver", 0.03, 84, 0.735),
    ("coupe", "yellow", 0.36, 84, 0.735),
    ("hatchback", "white", 0.815, 84, 0.735),
    ("sedan", "blue", 0.04, 148, 0.905),
    ("suv", "red", 0.46, 158, 0.915),
)
"""Body, colour, place from the left, pixels a metre, ground: the far row first."""


def draw_cover(topic_seed: int, kind: str) -> Image.Image:
    """A car in its place, and a sign of what the post is about."""
    place, body, color = COVERS[kind]
    canvas = scene(place, COVER_SIZE, random.Random(topic_seed))  # noqa: S311  pictures, not secrets
    shape, (width, height) = SHAPES[body], COVER_SIZE
    car = width * 0.56
    SideView(canvas, shape, PAINTS[color], x=width * 0.045, ground=height * 0.87, width=car, mirrored=True).draw()
    sign = (width * 0.8, height * 0.45)
    for radius, alpha in ((312, 40), (280, 90)):
        canvas.ellipse(sign, radius, radius, (255, 255, 255), alpha)
    canvas.ellipse(sign, 248, 248, (248, 249, 251))
    SIGNS[kind](canvas, *sign)
    return canvas.finish()


def draw_hero(seed: int) -> Image.Image:
    """Five cars before the evening's city, the nearest the largest."""
    canvas = dusk(HERO_SIZE, 0.62, random.Random(seed))  # noqa: S311
    width, height = HERO_SIZE
    for body, color, left, per_metre, ground in HERO_ROW:
        shape = SHAPES[body]
        SideView(
            canvas,
            shape,
            PAINTS[color],
            x=width * left,
            ground=height * ground,
            width=per_metre * shape.length / 1000,
            mirrored=False,
        ).draw()
    return canvas.finish()


def _glass(canvas: Canvas, x: float, y: float) -> None:
    canvas.line([(x + 60, y + 60), (x + 150, y + 150)], (60, 64, 72), 34)
    canvas.ellipse((x, y), 130, 130, (60, 64, 72))
    canvas.ellipse((x, y), 104, 104, (206, 224, 238))
    canvas.line([(x - 45, y + 5), (x - 10, y + 40), (x + 55, y - 40)], (34, 140, 84), 20)


PAPER = ((-120, -170), (120, -170), (120, 170), (-120, 170))


def _paper(canvas: Canvas, x: float, y: float) -> None:
    for shift, colour in ((14, (222, 226, 232)), (0, (255, 255, 255))):
        sheet = rounded([(x + dx + shift, y + dy + shift, 16) for dx, dy in PAPER])
        canvas.polygon(sheet, colour)
        canvas.line([*sheet, sheet[0]], (60, 66, 78), 7)
    canvas.rectangle(x - 120, y - 140, 240, 34, (36, 96, 176))
    for number in range(5):
        canvas.rectangle(x - 86, y - 84 + number * 36, 172 if number % 2 else 130, 14, (176, 184, 194))
    canvas.ellipse((x + 54, y + 112), 46, 46, (196, 56, 48), 190)
    canvas.ellipse((x + 54, y + 112), 34, 34, (255, 255, 255))


def _tyre(canvas: Canvas, x: float, y: float) -> None:
    """A wheel in the snow: flakes of six rays around it."""
    wheel(canvas, (x, y + 24), 158, spokes=6)
    for dx, dy, size in ((-150, -138, 36), (0, -194, 30), (150, -138, 36), (-196, -20, 24), (196, -20, 24)):
        for degrees in range(0, 180, 60):
            rays = arc((x + dx, y + dy), size, degrees, degrees + 180)
            canvas.line([rays[0], rays[-1]], (64, 138, 206), 8)


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
