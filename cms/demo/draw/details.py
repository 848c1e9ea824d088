"""A close view of a wheel."""

import random

from .canvas import Canvas, Colour, arc, mix, shade
from .side import OPENING, WHITE
from .wheels import wheel


def wheel_detail(canvas: Canvas, paint: Colour, dice: random.Random) -> None:
    """A wheel in its arch, with the wing and the door's edge around it."""
    width, height = canvas.size
    centre, radius = (width * 0.46, height * 0.585), height * 0.335
    ground, sill = centre[1] + radius, height * 0.79
    canvas.gradient_polygon(
        [(0, height * 0.7), (width, height * 0.7), (width, height), (0, height)], (62, 65, 71), (104, 108, 115)
    )
    canvas.soft_shadow((width * 0.5, ground), width * 0.6, height * 0.07, 150)
    _wing(canvas, paint, sill)
    gap, foot = radius * 1.12, sill + height * 0.035
    arch = arc(centre, gap, 180, 360)
    canvas.polygon([(centre[0] - gap, foot), *arch, (centre[0] + gap, foot)], OPENING)
    canvas.line(arc(centre, gap + height * 0.012, 172, 368), mix(paint, WHITE, 0.35), height * 0.02)
    canvas.line(arc(centre, gap + height * 0.026, 172, 368), shade(paint, 0.6), height * 0.005, 150)
    canvas.soft_shadow((centre[0], ground), radius * 0.95, height * 0.03, 230)
    caliper = dice.choice([(188, 32, 36), (226, 178, 40), (40, 92, 170), (120, 124, 130)])
    wheel(canvas, centre, radius, spokes=dice.choice([5, 6, 7, 9, 10]), caliper=caliper)
    canvas.line(arc(centre, radius * 0.89, 205, 300), (92, 95, 102), height * 0.008, 120)


def _wing(canvas: Canvas, paint: Colour, sill: float) -> None:
    width, height = canvas.size
    top = height * 0.1
    panel = [(0, top * 1.15), (width * 0.5, top), (width, top * 1.1), (width, sill), (0, sill)]
    bands = [
        (top, mix(paint, WHITE, 0.5)), (height * 0.16, mix(paint, WHITE, 0.12)),
        (height * 0.225, mix(paint, WHITE, 0.4)),
        (height * 0.26, mix(paint, WHITE, 0.05)), (height * 0.6, shade(paint, 0.78)),
        (height * 0.61, mix(paint, WHITE, 0.08)), (height * 0.72, shade(paint, 0.74)), (sill, shade(paint, 0.5)),
    ]  # fmt: skip
    canvas.banded_polygon(panel, bands)
    glint = [(width * 0.1, top), (width * 0.2, top), (width * 0.02, sill), (-width * 0.08, sill)]
    canvas.overlay(glint, panel, WHITE, 26)
    canvas.rectangle(0, sill, width, height * 0.035, (40, 42, 46))
    door = [(width * 0.885, top * 1.1), (width * 0.875, height * 0.5), (width * 0.84, sill)]
    canvas.line(door, shade(paint, 0.26), height * 0.007)
    canvas.line([(x + height * 0.007, y) for x, y in door], mix(paint, WHITE, 0.4), height * 0.003, 170)
    canvas.line([(0, height * 0.605), (width * 0.12, height * 0.605)], WHITE, height * 0.003, 110)
    canvas.rectangle(width * 0.91, height * 0.3, width * 0.12, height * 0.034, mix(paint, (214, 218, 224), 0.5))
    canvas.rectangle(width * 0.91, height * 0.334, width * 0.12, height * 0.008, shade(paint, 0.4))
