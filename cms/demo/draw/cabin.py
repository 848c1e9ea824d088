"""The windows of a car from its side, and what is in an open one."""

from typing import TYPE_CHECKING

from .canvas import shade

if TYPE_CHECKING:
    from .side import SideView

GLASS_TOP, GLASS_BOTTOM = (84, 104, 124), (26, 33, 44)
PILLAR, CHROME, SKY = (22, 24, 28), (188, 194, 202), (220, 232, 242)
ROOF_EDGE = 85
"""Paint above the windows, in millimetres."""

Spot = tuple[float, float]


def draw_windows(view: "SideView") -> None:
    """Glass in a bright frame, the pillars where the doors end, the sky across it."""
    shape = view.shape
    belt, top = shape.belt, shape.height - ROOF_EDGE
    front, rear = _front(view, top), _rear(view, top)
    outline = [(*front[0], 50), (*front[1], 110), (*rear[0], 130), (*rear[1], 80)]
    glass = view.poly(outline)
    view.canvas.gradient_polygon(glass, GLASS_TOP, GLASS_BOTTOM)
    for pillar in _pillars(view, front[1][0], rear[0][0], rear[1][0]):
        lean = 26
        bar = [(pillar - 38, belt - 10), (pillar + 38, belt - 10), (pillar + 30 + lean, top), (pillar - 30 + lean, top)]
        view.canvas.overlay([view.place(*spot) for spot in bar], glass, PILLAR, 255)
    for share, wide in ((0.1, 210), (0.22, 70), (0.62, 150)):
        x = front[1][0] + (rear[0][0] - front[1][0]) * share
        band = [(x, top), (x + wide, top), (x + wide - 330, belt), (x - 330, belt)]
        view.canvas.overlay([view.place(*spot) for spot in band], glass, SKY, 44)
    view.canvas.line([*glass, glass[0]], PILLAR, 16 * view.scale)
    view.stroke([(front[0][0] + 20, belt - 6), (rear[1][0] - 40, rear[1][1] - 8)], CHROME, 13, 210)


def _front(view: "SideView", top: float) -> tuple[Spot, Spot]:
    """The lower and the upper corner at the windscreen."""
    shape = view.shape
    slope = (shape.roof[0] - shape.cowl[0]) / (shape.height - shape.cowl[1])
    x = shape.cowl[0] + 150
    return (x, shape.belt), (x + slope * (top - shape.belt) + 40, top)


def _rear(view: "SideView", top: float) -> tuple[Spot, Spot]:
    """The upper and the lower corner at the rear."""
    shape = view.shape
    if shape.blind_from:
        return (shape.blind_from + 26, top), (shape.blind_from, shape.belt)
    belt = shape.belt + 40
    x = shape.tail[0] - shape.pillar
    slope = (shape.tail[0] - shape.roof[1]) / (shape.height - shape.tail[1])
    return (max(x - slope * (top - belt) * 0.85, shape.roof[1] - 260), top), (x, belt)


def _pillars(view: "SideView", start: float, upper_end: float, end: float) -> list[float]:
    shape = view.shape
    edges = list(shape.door_edges[1:])
    if shape.height > 2000:
        edges = [shape.door_edges[0] + 60, 2160, 3330, 4330] if not shape.blind_from else [shape.door_edges[0] + 60]
    elif shape.length > 6000:
        edges.insert(1, sum(edges[:2]) / 2)
    return [x for x in edges if start - 200 < x < min(end - 120, upper_end + 320)]


def draw_open_cabin(view: "SideView") -> None:
    """A convertible with its roof down: the screen, the seats, the folded roof."""
    shape = view.shape
    belt, top = shape.belt - 20, shape.height
    tail = shape.tail[0]
    roof = [
        (tail - 560, belt - 40, 60),
        (tail - 470, belt + 95, 90),
        (tail - 60, belt + 75, 120),
        (tail, belt - 30, 40),
    ]
    view.canvas.polygon(view.poly(roof), (38, 40, 46))
    for x, lift in ((shape.roof[0] + 900, 190), (shape.roof[0] + 330, 250)):
        seat = [(x, belt - 60, 20), (x + 70, belt + lift, 70), (x + 250, belt + lift, 90), (x + 330, belt - 60, 30)]
        rest = [(x + 70, belt + lift - 10, 20), (x + 90, belt + lift + 110, 60), (x + 230, belt + lift + 110, 60),
                (x + 250, belt + lift - 10, 20)]  # fmt: skip
        view.canvas.polygon(view.poly(rest), (146, 92, 58))
        view.canvas.gradient_polygon(view.poly(seat), (164, 106, 68), (104, 64, 42))
    screen = [(shape.cowl[0] + 60, belt), (shape.roof[0], top), (shape.roof[0] + 70, top), (shape.cowl[0] + 560, belt)]
    view.canvas.polygon([view.place(*spot) for spot in screen], (150, 176, 196), 150)
    view.stroke([(shape.cowl[0] + 60, belt - 30), (shape.roof[0] + 20, top), (shape.roof[0] + 80, top)], PILLAR, 44)
    view.stroke([(shape.cowl[0] + 20, belt - 20), (shape.roof[0] - 10, top + 8)], shade(view.paint, 0.8), 26)
    view.stroke([(shape.cowl[0] + 500, belt), (tail - 560, belt + 20)], CHROME, 13, 210)
