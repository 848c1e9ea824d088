"""Drawing with smooth edges: everything is drawn twice as large and made smaller at the end."""

import math
from collections.abc import Sequence

import numpy as np
from PIL import Image, ImageChops, ImageDraw, ImageFilter

Point = tuple[float, float]
Colour = tuple[int, int, int]

SCALE = 2


def shade(colour: Colour, factor: float) -> Colour:
    """Lighter (over 1) or darker (under 1); light colours are lightened towards white."""
    if factor <= 1:
        return tuple(round(part * factor) for part in colour)  # type: ignore[return-value]
    return tuple(round(part + (255 - part) * (factor - 1)) for part in colour)  # type: ignore[return-value]


def mix(first: Colour, second: Colour, share: float) -> Colour:
    return tuple(round(a + (b - a) * share) for a, b in zip(first, second, strict=True))  # type: ignore[return-value]


def rounded(points: Sequence[tuple[float, float, float]]) -> list[Point]:
    """A closed outline whose corners (x, y, radius) are rounded by quadratic curves."""
    outline: list[Point] = []
    count = len(points)
    for number, (x, y, radius) in enumerate(points):
        before, after = points[number - 1], points[(number + 1) % count]
        start, end = _towards((x, y), before, radius), _towards((x, y), after, radius)
        for step in range(9):
            t = step / 8
            outline.append(
                (
                    (1 - t) ** 2 * start[0] + 2 * t * (1 - t) * x + t**2 * end[0],
                    (1 - t) ** 2 * start[1] + 2 * t * (1 - t) * y + t**2 * end[1],
                )
            )
    return outline


def _towards(corner: Point, other: Sequence[float], distance: float) -> Point:
    dx, dy = other[0] - corner[0], other[1] - corner[1]
    length = math.hypot(dx, dy) or 1
    share = min(distance, length / 2) / length
    return corner[0] + dx * share, corner[1] + dy * share


def arc(centre: Point, radius: float, start: float, end: float) -> list[Point]:
    """Points on a circle between two angles in degrees; 0 is right, 90 is down."""
    steps = max(8, int(abs(end - start) / 5))
    angles = [math.radians(start + (end - start) * step / steps) for step in range(steps + 1)]
    return [(centre[0] + math.cos(a) * radius, centre[1] + math.sin(a) * radius) for a in angles]


class Canvas:
    """A picture in its final pixels; lengths and positions may be fractions of a pixel."""

    def __init__(self, size: tuple[int, int], top: Colour, bottom: Colour) -> None:
        self.size = size
        self.image = self._gradient((size[0] * SCALE, size[1] * SCALE), top, bottom)
        self._pen = ImageDraw.Draw(self.image, "RGBA")

    def polygon(self, points: Sequence[Point], colour: Colour, alpha: int = 255) -> None:
        self._pen.polygon([(x * SCALE, y * SCALE) for x, y in points], fill=(*colour, alpha))

    def ellipse(self, centre: Point, rx: float, ry: float, colour: Colour, alpha: int = 255) -> None:
        x, y = centre
        box = [(x - rx) * SCALE, (y - ry) * SCALE, (x + rx) * SCALE, (y + ry) * SCALE]
        self._pen.ellipse(box, fill=(*colour, alpha))

    def rectangle(self, x: float, y: float, width: float, height: float, colour: Colour, alpha: int = 255) -> None:
        self.polygon([(x, y), (x + width, y), (x + width, y + height), (x, y + height)], colour, alpha)

    def line(self, points: Sequence[Point], colour: Colour, width: float, alpha: int = 255) -> None:
        scaled = [(x * SCALE, y * SCALE) for x, y in points]
        self._pen.line(scaled, fill=(*colour, alpha), width=max(1, round(width * SCALE)), joint="curve")

    def gradient_polygon(self, points: Sequence[Point], top: Colour, bottom: Colour) -> None:
        """A shape that gets from one colour to the other from its top to its bottom."""
        ys = [y for _x, y in points]
        self.banded_polygon(points, [(min(ys), top), (max(ys), bottom)])

    def banded_polygon(self, points: Sequence[Point], bands: Sequence[tuple[float, Colour]]) -> None:
        """A shape whose colour runs through these, each at its height in the picture, from the top down."""
        mask, corner = self._mask(points)
        heights = (np.arange(mask.height) + corner[1]) / SCALE
        places = [y for y, _colour in bands]
        column = np.stack([np.interp(heights, places, [c[part] for _y, c in bands]) for part in range(3)], axis=-1)
        fill = Image.fromarray(column[:, None, :].astype(np.uint8), "RGB").resize(mask.size, Image.Resampling.NEAREST)
        self.image.paste(fill, corner, mask)

    def overlay(self, points: Sequence[Point], within: Sequence[Point], colour: Colour, alpha: int) -> None:
        """A shape of which only the part inside another is seen: a reflection on glass, shade on paint."""
        frame, corner = self._mask(within)
        shape = Image.new("L", frame.size, 0)
        pen = ImageDraw.Draw(shape)
        pen.polygon([(x * SCALE - corner[0], y * SCALE - corner[1]) for x, y in points], fill=alpha)
        self.image.paste(colour, corner, ImageChops.multiply(frame, shape))

    @staticmethod
    def _mask(points: Sequence[Point]) -> tuple[Image.Image, tuple[int, int]]:
        xs, ys = [x * SCALE for x, _y in points], [y * SCALE for _x, y in points]
        left, upper, right, lower = math.floor(min(xs)), math.floor(min(ys)), math.ceil(max(xs)), math.ceil(max(ys))
        mask = Image.new("L", (max(1, right - left), max(1, lower - upper)), 0)
        ImageDraw.Draw(mask).polygon([(x - left, y - upper) for x, y in zip(xs, ys, strict=True)], fill=255)
        return mask, (left, upper)

    def soft_shadow(self, centre: Point, rx: float, ry: float, strength: int = 110) -> None:
        """A blurred dark ellipse on the ground."""
        width, height = round(rx * 2.6 * SCALE / 8), round(ry * 5 * SCALE / 8)
        mask = Image.new("L", (max(width, 2), max(height, 2)), 0)
        ImageDraw.Draw(mask).ellipse([width * 0.1, height * 0.3, width * 0.9, height * 0.7], fill=strength)
        # Drawn small and enlarged: a blur needs no detail.
        mask = mask.filter(ImageFilter.GaussianBlur(height / 12)).resize((width * 8, height * 8))
        corner = (round(centre[0] * SCALE - width * 4), round(centre[1] * SCALE - height * 4))
        self.image.paste((12, 14, 20), corner, mask)

    def finish(self) -> Image.Image:
        return self.image.reduce(SCALE)

    @staticmethod
    def _gradient(size: tuple[int, int], top: Colour, bottom: Colour) -> Image.Image:
        share = np.linspace(0, 1, size[1])[:, None]
        column = np.array(top) * (1 - share) + np.array(bottom) * share
        rows = np.repeat(column[:, None, :], 1, axis=1).astype(np.uint8)
        return Image.fromarray(rows, "RGB").resize(size, Image.Resampling.NEAREST)
