"""The evening's city behind the opening picture: blocks of flats and the buildings Minsk is known by."""

import random

from .canvas import Canvas, Colour, mix, shade

ZENITH, HAZE = (30, 36, 78), (250, 172, 118)
FAR, NEAR = (118, 92, 118), (58, 52, 86)
LIT = (255, 214, 142)

Place = tuple[float, float, float]
"""Left, ground and a measure, in pixels."""


def dusk(size: tuple[int, int], horizon: float, dice: random.Random) -> Canvas:
    """Sky, two rows of houses, landmarks and a wet street."""
    width, height = size
    ground = height * horizon
    canvas = Canvas(size, ZENITH, HAZE)
    sky = [(0, ZENITH), (0.3, (84, 74, 128)), (0.62, (204, 122, 124)), (0.86, HAZE), (1, (255, 206, 150))]
    frame = [(0, 0), (width, 0), (width, ground), (0, ground)]
    canvas.banded_polygon(frame, [(share * ground, colour) for share, colour in sky])
    sun = (width * 0.63, ground - height * 0.07)
    for radius, alpha in ((0.34, 16), (0.24, 22), (0.16, 30), (0.1, 60), (0.062, 255)):
        canvas.ellipse(sun, height * radius, height * radius, (255, 226, 170), alpha)
    _clouds(canvas, ground, dice)
    _houses(canvas, ground, height * 0.2, FAR, dice, lit=0.12)
    _tower(canvas, (width * 0.82, ground, height * 0.42))
    _houses(canvas, ground, height * 0.115, NEAR, dice, lit=0.34)
    _library(canvas, (width * 0.33, ground, height * 0.25))
    for place in (0.075, 0.165):
        _gate(canvas, (width * place, ground, height * 0.26))
    _street(canvas, ground)
    return canvas


def _clouds(canvas: Canvas, ground: float, dice: random.Random) -> None:
    width = canvas.size[0]
    for _ in range(9):
        x, y = dice.uniform(0, width), ground * dice.uniform(0.12, 0.62)
        for number in range(3):
            long = width * dice.uniform(0.05, 0.12)
            canvas.ellipse((x + number * long * 0.5, y + number * 7), long, 6, (255, 190, 160), 44)


def _houses(canvas: Canvas, ground: float, tall: float, colour: Colour, dice: random.Random, *, lit: float) -> None:
    x = -dice.uniform(0, 60)
    while x < canvas.size[0]:
        wide, high = dice.randint(3, 7) * 24 + 12, tall * dice.uniform(0.45, 1)
        top = ground - high
        block = [(x, top), (x + wide, top), (x + wide, ground), (x, ground)]
        canvas.gradient_polygon(block, shade(colour, 0.9), mix(colour, HAZE, 0.3))
        _windows(canvas, (x, top), (wide, high), lit, dice)
        if dice.random() < 0.4:
            canvas.rectangle(x + wide * 0.3, top - 16, wide * 0.22, 16, shade(colour, 0.92))
        x += wide + dice.choice([0, 0, 6, 18])


def _windows(
    canvas: Canvas, corner: tuple[float, float], extent: tuple[float, float], lit: float, dice: random.Random
) -> None:
    for row in range(int((extent[1] - 14) // 22)):
        for column in range(int((extent[0] - 12) // 24)):
            if dice.random() < lit:
                tone = mix(LIT, (255, 244, 216), dice.random())
                canvas.rectangle(corner[0] + 12 + column * 24, corner[1] + 12 + row * 22, 10, 12, tone, 210)


def _gate(canvas: Canvas, place: Place) -> None:
    """One of the two stepped towers before the railway station: ledges, a clock, a peak."""
    x, ground, tall = place
    stone = (92, 74, 98)
    for share, base, high in ((0.3, 0, 0.62), (0.23, 0.62, 0.2), (0.15, 0.82, 0.1), (0.08, 0.92, 0.08)):
        half = tall * share / 2 * 1.3
        low, top = ground - tall * base, ground - tall * (base + high)
        block = [(x - half, top), (x + half, top), (x + half, low), (x - half, low)]
        canvas.gradient_polygon(block, stone, mix(stone, HAZE, 0.28))
        canvas.rectangle(x - half - 5, top, half * 2 + 10, 7, mix(stone, HAZE, 0.5))
    canvas.polygon([(x - 5, ground - tall), (x + 5, ground - tall), (x, ground - tall * 1.12)], stone)
    canvas.ellipse((x, ground - tall * 0.72), 17, 17, LIT)
    canvas.line([(x, ground - tall * 0.72), (x, ground - tall * 0.75)], (60, 50, 70), 3)
    canvas.line([(x, ground - tall * 0.72), (x + 8, ground - tall * 0.71)], (60, 50, 70), 3)
    for column in (-0.11, 0, 0.11):
        for row in range(5):
            y = ground - tall * 0.56 + row * tall * 0.09
            canvas.rectangle(x + column * tall - 5, y, 10, 15, LIT, 200 if (row + round(column * 10)) % 2 else 70)


def _library(canvas: Canvas, place: Place) -> None:
    """The library's glass crystal of triangles and squares on its low wide foot."""
    x, ground, tall = place
    half, foot = tall * 0.46, ground - tall * 0.17
    top, upper, lower = foot - tall * 0.83, foot - tall * 0.58, foot - tall * 0.25
    dark, light = (66, 84, 134), (146, 150, 186)
    canvas.rectangle(x - half * 2.1, foot, half * 4.2, ground - foot, (84, 74, 110))
    canvas.rectangle(x - half * 2.1, foot, half * 4.2, 6, mix(HAZE, (84, 74, 110), 0.4))
    inner = half * 0.44
    facets = [
        ([(-inner, top), (inner, top), (inner, upper), (-inner, upper)], light),
        ([(-inner, top), (-inner, upper), (-half, upper)], mix(dark, light, 0.55)),
        ([(inner, top), (half, upper), (inner, upper)], mix(light, HAZE, 0.5)),
        ([(-inner, upper), (inner, upper), (inner, lower), (-inner, lower)], mix(dark, light, 0.45)),
        ([(-half, upper), (-inner, upper), (-inner, lower), (-half, lower)], dark),
        ([(inner, upper), (half, upper), (half, lower), (inner, lower)], mix(light, HAZE, 0.3)),
        ([(-half, lower), (-inner, lower), (-inner, foot)], shade(dark, 0.7)),
        ([(-inner, lower), (inner, lower), (inner, foot), (-inner, foot)], shade(dark, 0.85)),
        ([(inner, lower), (half, lower), (inner, foot)], dark),
    ]
    for outline, colour in facets:
        points = [(x + dx, y) for dx, y in outline]
        canvas.polygon(points, colour)
        canvas.line([*points, points[0]], (206, 206, 226), 2, 130)


def _tower(canvas: Canvas, place: Place) -> None:
    """The television tower: a lattice that narrows, two platforms, red lights."""
    x, ground, tall = place
    steel = (84, 66, 96)
    for side in (-1, 1):
        canvas.line([(x + side * tall * 0.07, ground), (x + side * 5, ground - tall * 0.62)], steel, 5)
    for step in range(9):
        low, high = step * 0.068, (step + 1) * 0.068
        near, far = tall * 0.07 * (1 - low / 0.66), tall * 0.07 * (1 - high / 0.66)
        for side in (-1, 1):
            canvas.line([(x - side * near, ground - tall * low), (x + side * far, ground - tall * high)], steel, 2.5)
    canvas.line([(x, ground - tall * 0.6), (x, ground - tall)], steel, 5)
    for share in (0.42, 0.6):
        canvas.rectangle(x - tall * 0.045, ground - tall * share, tall * 0.09, 9, steel)
    for share in (0.62, 0.8, 1.0):
        canvas.ellipse((x, ground - tall * share), 5, 5, (255, 84, 76))


def _street(canvas: Canvas, ground: float) -> None:
    width, height = canvas.size
    frame = [(0, ground), (width, ground), (width, height), (0, height)]
    bands = [
        (ground, (126, 92, 104)),
        (ground + 14, (76, 68, 90)),
        (height * 0.86, (50, 50, 68)),
        (height, (36, 38, 54)),
    ]
    canvas.banded_polygon(frame, bands)
    canvas.rectangle(0, ground, width, 5, (255, 208, 160), 150)
    for number in range(9):
        x = width * (number / 8 - 0.04)
        stripe = [(x, height * 0.955), (x + width * 0.066, height * 0.955), (x + width * 0.062, height * 0.968),
                  (x - width * 0.006, height * 0.968)]  # fmt: skip
        canvas.polygon(stripe, (236, 222, 204), 150)
