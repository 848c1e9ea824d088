"""A car from its side."""

import math
from collections.abc import Callable, Sequence

from .bodies import Shape
from .cabin import CHROME, draw_open_cabin, draw_windows
from .canvas import Canvas, Colour, Point, arc, mix, rounded, shade
from .wheels import wheel

PLASTIC, OPENING, WHITE = (46, 48, 53), (13, 14, 16), (255, 255, 255)

Corner = tuple[float, float, float]


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

    def draw(self) -> None:
        shape = self.shape
        length = shape.length * self.scale
        self.canvas.soft_shadow(self.place(shape.length / 2, 10), length * 0.52, 150 * self.scale, 90)
        self.canvas.soft_shadow(self.place(shape.length / 2, 10), length * 0.45, 90 * self.scale, 120)
        if shape.open_top:
            draw_open_cabin(self)
        self._underside()
        self._body()
        if not shape.open_top:
            draw_windows(self)
        self._rails()
        self._gaps()
        self._handles()
        self._lamps()
        for axle in shape.axles:
            self._wheel(axle)
        self._mirror()

    def poly(self, points: Sequence[Corner]) -> list[Point]:
        return [self.place(x, y) for x, y in rounded(points)]

    def stroke(self, points: Sequence[Point], colour: Colour, mm: float, alpha: int = 255) -> None:
        self.canvas.line([self.place(*point) for point in points], colour, mm * self.scale, alpha)

    def _underside(self) -> None:
        s = self.shape
        low, high = s.clearance - 15, s.clearance + 300
        box = [(150, low, 40), (s.length - 150, low, 40), (s.length - 220, high, 20), (220, high, 20)]
        self.canvas.polygon(self.poly(box), (28, 29, 32))

    def outline(self) -> list[Corner]:
        """The paint's edge, from the front bumper over the roof to the rear one."""
        s = self.shape
        low = s.clearance + 40
        front = [
            (110, low, 70), (20, low + 130, 90), (15, s.nose * 0.66, 150), (75, s.nose - 10, 150),
            (360, s.nose + 85, 300), (*s.cowl, 160),
        ]  # fmt: skip
        back = [(s.length - 45, s.end, 130), (s.length - 5, s.nose * 0.66, 150), (s.length - 30, low + 130, 90)]
        if s.open_top:
            top: list[Corner] = [(s.cowl[0] + 260, s.belt - 25, 80), (s.tail[0], s.tail[1], 260)]
        elif s.bed_from:
            top = [
                (s.roof[0], s.height, 300), (s.roof[1], s.height - 12, 190),
                (s.tail[0], s.tail[1] + 20, 60), (s.bed_from, s.end, 30),
            ]  # fmt: skip
        else:
            top = [(s.roof[0], s.height, 460), (s.roof[1], s.height - 25, 460), (s.tail[0], s.tail[1], 160)]
        return [*front, *top, *back, (s.length - 120, low, 70)]

    def _body(self) -> None:
        s, paint = self.shape, self.paint
        y = {
            name: self.place(0, height)[1]
            for name, height in {
                "roof": s.height, "glass": s.belt + 60, "edge": s.belt - 55, "side": s.belt - 130,
                "crease": s.clearance + 375, "under": s.clearance + 350, "sill": s.clearance + 150, "low": s.clearance,
            }.items()
        }  # fmt: skip
        body = self.poly(self.outline())
        bands = [
            (y["roof"], mix(paint, WHITE, 0.34)), (y["glass"], mix(paint, WHITE, 0.1)),
            (y["edge"], mix(paint, WHITE, 0.36)), (y["side"], mix(paint, WHITE, 0.06)),
            (y["crease"], shade(paint, 0.8)), (y["under"], mix(paint, WHITE, 0.04)),
            (y["sill"], shade(paint, 0.74)), (y["low"], shade(paint, 0.48)),
        ]  # fmt: skip
        self.canvas.banded_polygon(body, bands)
        # The ends turn away from the light.
        for near, far in ((-50, 380), (-50, 240), (s.length + 50, s.length - 330), (s.length + 50, s.length - 200)):
            end = [(near, 0), (near, s.belt), ((near + far) / 2, s.belt), (far, 0)]
            self.canvas.overlay([self.place(*spot) for spot in end], body, (0, 0, 0), 14)
        self.stroke([(s.axles[0] + 420, s.clearance + 366), (s.axles[1] - 420, s.clearance + 366)], WHITE, 9, 90)
        self._sill(body)

    def _sill(self, body: list[Point]) -> None:
        s = self.shape
        high = s.clearance + (170 if s.cladding else 85)
        strip = [(0, high), (s.length, high), (s.length, 0), (0, 0)]
        self.canvas.overlay([self.place(*spot) for spot in strip], body, PLASTIC, 255 if s.cladding else 215)
        if s.bed_from:
            self.stroke([(s.bed_from + 20, s.end - 14), (s.length - 60, s.end - 14)], PLASTIC, 46)
            gap = s.bed_from - 30
            self.stroke([(gap, s.end + 20), (gap, s.clearance + 170)], shade(self.paint, 0.3), 18)

    def _rails(self) -> None:
        s = self.shape
        if s.rails:
            ends = (s.roof[0] + 260, s.height + 2), (s.roof[1] - 60, s.height - 14)
            rail = [ends[0], (ends[0][0] + 90, s.height + 42), (ends[1][0] - 90, s.height + 28), ends[1]]
            self.stroke(rail, (90, 94, 101), 24)

    def _gaps(self) -> None:
        s, dark = self.shape, shade(self.paint, 0.34)
        low = s.clearance + (190 if s.cladding else 110)
        for number, x in enumerate(s.door_edges):
            foot = max(low, *(self._arch_height(x, axle) for axle in s.axles))
            self.stroke([(x + (0 if number else 20), s.belt - 8), (x, foot)], dark, 9, 190)
        self.stroke([(s.door_edges[0], low), (s.door_edges[-1], low)], dark, 9, 150)
        if s.height > 2000:
            self.stroke([(2260, s.belt - 230), (s.length - 330, s.belt - 230)], dark, 14, 170)
        # The bonnet's edge, the bumpers, the fuel flap.
        self.stroke([(330, s.nose + 20), (s.cowl[0] - 60, s.cowl[1] - 55)], dark, 8, 150)
        self.stroke([(30, s.nose - 130), (s.axles[0] - s.wheel * 0.62, s.nose - 150)], dark, 8, 130)
        self.stroke([(s.length - 20, s.end - 260), (s.axles[1] + s.wheel * 0.6, s.end - 290)], dark, 8, 130)
        if not s.bed_from and s.height < 2000:
            flap = [(s.axles[1] + dx, s.belt - dy, 22) for dx, dy in ((60, 150), (200, 150), (200, 280), (60, 280))]
            points = self.poly(flap)
            self.canvas.line([*points, points[0]], dark, 7 * self.scale, 120)

    def _arch_height(self, x: float, axle: float) -> float:
        reach = self.shape.wheel * 0.59
        away = abs(x - axle)
        return self.shape.wheel / 2 + math.sqrt(reach**2 - away**2) if away < reach else 0

    def _handles(self) -> None:
        s, edges = self.shape, self.shape.door_edges
        ends = [edges[1], edges[2] + 300] if s.height > 2000 else edges[1::2] if s.length > 6000 else edges[1:]
        for x in ends:
            y = s.belt - 150
            handle = [(x - 270, y, 18), (x - 75, y + 4, 18), (x - 75, y + 40, 18), (x - 270, y + 36, 18)]
            self.canvas.polygon(self.poly([(hx, hy - 14, r) for hx, hy, r in handle]), shade(self.paint, 0.4), 170)
            self.canvas.polygon(self.poly(handle), mix(self.paint, (214, 218, 224), 0.55))

    def _mirror(self) -> None:
        s = self.shape
        x, y = s.cowl[0] + (330 if s.height < 2000 else 430), s.belt
        foot = [(x - 20, y - 30), (x + 60, y - 30), (x + 50, y + 60), (x, y + 60)]
        self.canvas.polygon([self.place(*spot) for spot in foot], PLASTIC)
        cap = [(x - 90, y + 20, 50), (x - 70, y + 150, 70), (x + 110, y + 155, 30), (x + 120, y + 25, 30)]
        self.canvas.gradient_polygon(self.poly(cap), mix(self.paint, WHITE, 0.3), shade(self.paint, 0.6))

    def _lamps(self) -> None:
        s = self.shape
        head = [(62, s.nose - 105, 40), (82, s.nose - 10, 40), (470, s.nose + 72, 80), (390, s.nose - 50, 90)]
        self.canvas.polygon(self.poly(head), (30, 33, 39))
        glass = [(74, s.nose - 92, 30), (96, s.nose - 18, 30), (430, s.nose + 52, 60), (365, s.nose - 42, 70)]
        self.canvas.gradient_polygon(self.poly(glass), (206, 220, 234), (120, 138, 158))
        self.canvas.ellipse(self.place(200, s.nose - 28), 38 * self.scale, 38 * self.scale, (246, 250, 255))
        self.stroke([(92, s.nose - 84), (240, s.nose - 66), (368, s.nose - 32)], WHITE, 17)
        fog = [(40, s.clearance + 120, 30), (60, s.clearance + 235, 30), (270, s.clearance + 205, 40),
               (230, s.clearance + 120, 30)]  # fmt: skip
        self.canvas.polygon(self.poly(fog), (26, 28, 31))
        tall = s.height > 1700
        right, top = s.length - 22, s.end - (30 if s.bed_from or not tall else -120)
        deep, reach = (330, 150) if tall else (150, 380)
        tail = [(right - reach, top - 30, 40), (right - 25, top - 10, 50), (right + 8, top - deep, 60),
                (right - reach * 0.7, top - deep * 0.9, 50)]  # fmt: skip
        self.canvas.polygon(self.poly(tail), (74, 10, 16))
        inner = [(right + (x - right) * 0.9 - 10, top - 15 + (y - top) * 0.84, r * 0.8) for x, y, r in tail]
        self.canvas.gradient_polygon(self.poly(inner), (226, 52, 54), (150, 16, 26))

    def _wheel(self, axle: int) -> None:
        s = self.shape
        radius = s.wheel / 2 * self.scale
        centre, gap = self.place(axle, s.wheel / 2), radius * 1.13
        foot = self.place(0, s.clearance - 15)[1]
        arch = arc(centre, gap, 180, 360)
        self.canvas.polygon([(centre[0] - gap, foot), *arch, (centre[0] + gap, foot)], OPENING)
        edge = arc(centre, gap + (radius * 0.09 if s.cladding else 0), 168, 372)
        colour = PLASTIC if s.cladding else mix(self.paint, CHROME, 0.25)
        self.canvas.line(edge, colour, radius * (0.2 if s.cladding else 0.045))
        wheel(self.canvas, centre, radius, spokes=5 if s.length % 3 else 7)
