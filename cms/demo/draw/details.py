"""Close views: a wheel and the driver's place."""

import math
import random

from .canvas import Canvas, Colour, mix, rounded, shade
from .wheels import wheel


def wheel_detail(canvas: Canvas, paint: Colour, dice: random.Random) -> None:
    """A wheel under its arch, with the wing around it."""
    width, height = canvas.size
    centre, radius = (width * 0.52, height * 0.62), height * 0.34
    wing = [
        (-50, height * 0.2, 10),
        (width * 0.4, height * 0.12, 200),
        (width + 50, height * 0.22, 10),
        (width + 50, height * 0.8, 10),
        (-50, height * 0.8, 10),
    ]
    canvas.gradient_polygon(rounded(wing), mix(paint, (255, 255, 255), 0.3), shade(paint, 0.62))
    canvas.line(
        [(-20, height * 0.3), (width * 0.5, height * 0.235), (width + 20, height * 0.32)],
        mix(paint, (255, 255, 255), 0.55),
        10,
        150,
    )
    canvas.line([(width * 0.93, height * 0.24), (width * 0.9, height * 0.8)], shade(paint, 0.4), 5, 200)
    canvas.rectangle(0, height * 0.8, width, height * 0.2, (88, 92, 98))
    canvas.soft_shadow((centre[0], height * 0.95), radius * 1.2, height * 0.035)
    canvas.ellipse((centre[0], centre[1] - radius * 0.06), radius * 1.17, radius * 1.17, (20, 21, 23))
    wheel(canvas, centre, radius, spokes=dice.choice([5, 6, 7, 9]))
    for number in range(5):
        angle = 2 * math.pi * number / 5
        bolt = (centre[0] + math.cos(angle) * radius * 0.14, centre[1] + math.sin(angle) * radius * 0.14)
        canvas.ellipse(bolt, radius * 0.02, radius * 0.02, (60, 62, 66))


def interior(canvas: Canvas, paint: Colour, dice: random.Random) -> None:
    """Dashboard, wheel and screen, as the driver sees them."""
    width, height = canvas.size
    leather = dice.choice([(44, 46, 52), (92, 66, 50), (70, 72, 78), (150, 132, 108)])
    dash = [
        (-40, height * 0.5, 10),
        (width * 0.3, height * 0.42, 160),
        (width * 0.75, height * 0.44, 160),
        (width + 40, height * 0.5, 10),
        (width + 40, height, 10),
        (-40, height, 10),
    ]
    canvas.gradient_polygon(rounded(dash), shade(leather, 0.9), shade(leather, 0.5))
    canvas.line([(0, height * 0.58), (width, height * 0.58)], mix(paint, (220, 222, 226), 0.5), 7, 220)
    cluster = [
        (width * 0.16, height * 0.47, 30),
        (width * 0.46, height * 0.47, 30),
        (width * 0.47, height * 0.6, 30),
        (width * 0.15, height * 0.6, 30),
    ]
    canvas.polygon(rounded(cluster), (14, 16, 20))
    for x in (0.23, 0.39):
        canvas.ellipse((width * x, height * 0.535), height * 0.055, height * 0.055, (46, 92, 140))
        canvas.ellipse((width * x, height * 0.535), height * 0.045, height * 0.045, (20, 24, 30))
    screen = [
        (width * 0.53, height * 0.43, 16),
        (width * 0.79, height * 0.43, 16),
        (width * 0.79, height * 0.62, 16),
        (width * 0.53, height * 0.62, 16),
    ]
    canvas.polygon(rounded(screen), (12, 14, 18))
    canvas.polygon(
        [
            (width * 0.54, height * 0.6),
            (width * 0.62, height * 0.5),
            (width * 0.68, height * 0.55),
            (width * 0.78, height * 0.46),
            (width * 0.78, height * 0.6),
        ],
        (50, 120, 160),
        170,
    )
    for number in range(3):
        canvas.ellipse((width * (0.6 + number * 0.06), height * 0.7), height * 0.024, height * 0.024, (170, 174, 180))
    _steering_wheel(canvas, (width * 0.31, height * 0.74), height * 0.27, leather)


def _steering_wheel(canvas: Canvas, centre: tuple[float, float], radius: float, leather: Colour) -> None:
    rim = [
        (centre[0] + math.cos(a / 40 * math.pi) * radius, centre[1] + math.sin(a / 40 * math.pi) * radius)
        for a in range(81)
    ]
    for angle in (0.0, math.pi, math.pi / 2):
        tip = (centre[0] + math.cos(angle) * radius, centre[1] + math.sin(angle) * radius)
        canvas.line([centre, tip], (58, 60, 66), radius * 0.17)
    canvas.line(rim, shade(leather, 0.45), radius * 0.15)
    canvas.line(rim, shade(leather, 0.8), radius * 0.05)
    canvas.ellipse(centre, radius * 0.3, radius * 0.27, (40, 42, 48))
    canvas.ellipse(centre, radius * 0.09, radius * 0.09, (180, 184, 190))
