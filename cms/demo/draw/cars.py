"""One picture of a car: which view, where, in which paint."""

import random

from PIL import Image

from .bodies import PAINTS, SHAPES, Shape
from .canvas import Canvas, Colour
from .details import wheel_detail
from .ends import EndView
from .interior import Interior
from .scenes import SCENES, scene
from .side import SideView

VIEWS = ("side", "front", "rear", "interior", "wheel")
SIZE = (1280, 960)


def draw_car(*, body: str, color: str, view: str, seed: int, size: tuple[int, int] = SIZE) -> Image.Image:
    """The same picture for the same arguments."""
    # The place belongs to the car, the rest to the view: a car's photos look taken on one day.
    place = random.Random(seed).choice(sorted(SCENES))  # noqa: S311  pictures, not secrets
    dice = random.Random(f"{seed}-{view}")  # noqa: S311
    canvas = scene(place, size, dice)
    shape, paint = SHAPES[body], _tinted(PAINTS[color], random.Random(seed))  # noqa: S311
    if view == "side":
        draw_side(canvas, shape, paint, mirrored=bool(seed % 2))
    elif view == "interior":
        Interior(canvas, paint, dice).draw()
    elif view == "wheel":
        wheel_detail(canvas, paint, dice)
    else:
        height = size[1] * min(0.7, 0.58 * shape.height / 1480)
        EndView(canvas, shape, paint, x=size[0] / 2, ground=size[1] * 0.86, height=height).draw(rear=view == "rear")
    return canvas.finish()


def draw_side(canvas: Canvas, shape: Shape, paint: Colour, *, mirrored: bool) -> None:
    """The whole car, as large as fits: long and tall ones by their own measure."""
    width, height = canvas.size
    car_width = min(width * 0.86 * min(1.0, shape.length / 4700 + 0.06), height * 0.62 / shape.height * shape.length)
    SideView(
        canvas, shape, paint, x=(width - car_width) / 2, ground=height * 0.84, width=car_width, mirrored=mirrored
    ).draw()


def _tinted(paint: Colour, dice: random.Random) -> Colour:
    """No two blues are the same blue; white stays white, for a car is lighter or darker as a whole."""
    lighter = dice.randint(-8, 8)
    return tuple(max(0, min(255, part + lighter + dice.randint(-2, 2))) for part in paint)  # type: ignore[return-value]
