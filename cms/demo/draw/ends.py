"""A car from its front and from its rear."""

from collections.abc import Sequence

from .bodies import Shape
from .canvas import Canvas, Colour, Point, mix, rounded, shade
from .cabin import GLASS_BOTTOM, GLASS_TOP
from .side import PLASTIC
from .wheels import TYRE as RUBBER


class EndView:
    """Front or rear: symmetrical, so that only one half is described. Millimetres from the middle and the ground."""

    def __init__(self, canvas: Canvas, shape: Shape, paint: Colour, *, x: float, ground: float, height: float) -> None:
        self.canvas, self.shape, self.paint = canvas, shape, paint
        self.scale = height / shape.height
        self.x, self.ground = x, ground

    def place(self, x: float, y: float) -> Point:
        return self.x + x * self.scale, self.ground - y * self.scale

    def both(self, half: Sequence[tuple[float, float, float]]) -> list[Point]:
        """A closed shape from its right half, listed from top to bottom."""
        full = [*half, *[(-x, y, radius) for x, y, radius in reversed(half)]]
        return [self.place(x, y) for x, y in rounded(full)]

    def pair(self, points: Sequence[tuple[float, float, float]], colour: Colour, alpha: int = 255) -> None:
        for side in (1, -1):
            self.canvas.polygon([self.place(side * x, y) for x, y in rounded(points)], colour, alpha)

    def draw(self, *, rear: bool) -> None:
        s, half = self.shape, self.shape.width / 2
        self.canvas.soft_shadow(self.place(0, 10), half * 1.1 * self.scale, 130 * self.scale)
        self.pair(
            [
                (half - 30, 0, 40),
                (half - 30, s.wheel * 0.75, 30),
                (half - 270, s.wheel * 0.75, 30),
                (half - 270, 0, 40),
            ],
            RUBBER,
        )
        belt = s.cowl[1] if not rear else s.tail[1]
        self._shell(half, belt)
        self._glass(half, belt)
        if rear:
            self._rear(half, belt)
        else:
            self._front(half)

    def _shell(self, half: float, belt: float) -> None:
        s = self.shape
        top = s.height if not s.open_top else belt + 30
        shell = [
            (half * 0.62, top, 150), (half * 0.74, top - 60, 120), (half * 0.9, belt + 20, 90), (half, belt - 120, 120),
            (half, s.clearance + 250, 120), (half * 0.94, s.clearance + 40, 90),
        ]  # fmt: skip
        self.canvas.gradient_polygon(self.both(shell), mix(self.paint, (255, 255, 255), 0.25), shade(self.paint, 0.66))
        mirror = [
            (half * 0.9, belt + 10, 20),
            (half * 1.17, belt + 40, 50),
            (half * 1.17, belt + 150, 50),
            (half * 0.98, belt + 150, 40),
        ]
        self.pair(mirror, shade(self.paint, 0.8))

    def _glass(self, half: float, belt: float) -> None:
        s = self.shape
        glass = [(half * 0.6, s.height - 90, 110), (half * 0.68, s.height - 130, 60), (half * 0.82, belt + 60, 60)]
        if s.open_top:
            self.canvas.polygon(self.both(glass), GLASS_TOP, 150)
        else:
            self.canvas.gradient_polygon(self.both(glass), GLASS_TOP, GLASS_BOTTOM)
        band = [
            (-half * 0.3, s.height - 100),
            (-half * 0.1, s.height - 100),
            (-half * 0.35, belt + 70),
            (-half * 0.6, belt + 70),
        ]
        self.canvas.polygon([self.place(*point) for point in band], (214, 228, 240), 46)

    def _front(self, half: float) -> None:
        s = self.shape
        lamp = s.nose - 20
        self.pair(
            [
                (half * 0.56, lamp - 50, 30),
                (half * 0.94, lamp + 40, 50),
                (half * 0.97, lamp + 110, 40),
                (half * 0.6, lamp + 60, 50),
            ],
            (236, 243, 250),
        )
        self.pair(
            [
                (half * 0.68, lamp - 5, 20),
                (half * 0.82, lamp + 20, 20),
                (half * 0.82, lamp + 60, 20),
                (half * 0.68, lamp + 40, 20),
            ],
            (116, 150, 196),
        )
        grille = [(half * 0.5, lamp + 70, 60), (half * 0.44, lamp - 190, 90)]
        self.canvas.polygon(self.both(grille), (22, 23, 26))
        for number in range(4):
            y = lamp + 30 - number * 55
            self.canvas.line(
                [self.place(-half * 0.44, y), self.place(half * 0.44, y)], (120, 124, 130), 9 * self.scale, 200
            )
        low = [(half * 0.8, s.clearance + 210, 50), (half * 0.7, s.clearance + 70, 50)]
        self.canvas.polygon(self.both(low), PLASTIC)
        self._plate(s.clearance + 250)
        hood = [self.place(x, s.cowl[1] - 40) for x in (-half * 0.7, half * 0.7)]
        self.canvas.line(hood, shade(self.paint, 0.55), 8 * self.scale, 150)

    def _rear(self, half: float, belt: float) -> None:
        s = self.shape
        lamp = min(belt - 120, s.end)
        self.pair(
            [
                (half * 0.52, lamp - 110, 30),
                (half * 0.98, lamp - 130, 40),
                (half * 0.98, lamp + 40, 50),
                (half * 0.58, lamp + 10, 40),
            ],
            (188, 24, 32),
        )
        self.pair(
            [
                (half * 0.72, lamp - 90, 20),
                (half * 0.94, lamp - 95, 20),
                (half * 0.94, lamp - 50, 20),
                (half * 0.74, lamp - 50, 20),
            ],
            (255, 214, 190),
            220,
        )
        self.canvas.line(
            [self.place(-half * 0.5, lamp - 40), self.place(half * 0.5, lamp - 40)], (176, 180, 186), 16 * self.scale
        )
        low = [(half * 0.86, s.clearance + 200, 50), (half * 0.8, s.clearance + 50, 50)]
        self.canvas.polygon(self.both(low), PLASTIC)
        self.pair(
            [
                (half * 0.5, s.clearance + 90, 16),
                (half * 0.68, s.clearance + 90, 16),
                (half * 0.68, s.clearance + 150, 16),
                (half * 0.5, s.clearance + 150, 16),
            ],
            (150, 154, 160),
        )
        self._plate(lamp - 250)
        seam = [
            self.place(x, y)
            for x, y in (
                (-half * 0.72, belt - 20),
                (-half * 0.66, s.clearance + 330),
                (half * 0.66, s.clearance + 330),
                (half * 0.72, belt - 20),
            )
        ]
        self.canvas.line(seam, shade(self.paint, 0.5), 8 * self.scale, 160)

    def _plate(self, y: float) -> None:
        plate = [(-260, y, 14), (260, y, 14), (260, y + 112, 14), (-260, y + 112, 14)]
        self.canvas.polygon([self.place(*point) for point in rounded(plate)], (246, 247, 248))
        self.canvas.line([self.place(-190, y + 56), self.place(190, y + 56)], (176, 182, 190), 26 * self.scale)
