"""Where the car stands: a few places, varied by the seed."""

import random

from .canvas import Canvas, Colour, mix, shade

HORIZON = 0.62
"""Share of the height at which the ground begins."""


def scene(name: str, size: tuple[int, int], dice: random.Random) -> Canvas:
    return SCENES[name](size, dice)


def _ground(canvas: Canvas, far: Colour, near: Colour) -> None:
    width, height = canvas.size
    horizon = height * HORIZON
    canvas.gradient_polygon([(0, horizon), (width, horizon), (width, height), (0, height)], far, near)


def _studio(size: tuple[int, int], dice: random.Random) -> Canvas:
    tone = dice.choice([(226, 229, 233), (214, 220, 228), (232, 226, 218)])
    canvas = Canvas(size, shade(tone, 0.86), tone)
    _ground(canvas, shade(tone, 0.9), shade(tone, 1.35))
    canvas.rectangle(0, size[1] * HORIZON - 1, size[0], 2, shade(tone, 0.82), 120)
    for number in range(3):
        x = size[0] * (0.18 + 0.28 * number)
        canvas.rectangle(x, size[1] * 0.07, size[0] * 0.16, size[1] * 0.018, (255, 255, 255), 190)
    return canvas


def _city(size: tuple[int, int], dice: random.Random) -> Canvas:
    top, low = dice.choice(
        [((112, 150, 196), (222, 230, 238)), ((58, 72, 116), (240, 176, 134)), ((140, 168, 190), (238, 234, 226))]
    )
    canvas = Canvas(size, top, low)
    width, height = size
    for depth, share in ((0.35, 0.30), (0.6, 0.22)):
        x = -dice.randint(0, 40)
        while x < width:
            house, tall = dice.randint(50, 130), height * share * dice.uniform(0.5, 1)
            colour = mix(low, shade(top, 0.55), depth)
            canvas.rectangle(x, height * HORIZON - tall, house, tall + 2, colour)
            for row in range(int(tall // 26)):
                for column in range(house // 22):
                    if dice.random() < 0.45:
                        light = shade(colour, 1.35)
                        canvas.rectangle(
                            x + 8 + column * 22, height * HORIZON - tall + 10 + row * 26, 10, 13, light, 160
                        )
            x += house + dice.randint(4, 26)
    _ground(canvas, (120, 124, 130), (84, 88, 94))
    for number in range(7):
        canvas.rectangle(number * width / 6 - 60, height * 0.93, width / 12, 7, (232, 232, 228), 150)
    return canvas


def _forest(size: tuple[int, int], dice: random.Random) -> Canvas:
    canvas = Canvas(size, (146, 186, 214), (228, 236, 230))
    width, height = size
    for depth, colour in ((1.0, (120, 156, 132)), (0.8, (74, 116, 84)), (0.62, (44, 84, 58))):
        x = -30.0
        while x < width + 30:
            tall = height * 0.34 * depth * dice.uniform(0.7, 1.1)
            half = tall * dice.uniform(0.16, 0.24)
            base = height * HORIZON + 4
            for level in range(3):
                top = base - tall * (1 - level * 0.24)
                spread = half * (0.5 + level * 0.28)
                canvas.polygon([(x, top), (x - spread, top + tall * 0.5), (x + spread, top + tall * 0.5)], colour)
            x += half * dice.uniform(0.8, 1.5)
    _ground(canvas, (126, 134, 108), (92, 98, 84))
    return canvas


def _field(size: tuple[int, int], dice: random.Random) -> Canvas:
    canvas = Canvas(size, (84, 92, 150), (250, 190, 120))
    width, height = size
    sun = (width * dice.uniform(0.15, 0.85), height * HORIZON - height * 0.1)
    for radius, alpha in ((0.2, 40), (0.14, 60), (0.075, 255)):
        canvas.ellipse(sun, height * radius, height * radius, (255, 226, 160), alpha)
    for level, colour in enumerate([(150, 118, 120), (112, 98, 84)]):
        base = height * (HORIZON - 0.07 + level * 0.04)
        hills = [(x, base + height * 0.025 * dice.uniform(-1, 1)) for x in range(0, width + 160, 160)]
        canvas.polygon([*hills, (width, height), (0, height)], colour)
    _ground(canvas, (128, 106, 78), (96, 84, 70))
    return canvas


def _winter(size: tuple[int, int], dice: random.Random) -> Canvas:
    canvas = Canvas(size, (150, 176, 204), (228, 236, 244))
    width, height = size
    x = 0.0
    while x < width:
        tall = height * dice.uniform(0.12, 0.3)
        canvas.rectangle(x, height * HORIZON - tall, 5, tall + 4, (96, 100, 110))
        for number in range(6):
            y, reach = height * HORIZON - tall * (0.35 + number * 0.1), tall * 0.3 * (1 - number * 0.12)
            side = 1 if number % 2 else -1
            canvas.line([(x + 2, y), (x + 2 + side * reach, y - reach * 0.7)], (104, 108, 118), 2.5)
        x += dice.uniform(40, 120)
    _ground(canvas, (232, 238, 244), (206, 216, 226))
    for _ in range(60):
        canvas.ellipse((dice.uniform(0, width), dice.uniform(0, height * 0.9)), 3, 3, (255, 255, 255), 190)
    return canvas


SCENES = {"studio": _studio, "city": _city, "forest": _forest, "field": _field, "winter": _winter}
