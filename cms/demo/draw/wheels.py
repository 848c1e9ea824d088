"""Wheels: tyre, brake, rim and spokes."""

import math

from .canvas import Canvas, Colour, Point, arc

TYRE, SIDEWALL, BARREL = (24, 25, 28), (36, 37, 41), (46, 48, 53)
RIM, RIM_SHADE, DISC = (206, 210, 216), (150, 155, 163), (112, 116, 123)


def wheel(canvas: Canvas, centre: Point, radius: float, *, spokes: int, caliper: Colour = (150, 34, 34)) -> None:
    """From the tyre inwards."""
    canvas.ellipse(centre, radius, radius, TYRE)
    canvas.ellipse(centre, radius * 0.95, radius * 0.95, SIDEWALL)
    canvas.ellipse(centre, radius * 0.82, radius * 0.82, TYRE)
    canvas.ellipse(centre, radius * 0.76, radius * 0.76, RIM_SHADE)
    canvas.ellipse(centre, radius * 0.735, radius * 0.735, RIM)
    canvas.ellipse(centre, radius * 0.69, radius * 0.69, BARREL)
    canvas.ellipse(centre, radius * 0.5, radius * 0.5, DISC)
    canvas.ellipse(centre, radius * 0.47, radius * 0.47, (128, 132, 139))
    canvas.ellipse(centre, radius * 0.25, radius * 0.25, BARREL)
    canvas.line(arc(centre, radius * 0.45, -40, 40), caliper, radius * 0.13)
    for number in range(spokes):
        _spoke(canvas, centre, radius, 360 * number / spokes - 90, slim=spokes > 6)
    canvas.ellipse(centre, radius * 0.19, radius * 0.19, RIM)
    for number in range(5):
        bolt = arc(centre, radius * 0.13, 72 * number - 54, 72 * number - 53)[0]
        canvas.ellipse(bolt, radius * 0.022, radius * 0.022, (84, 88, 95))
    canvas.ellipse(centre, radius * 0.075, radius * 0.075, (64, 67, 73))


def _spoke(canvas: Canvas, centre: Point, radius: float, degrees: float, *, slim: bool) -> None:
    """A bar that narrows outwards, one flank in the shade."""
    angle = math.radians(degrees)
    along, across = (math.cos(angle), math.sin(angle)), (-math.sin(angle), math.cos(angle))

    def spot(out: float, aside: float) -> Point:
        return (
            centre[0] + (along[0] * out + across[0] * aside) * radius,
            centre[1] + (along[1] * out + across[1] * aside) * radius,
        )

    root, tip = (0.085, 0.06) if slim else (0.12, 0.085)
    canvas.polygon([spot(0.12, -root), spot(0.71, -tip), spot(0.71, tip), spot(0.12, root)], RIM)
    canvas.polygon([spot(0.12, root * 0.35), spot(0.71, tip * 0.45), spot(0.71, tip), spot(0.12, root)], RIM_SHADE)
