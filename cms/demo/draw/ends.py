"""A car from its front and from its rear."""

from collections.abc import Sequence

from .bodies import Shape
from .cabin import CHROME, GLASS_BOTTOM, GLASS_TOP, PILLAR, SKY
from .canvas import Canvas, Colour, Point, mix, rounded, shade
from .side import PLASTIC, WHITE
from .wheels import TYRE

Corner = tuple[float, float, float]


class EndView:
    """Front or rear: symmetrical, so that only one half is described.

    Shapes are corners (across, up, radius): across in halves of the car's width, up and radius in millimetres.
    """

    def __init__(self, canvas: Canvas, shape: Shape, paint: Colour, *, x: float, ground: float, height: float) -> None:
        self.canvas, self.shape, self.paint = canvas, shape, paint
        self.scale = height / shape.height
        self.x, self.ground, self.half = x, ground, shape.width / 2
        self.roof = 0.84 if shape.height > 2000 else 0.71 if shape.height > 1600 else 0.64
        self.dark = shade(paint, 0.34)

    def place(self, across: float, up: float) -> Point:
        return self.x + across * self.half * self.scale, self.ground - up * self.scale

    def both(self, half: Sequence[Corner]) -> list[Point]:
        """A closed shape from its right half, listed from top to bottom."""
        return self._outline([*half, *[(-x, y, radius) for x, y, radius in reversed(half)]])

    def _outline(self, corners: Sequence[Corner]) -> list[Point]:
        # Rounded in millimetres: a radius is the same across and up.
        return [self.place(x / self.half, y) for x, y in rounded([(x * self.half, y, r) for x, y, r in corners])]

    def pair(self, corners: Sequence[Corner], top: Colour, bottom: Colour | None = None) -> None:
        for side in (1, -1):
            points = self._outline([(side * x, y, r) for x, y, r in corners])
            self.canvas.gradient_polygon(points, top, bottom or top)

    def stroke(self, points: Sequence[Point], colour: Colour, mm: float, alpha: int = 255) -> None:
        self.canvas.line([self.place(*point) for point in points], colour, mm * self.scale, alpha)

    def mirrored_stroke(self, points: Sequence[Point], colour: Colour, mm: float, alpha: int = 255) -> None:
        for side in (1, -1):
            self.stroke([(side * x, y) for x, y in points], colour, mm, alpha)

    def draw(self, *, rear: bool) -> None:
        s, reach = self.shape, self.half * self.scale
        self.canvas.soft_shadow(self.place(0, 0), reach * 1.25, 150 * self.scale, 90)
        self.canvas.soft_shadow(self.place(0, 10), reach * 1.05, 80 * self.scale, 130)
        belt = (s.tail[1] if not s.bed_from else s.end) + 10 if rear else s.cowl[1]
        tread = s.wheel * 0.7
        self.pair([(0.97, 0, 60), (0.97, tread, 40), (0.7, tread, 40), (0.7, 0, 60)], TYRE)
        self.pair([(0.79, 0, 10), (0.79, tread, 10), (0.77, tread, 10), (0.77, 0, 10)], (12, 12, 14))
        self.canvas.polygon(self.both([(0.82, s.clearance + 200, 20), (0.72, s.clearance - 30, 40)]), (24, 25, 28))
        if s.open_top:
            self._open_cabin(belt)
        self._shell(belt)
        if not s.open_top:
            self._glass(belt, rear=rear)
        self._mirrors()
        if rear:
            self._rear(belt)
        else:
            self._front(belt)

    def _shell(self, belt: float) -> None:
        s, paint, roof = self.shape, self.paint, self.roof
        top = belt + 40 if s.open_top else s.height
        upper = [(0.84, top, 160)] if s.open_top else [(roof - 0.06, top, 190), (roof, top - 90, 150)]
        sides: list[Corner] = [
            (0.9, belt + 10, 110), (0.985, belt - 90, 150), (1.0, s.wheel + 60, 120), (0.99, s.clearance + 180, 120),
            (0.9, s.clearance + 20, 90),
        ]  # fmt: skip
        body = self.both([*upper, *sides])
        marks = (top, belt + 40, belt - 60, belt - 150, s.clearance + 330, s.clearance)
        tones = (
            mix(paint, WHITE, 0.36), mix(paint, WHITE, 0.14), mix(paint, WHITE, 0.34), mix(paint, WHITE, 0.06),
            shade(paint, 0.8), shade(paint, 0.5),
        )  # fmt: skip
        self.canvas.banded_polygon(body, [(self.place(0, y)[1], tone) for y, tone in zip(marks, tones, strict=True)])
        for side in (1, -1):
            for inner in (0.86, 0.92):
                edge = [(side * inner, 0), (side * (inner - 0.02), belt), (side * 1.2, belt), (side * 1.2, 0)]
                self.canvas.overlay([self.place(*spot) for spot in edge], body, (0, 0, 0), 18)
        apron = [(-1.2, 0), (1.2, 0), (1.2, s.clearance + 110), (-1.2, s.clearance + 110)]
        self.canvas.overlay([self.place(*spot) for spot in apron], body, PLASTIC, 255 if s.cladding else 225)
        if s.rails:
            self.pair([(roof - 0.1, top + 34, 14), (roof - 0.04, top + 30, 14), (roof - 0.02, top - 40, 10),
                       (roof - 0.09, top - 10, 10)], (70, 73, 79))  # fmt: skip

    def _glass(self, belt: float, *, rear: bool) -> None:
        s, roof = self.shape, self.roof
        low = belt + (30 if not rear else 70)
        wide = min(roof + 0.16, 0.87) if not rear else min(roof + 0.12, 0.84)
        glass = self.both([(roof - 0.08, s.height - 75, 130), (wide, low, 90)])
        if rear and s.blind_from:
            # A van's rear doors have small panes.
            self.pair([(0.1, s.height - 230, 60), (roof - 0.14, s.height - 230, 60), (roof - 0.08, low + 60, 60),
                       (0.1, low + 60, 60)], GLASS_TOP, GLASS_BOTTOM)  # fmt: skip
            return
        self.canvas.gradient_polygon(glass, GLASS_TOP, GLASS_BOTTOM)
        for left, width in ((-0.34, 0.2), (-0.08, 0.06), (0.42, 0.12)):
            top = [(left, s.height), (left + width, s.height)]
            band = [*top, (left + width - 0.3, low), (left - 0.3, low)]
            self.canvas.overlay([self.place(*spot) for spot in band], glass, SKY, 44)
        self.canvas.line([*glass, glass[0]], PILLAR, 18 * self.scale)
        if rear:
            self.stroke([(-0.2, s.height - 90), (0.2, s.height - 90)], (214, 40, 44), 22)
            self.stroke([(0, low + 26), (0.36, low + 70)], PILLAR, 20)
        else:
            self.stroke([(-0.55, low + 22), (0.02, low + 40)], PILLAR, 20)
            self.stroke([(0.04, low + 22), (0.6, low + 44)], PILLAR, 20)
            self.pair([(0, s.height - 150, 20), (0.09, s.height - 150, 20), (0.09, s.height - 205, 24),
                       (0, s.height - 205, 20)], PILLAR)  # fmt: skip

    def _open_cabin(self, belt: float) -> None:
        s = self.shape
        for low, high, inner, outer in ((belt - 40, 190, 0.14, 0.62), (belt + 150, 130, 0.26, 0.5)):
            seat = [(inner, low, 20), (inner + 0.03, low + high, 60), (outer - 0.03, low + high, 60), (outer, low, 20)]
            self.pair(seat, (164, 106, 68), (104, 64, 42))
        screen = self.both([(0.68, s.height, 110), (0.86, belt, 40)])
        self.canvas.overlay(screen, screen, (150, 176, 196), 120)
        self.canvas.line([*screen, screen[0]], PILLAR, 34 * self.scale)

    def _mirrors(self) -> None:
        s = self.shape
        y = s.belt
        self.pair([(0.86, y + 10, 10), (0.88, y + 60, 10), (1.0, y + 60, 10), (0.98, y + 20, 10)], PLASTIC)
        cap = [(0.95, y + 5, 40), (0.94, y + 150, 60), (1.13, y + 140, 70), (1.15, y + 30, 60)]
        self.pair(cap, mix(self.paint, WHITE, 0.3), shade(self.paint, 0.6))

    def _front(self, belt: float) -> None:
        s = self.shape
        nose, low = s.nose, s.clearance
        self.mirrored_stroke([(0.8, belt + 10), (0.62, nose + 60), (0.5, nose + 30)], self.dark, 9, 130)
        self.mirrored_stroke([(0.42, belt - 30), (0.36, nose + 50)], WHITE, 12, 70)
        self.stroke([(-0.52, nose + 42), (0.52, nose + 42)], self.dark, 10, 170)
        lamp = [(0.52, nose - 70, 40), (0.5, nose + 15, 40), (0.93, nose + 80, 60), (0.965, nose - 20, 60)]
        self.pair(lamp, (28, 31, 37))
        self.pair([(0.55, nose - 54, 30), (0.54, nose + 4, 30), (0.91, nose + 60, 50), (0.93, nose - 16, 50)],
                  (208, 222, 236), (116, 134, 154))  # fmt: skip
        for side in (1, -1):
            for x, lift in ((0.64, -18), (0.8, 4)):
                spot = self.place(side * x, nose + lift)
                self.canvas.ellipse(spot, 40 * self.scale, 40 * self.scale, (60, 70, 84))
                self.canvas.ellipse(spot, 27 * self.scale, 27 * self.scale, (246, 250, 255))
        self.mirrored_stroke([(0.56, nose - 46), (0.92, nose - 8)], WHITE, 16)
        self.canvas.polygon(self.both([(0.49, nose + 28, 50), (0.43, nose - 195, 90)]), CHROME)
        grille = self.both([(0.465, nose + 12, 45), (0.41, nose - 178, 80)])
        self.canvas.polygon(grille, (17, 18, 21))
        for number in range(5):
            y = nose - 20 - number * 34
            self.canvas.overlay(
                [self.place(-1, y), self.place(1, y), self.place(1, y - 10), self.place(-1, y - 10)],
                grille, (104, 109, 117), 220,
            )  # fmt: skip
        self.canvas.ellipse(self.place(0, nose - 70), 62 * self.scale, 50 * self.scale, CHROME)
        self.canvas.ellipse(self.place(0, nose - 70), 46 * self.scale, 36 * self.scale, (34, 37, 43))
        intake = [(0.5, low + 175, 40), (0.56, low + 60, 40)]
        self.canvas.polygon(self.both(intake), (17, 18, 21))
        fog = [(0.68, low + 110, 30), (0.66, low + 210, 40), (0.93, low + 260, 60), (0.95, low + 130, 60)]
        self.pair(fog, (22, 24, 27))
        self.mirrored_stroke([(0.74, low + 165), (0.88, low + 190)], (226, 234, 242), 20)
        self._plate(min(low + 190, nose - 330))

    def _rear(self, belt: float) -> None:
        s = self.shape
        low, tall = s.clearance, s.height > 1700
        lamp = s.end - 10 if not tall or s.bed_from else s.end + 110
        inner, deep = (0.8, 330) if tall else (0.5, 150)
        if s.height > 2000:
            self.stroke([(0, s.height - 60), (0, low + 190)], self.dark, 14, 210)
        seam = [(0.74, belt + 10), (0.78, lamp - deep), (0.7, low + 260)]
        self.stroke([*seam, *[(-x, y) for x, y in reversed(seam)]], self.dark, 10, 170)
        if s.open_top or s.tail[1] - s.end < 80:
            self.stroke([(-0.74, belt - 8), (0.74, belt - 8)], WHITE, 10, 90)
        lens = [(inner, lamp - deep + 24, 40), (inner, lamp - 8, 40), (0.955, lamp + 6, 60), (0.985, lamp - deep, 60)]
        self.pair(lens, (74, 10, 16))
        glow = [(inner + 0.02, lamp - deep + 42, 30), (inner + 0.02, lamp - 22, 30), (0.945, lamp - 10, 50),
                (0.97, lamp - deep + 16, 50)]  # fmt: skip
        self.pair(glow, (230, 56, 58), (150, 16, 26))
        bar = [(inner + 0.04, lamp - deep * 0.56), (0.94, lamp - deep * 0.52)]
        self.mirrored_stroke(bar, (255, 196, 190), 15, 230)
        if not tall:
            self.stroke([(-inner, lamp - deep * 0.45), (inner, lamp - deep * 0.45)], CHROME, 14)
        plate = min(lamp - 220, belt - 290) if not tall else lamp - 310
        recess = [(0.36, plate + 150, 40), (0.4, plate - 30, 50)]
        self.canvas.polygon(self.both(recess), shade(self.paint, 0.62))
        self._plate(plate)
        self.stroke([(-0.96, low + 270), (0.96, low + 270)], self.dark, 10, 150)
        self.mirrored_stroke([(0.74, low + 165), (0.9, low + 172)], (190, 30, 36), 30)
        pipe = [(0.5, low + 20, 20), (0.5, low + 80, 20), (0.68, low + 80, 20), (0.68, low + 20, 20)]
        self.pair(pipe, CHROME, (96, 100, 108))

    def _plate(self, y: float) -> None:
        edge = 260 / self.half
        self.canvas.polygon(self.both([(edge + 0.012, y + 122, 16), (edge + 0.012, y - 10, 16)]), (34, 36, 41))
        self.canvas.polygon(self.both([(edge, y + 112, 12), (edge, y, 12)]), (247, 248, 249))
