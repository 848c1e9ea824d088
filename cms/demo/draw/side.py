"""A car from its side."""

import math
from collections.abc import Callable, Sequence

from .bodies import Shape
from .canvas import Canvas, Colour, Point, mix, rounded, shade

GLASS_TOP, GLASS_BOTTOM = (64, 80, 98), (28, 36, 48)
RUBBER, PLASTIC = (26, 27, 30), (44, 46, 50)
RIM = (196, 200, 206)


class SideView:
    """Draws a shape on a canvas; millimetres become pixels here and nowhere else."""

    def __init__(
        self, canvas: Canvas, shape: Shape, paint: Colour, *, x: float, ground: float, width: float, mirrored: bool
    ) -> None:
        self.canvas, self.shape, self.paint = canvas, shape, paint
        self.scale = width / shape.length
        self.place: Callable[[float, float], Point] = lambda mm_x, mm_y: (
            x + (shape.length - mm_x if mirrored else mm_x) * self.scale,
            ground - mm_y * self.scale,
        )

    def draw(self, *, lights_on: bool = True) -> None:
        shape = self.shape
        middle = self.place(shape.length / 2, 20)
        self.canvas.soft_shadow(middle, shape.length * self.scale * 0.5, 150 * self.scale)
        self._bottom()
        self._body()
        self._windows()
        self._lines()
        self._lamps(lights_on)
        for axle in shape.axles:
            self._wheel(axle)

    def _poly(self, points: Sequence[tuple[float, float, float]]) -> list[Point]:
        return [self.place(x, y) for x, y in rounded(points)]

    def _bottom(self) -> None:
        s = self.shape
        self.canvas.polygon(
            self._poly(
                [
                    (120, s.clearance, 30),
                    (s.length - 120, s.clearance, 30),
                    (s.length - 200, s.clearance + 300, 20),
                    (200, s.clearance + 300, 20),
                ]
            ),
            PLASTIC,
        )

    def _outline(self) -> list[tuple[float, float, float]]:
        s = self.shape
        low = s.clearance + 60
        front = [(70, low, 90), (10, s.nose * 0.62, 160), (60, s.nose, 200), (320, s.nose + 90, 260), (*s.cowl, 180)]
        back = [(s.length - 40, s.end, 140), (s.length, s.nose * 0.66, 160), (s.length - 70, low, 90)]
        if s.open_top:
            top: list[tuple[float, float, float]] = [(s.cowl[0] + 200, s.cowl[1] - 20, 60), (s.tail[0], s.tail[1], 260)]
        elif s.bed_from:
            top = [
                (s.roof[0], s.height, 260),
                (s.roof[1], s.height - 10, 160),
                (s.tail[0], s.tail[1] + 60, 60),
                (s.bed_from, s.end, 30),
            ]
        else:
            top = [(s.roof[0], s.height, 420), (s.roof[1], s.height - 25, 420), (s.tail[0], s.tail[1], 160)]
        return [*front, *top, *back]

    def _body(self) -> None:
        light = mix(self.paint, (255, 255, 255), 0.22)
        self.canvas.gradient_polygon(self._poly(self._outline()), light, shade(self.paint, 0.68))
        s = self.shape
        belt = s.cowl[1]
        # The shoulder catches the sky.
        line = [(340, s.nose + 60), (s.cowl[0], belt - 70), (s.tail[0], s.tail[1] - 90), (s.length - 80, s.end - 70)]
        self.canvas.line(
            [self.place(*point) for point in line], mix(self.paint, (255, 255, 255), 0.5), 26 * self.scale, 120
        )
        crease = [(s.axles[0] + s.wheel * 0.55, s.clearance + 330), (s.axles[1] - s.wheel * 0.55, s.clearance + 370)]
        self.canvas.line([self.place(*point) for point in crease], shade(self.paint, 0.55), 14 * self.scale, 150)
        if s.cladding:
            sill = [
                (s.axles[0] + 300, s.clearance + 30),
                (s.axles[1] - 300, s.clearance + 30),
                (s.axles[1] - 330, s.clearance + 170),
                (s.axles[0] + 330, s.clearance + 170),
            ]
            self.canvas.polygon([self.place(*point) for point in sill], PLASTIC)

    def _windows(self) -> None:
        s = self.shape
        belt = s.cowl[1] + 25
        top = s.height - 85
        if s.open_top:
            self._open_cabin(belt)
            return
        front = (s.cowl[0] + 120, belt)
        slope = (s.roof[0] - s.cowl[0]) / (s.height - s.cowl[1])
        front_top = (front[0] + slope * (top - belt), top)
        rear_x = s.tail[0] - 110 if not s.bed_from else s.tail[0] - 130
        rear_slope = (s.tail[0] - s.roof[1]) / (s.height - s.tail[1])
        rear_top = (rear_x - rear_slope * (top - belt) * 0.92, top)
        if s.blind_from:
            rear_x = rear_top_x = s.blind_from
            rear_top = (rear_top_x, top)
        glass = [(*front, 40), (*front_top, 90), (*rear_top, 110), (rear_x, belt + 40, 70)]
        self.canvas.gradient_polygon(self._poly(glass), GLASS_TOP, GLASS_BOTTOM)
        self._reflections(front, front_top, rear_top, belt)
        for pillar in self._pillars(front_top[0], rear_top[0]):
            strip = [(pillar - 34, belt - 4), (pillar + 34, belt - 4), (pillar + 26, top + 8), (pillar - 26, top + 8)]
            self.canvas.polygon([self.place(*point) for point in strip], RUBBER)

    def _pillars(self, start: float, end: float) -> list[float]:
        s = self.shape
        if s.doors == 2 and not s.blind_from and s.length < 5000:
            return [start + (end - start) * 0.72]
        if s.blind_from:
            return [s.cowl[0] + 620]
        count = max(2, round((end - start) / 1000) + 1) if s.length > 4750 and s.roof[1] - s.roof[0] > 2000 else 2
        return [start + (end - start) * (number + (0.45 if count == 2 else 0.3)) / count for number in range(count)]

    def _reflections(self, front: Point, front_top: Point, rear_top: Point, belt: float) -> None:
        top = front_top[1]
        for share, wide in ((0.12, 150), (0.42, 90)):
            x = front_top[0] + (rear_top[0] - front_top[0]) * share
            band = [(x, top - 10), (x + wide, top - 10), (x + wide - 230, belt + 20), (x - 230, belt + 20)]
            self.canvas.polygon([self.place(max(px, front[0] + 40), py) for px, py in band], (214, 228, 240), 46)

    def _open_cabin(self, belt: float) -> None:
        s = self.shape
        screen = [
            (s.cowl[0] + 80, belt, 10),
            (s.roof[0], s.height, 40),
            (s.roof[0] + 50, s.height, 20),
            (s.cowl[0] + 330, belt, 10),
        ]
        self.canvas.polygon(self._poly(screen), GLASS_TOP, 170)
        for x in (s.roof[0] + 380, s.roof[0] + 900):
            seat = [(x, belt - 60, 20), (x + 40, belt + 230, 90), (x + 230, belt + 240, 90), (x + 260, belt - 60, 20)]
            self.canvas.polygon(self._poly(seat), (120, 74, 48))

    def _lines(self) -> None:
        s = self.shape
        dark = shade(self.paint, 0.45)
        low, belt = s.clearance + 150, s.cowl[1]
        front = s.axles[0] + s.wheel * 0.72
        rear = s.axles[1] - s.wheel * 0.3
        doors = [front, front + (rear - front) * (0.5 if s.doors == 4 else 0.72)]
        if s.doors == 4:
            doors.append(rear)
        for number, x in enumerate(doors):
            self.canvas.line(
                [self.place(x, belt), self.place(x - (0 if number else 60), low)], dark, 7 * self.scale, 170
            )
        for x in doors[1:]:
            handle = [
                (x - 260, belt - 130, 16),
                (x - 90, belt - 125, 16),
                (x - 90, belt - 160, 16),
                (x - 260, belt - 165, 16),
            ]
            self.canvas.polygon(self._poly(handle), shade(self.paint, 0.5))
        mirror = [
            (s.cowl[0] + 250, belt + 20, 30),
            (s.cowl[0] + 230, belt + 130, 50),
            (s.cowl[0] + 400, belt + 120, 40),
            (s.cowl[0] + 400, belt + 20, 30),
        ]
        self.canvas.polygon(self._poly(mirror), shade(self.paint, 0.8))

    def _lamps(self, lights_on: bool) -> None:
        s = self.shape
        head = [(40, s.nose - 70, 30), (90, s.nose + 10, 40), (400, s.nose + 60, 60), (330, s.nose - 60, 50)]
        self.canvas.polygon(self._poly(head), (236, 242, 248) if lights_on else (190, 198, 206))
        self.canvas.ellipse(self.place(170, s.nose - 15), 46 * self.scale, 40 * self.scale, (120, 150, 190))
        tail = [
            (s.length - 300, s.end - 60, 30),
            (s.length - 45, s.end - 40, 50),
            (s.length - 15, s.end - 200, 50),
            (s.length - 200, s.end - 190, 50),
        ]
        self.canvas.polygon(self._poly(tail), (190, 26, 34))
        fog = [(60, s.clearance + 170, 30), (280, s.clearance + 190, 40), (240, s.clearance + 100, 30)]
        self.canvas.polygon(self._poly(fog), PLASTIC)

    def _wheel(self, axle: int) -> None:
        s = self.shape
        radius = s.wheel / 2
        centre = self.place(axle, radius)
        arch = radius * 1.16 * self.scale
        self.canvas.ellipse(
            (centre[0], centre[1] - 8 * self.scale), arch, arch, PLASTIC if s.cladding else shade(self.paint, 0.3)
        )
        wheel(self.canvas, centre, radius * self.scale, spokes=5 if s.length % 3 else 7)


def wheel(canvas: Canvas, centre: Point, radius: float, *, spokes: int) -> None:
    """Tyre, disc, rim and spokes."""
    canvas.ellipse(centre, radius, radius, RUBBER)
    canvas.ellipse(centre, radius * 0.72, radius * 0.72, (70, 73, 78))
    canvas.ellipse(centre, radius * 0.44, radius * 0.44, (120, 124, 130))
    canvas.ellipse(centre, radius * 0.4, radius * 0.4, (70, 73, 78))
    for number in range(spokes):
        angle = 2 * math.pi * number / spokes - math.pi / 2
        tip = (centre[0] + math.cos(angle) * radius * 0.7, centre[1] + math.sin(angle) * radius * 0.7)
        canvas.line([centre, tip], RIM, radius * 0.14)
    for share, colour in ((0.74, RIM), (0.2, RIM), (0.09, (90, 94, 100))):
        if share == 0.74:
            points = [
                (
                    centre[0] + math.cos(a / 30 * math.pi) * radius * share,
                    centre[1] + math.sin(a / 30 * math.pi) * radius * share,
                )
                for a in range(61)
            ]
            canvas.line(points, colour, radius * 0.06)
        else:
            canvas.ellipse(centre, radius * share, radius * share, colour)
