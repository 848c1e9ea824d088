"""The driver's place: what is seen over the steering wheel."""

import random
from collections.abc import Sequence

from .canvas import Canvas, Colour, Point, arc, mix, rounded, shade

LEATHERS: tuple[Colour, ...] = ((52, 54, 60), (112, 74, 52), (78, 82, 90), (168, 148, 122), (96, 36, 40))
METAL, SCREEN, GLOW = (190, 195, 202), (13, 16, 22), (92, 190, 255)
DARK = (27, 29, 33)

Corner = tuple[float, float, float]


class Interior:
    """Drawn on a sheet of 1600 by 1200, whatever the picture's size."""

    def __init__(self, canvas: Canvas, paint: Colour, dice: random.Random) -> None:
        self.canvas, self.paint, self.dice = canvas, paint, dice
        self.leather = dice.choice(LEATHERS)
        self.scale = canvas.size[1] / 1200
        self.left = (canvas.size[0] - 1600 * self.scale) / 2

    def draw(self) -> None:
        self._windscreen()
        self._dashboard()
        self._vents()
        self._dials()
        self._screen()
        self._console()
        self._steering_wheel((470, 900), 300)

    def spot(self, x: float, y: float) -> Point:
        return self.left + x * self.scale, y * self.scale

    def shape(self, corners: Sequence[Corner], top: Colour, bottom: Colour | None = None) -> list[Point]:
        points = [self.spot(x, y) for x, y in rounded(corners)]
        self.canvas.gradient_polygon(points, top, bottom or top)
        return points

    def box(self, x: float, y: float, width: float, height: float, radius: float, top: Colour, bottom: Colour) -> None:
        right, low = x + width, y + height
        self.shape([(x, y, radius), (right, y, radius), (right, low, radius), (x, low, radius)], top, bottom)

    def stroke(self, points: Sequence[Point], colour: Colour, width: float, alpha: int = 255) -> None:
        self.canvas.line([self.spot(*point) for point in points], colour, width * self.scale, alpha)

    def ring(self, centre: Point, radius: float, colour: Colour, alpha: int = 255) -> None:
        self.canvas.ellipse(self.spot(*centre), radius * self.scale, radius * self.scale, colour, alpha)

    def _windscreen(self) -> None:
        """The bonnet outside, the pillars, the ceiling and the mirror."""
        bonnet = [(-60, 640, 10), (180, 545, 200), (1200, 535, 300), (1660, 640, 10), (1660, 800, 10), (-60, 800, 10)]
        self.shape(bonnet, mix(self.paint, (255, 255, 255), 0.3), shade(self.paint, 0.6))
        lining = mix(self.leather, (214, 208, 200), 0.6)
        self.shape([(-60, -20, 10), (1660, -20, 10), (1660, 60, 10), (800, 105, 500), (-60, 60, 10)], lining)
        for side in (0, 1600):
            turn = 1 if not side else -1
            pillar = [(side - turn * 40, 40), (side + turn * 62, 60), (side - turn * 10, 620), (side - turn * 60, 620)]
            self.canvas.polygon([self.spot(*corner) for corner in pillar], shade(lining, 0.72))
        self.box(770, 90, 26, 70, 6, DARK, DARK)
        self.box(640, 140, 290, 84, 34, DARK, DARK)
        self.box(652, 150, 266, 64, 26, (128, 146, 166), (186, 198, 210))
        for shift, wide in ((0, 120), (150, 40)):
            band = [(360 + shift, 90), (360 + shift + wide, 90), (120 + shift + wide, 560), (120 + shift, 560)]
            self.canvas.polygon([self.spot(*corner) for corner in band], (255, 255, 255), 22)

    def _dashboard(self) -> None:
        upper = [(-60, 640, 10), (160, 585, 160), (640, 570, 200), (1150, 600, 200), (1660, 640, 10), (1660, 1240, 10),
                 (-60, 1240, 10)]  # fmt: skip
        self.shape(upper, (58, 61, 67), (20, 21, 24))
        middle = [(-60, 745, 10), (700, 735, 200), (1660, 745, 10), (1660, 900, 10), (-60, 900, 10)]
        self.shape(middle, self.leather, shade(self.leather, 0.66))
        self.stroke([(-40, 757), (1640, 757)], mix(self.leather, (255, 255, 255), 0.45), 3, 200)
        self.stroke([(-40, 842), (1640, 842)], METAL, 9)
        self.stroke([(-40, 849), (1640, 849)], mix(self.paint, DARK, 0.2), 7)
        self.shape([(1130, 900, 20), (1640, 900, 20), (1640, 1090, 20), (1150, 1090, 40)], (42, 44, 49), (26, 27, 31))
        self.stroke([(1340, 925), (1440, 925)], METAL, 9)

    def _vents(self) -> None:
        for x in (30, 1130, 1400):
            self.box(x, 772, 170, 56, 18, METAL, shade(METAL, 0.6))
            self.box(x + 6, 778, 158, 44, 14, (14, 15, 17), (26, 27, 30))
            for number in range(3):
                self.stroke([(x + 16, 789 + number * 11), (x + 154, 789 + number * 11)], (64, 67, 73), 4)

    def _dials(self) -> None:
        hood = [(190, 760, 30), (215, 600, 90), (470, 560, 200), (725, 600, 90), (750, 760, 30)]
        self.shape(hood, (44, 46, 51), (22, 23, 26))
        self.box(232, 612, 476, 150, 50, (10, 11, 14), SCREEN)
        for x, turn in ((335, self.dice.uniform(150, 240)), (605, self.dice.uniform(160, 300))):
            centre = self.spot(x, 702)
            self.canvas.line(arc(centre, 74 * self.scale, 150, 390), (70, 78, 90), 5 * self.scale)
            self.canvas.line(arc(centre, 74 * self.scale, 150, turn), GLOW, 7 * self.scale)
            for degrees in range(150, 391, 30):
                mark = [arc(centre, r * self.scale, degrees, degrees)[0] for r in (56, 66)]
                self.canvas.line(mark, (220, 226, 234), 3 * self.scale)
            self.canvas.line([centre, arc(centre, 60 * self.scale, turn, turn)[0]], (240, 76, 62), 5 * self.scale)
            self.ring((x, 702), 11, (60, 64, 72))
        for row, wide in ((660, 70), (690, 50), (720, 62)):
            self.stroke([(470 - wide / 2, row), (470 + wide / 2, row)], GLOW, 7, 160)

    def _screen(self) -> None:
        """A map with the road ahead."""
        self.box(800, 560, 420, 268, 26, (70, 73, 79), (18, 19, 22))
        frame = self.shape(
            [(812, 572, 18), (1208, 572, 18), (1208, 800, 18), (812, 800, 18)], (26, 42, 60), (18, 27, 40)
        )
        for street in ([(800, 640), (1220, 610)], [(860, 560), (930, 810)], [(800, 740), (1220, 770)],
                       [(1130, 560), (1090, 810)]):  # fmt: skip
            (ax, ay), (bx, by) = street
            thick = 7 if abs(bx - ax) > abs(by - ay) else 0
            lane = [(ax, ay), (bx, by), (bx + 7 - thick, by + thick), (ax + 7 - thick, ay + thick)]
            self.canvas.overlay([self.spot(*corner) for corner in lane], frame, (64, 88, 114), 255)
        self.stroke([(905, 796), (890, 745), (1100, 758), (1112, 690), (1124, 618)], GLOW, 12)
        self.ring((1124, 618), 17, (255, 255, 255))
        self.ring((1124, 618), 11, (240, 76, 62))
        self.box(828, 588, 120, 30, 14, (40, 62, 86), (40, 62, 86))
        for number in range(4):
            self.ring((880 + number * 86, 814), 5, METAL)

    def _console(self) -> None:
        for number, x in enumerate((880, 1010, 1140)):
            self.ring((x, 890), 38, (16, 17, 20))
            self.ring((x, 890), 33, METAL)
            self.ring((x, 890), 25, (52, 55, 61))
            end = arc((x, 890), 24, 200 + number * 60, 201)[0]
            self.stroke([(x, 890), end], (250, 250, 250), 4)
        tunnel = [(850, 960, 50), (1120, 960, 50), (1190, 1260, 10), (790, 1260, 10)]
        self.shape(tunnel, (38, 40, 45), (18, 19, 22))
        self.box(900, 990, 180, 190, 40, METAL, shade(METAL, 0.5))
        self.box(906, 996, 168, 178, 36, DARK, (16, 17, 19))
        self.stroke([(990, 1150), (990, 1060)], METAL, 22)
        self.box(952, 985, 76, 92, 34, shade(self.leather, 1.1), shade(self.leather, 0.5))

    def _steering_wheel(self, centre: Point, radius: float) -> None:
        x, y = centre
        place, unit = self.spot(x, y), self.scale
        for side in (1, -1):
            bar = [(x, y - 46, 10), (x + side * radius, y - 34, 10), (x + side * radius, y + 40, 10), (x, y + 56, 10)]
            self.shape(bar, (58, 60, 66), (34, 36, 40))
            for number in range(2):
                self.box(x + side * 172 - 34, y - 24 + number * 30, 68, 20, 9, (84, 88, 95), (60, 63, 69))
        self.shape([(x - 46, y, 10), (x + 46, y, 10), (x + 34, y + radius, 10), (x - 34, y + radius, 10)], METAL, DARK)
        rim = arc(place, radius * unit, 0, 360)
        self.canvas.line([*rim, rim[1]], (16, 17, 19), 58 * unit)
        self.canvas.line([*rim, rim[1]], shade(self.leather, 0.62), 46 * unit)
        self.canvas.line(arc(place, (radius + 10) * unit, 190, 350), mix(self.leather, (255, 255, 255), 0.28), 8 * unit)
        stitches = arc(place, (radius - 19) * unit, 0, 360)
        self.canvas.line([*stitches, stitches[1]], mix(self.leather, (255, 255, 255), 0.4), 2.5 * unit, 150)
        pad = [(x - 118, y - 84, 70), (x + 118, y - 84, 70), (x + 92, y + 92, 70), (x - 92, y + 92, 70)]
        self.shape(pad, (66, 69, 75), (32, 34, 38))
        self.canvas.ellipse(place, 44 * unit, 34 * unit, METAL)
        self.canvas.ellipse(place, 33 * unit, 24 * unit, (40, 43, 49))
