"""The bodies' proportions, in millimetres from the front bumper and from the ground, and the paints."""

from dataclasses import dataclass

from .canvas import Colour


@dataclass(frozen=True)
class Shape:
    """A car from its side, the front at the left. Pairs are (x, height)."""

    length: int
    height: int
    axles: tuple[int, int]
    wheel: int
    clearance: int
    nose: int
    cowl: tuple[int, int]
    roof: tuple[int, int]
    tail: tuple[int, int]
    end: int
    width: int = 1830
    doors: int = 4
    cladding: bool = False
    blind_from: int = 0
    """No windows behind this x (vans)."""
    open_top: bool = False
    bed_from: int = 0
    """A pickup's bed begins here."""
    pillar: int = 200
    """Paint between the last side window and the rear edge of the cabin."""
    rails: bool = False

    @property
    def belt(self) -> int:
        """The lower edge of the windows."""
        return self.cowl[1] + 25

    @property
    def door_edges(self) -> tuple[float, ...]:
        """Where the gaps between the doors run down the side, from the front."""
        front = self.axles[0] + self.wheel * 0.66
        if self.height > 2000:
            return (front, 2130, 2190, 3380)
        if self.doors == 2:
            return (front, front + 1330)
        rear = min(self.axles[1] - self.wheel * 0.1, self.tail[0] - 130)
        if self.length > 6000:
            return (front, front + 1080, rear - 1080, rear)
        return (front, (front + rear) / 2 + 20, rear)


SHAPES: dict[str, Shape] = {
    "sedan": Shape(4700, 1450, (890, 3660), 650, 165, 730, (1330, 985), (2080, 3060), (3880, 1070), 1010, pillar=300),
    "hatchback": Shape(4260, 1480, (860, 3490), 640, 165, 740, (1190, 1010), (1900, 3420), (4090, 1060), 900),
    "liftback": Shape(4640, 1440, (890, 3640), 660, 160, 730, (1320, 985), (2060, 2960), (4180, 1090), 990, pillar=430),
    "wagon": Shape(
        4780, 1470, (890, 3690), 650, 165, 730, (1330, 990), (2060, 4120), (4560, 1080), 930, pillar=140, rails=True
    ),
    "suv": Shape(
        4880,
        1800,
        (910, 3790),
        780,
        235,
        950,
        (1350, 1200),
        (1960, 4330),
        (4700, 1230),
        1060,
        1960,
        cladding=True,
        pillar=150,
        rails=True,
    ),
    "crossover": Shape(
        4500,
        1640,
        (880, 3570),
        725,
        205,
        860,
        (1260, 1120),
        (1960, 3700),
        (4310, 1180),
        1010,
        1870,
        cladding=True,
        rails=True,
    ),
    "coupe": Shape(
        4560, 1340, (900, 3640), 670, 140, 690, (1500, 920), (2280, 2800), (4000, 1010), 950, doors=2, pillar=520
    ),
    "convertible": Shape(
        4480, 1330, (880, 3580), 660, 145, 690, (1450, 920), (2150, 2600), (3700, 960), 930, doors=2, open_top=True
    ),
    "minivan": Shape(
        4820,
        1760,
        (930, 3860),
        670,
        175,
        820,
        (950, 1140),
        (1780, 4330),
        (4660, 1130),
        920,
        1920,
        pillar=110,
        rails=True,
    ),
    "van": Shape(
        5350, 2250, (960, 4250), 690, 200, 950, (640, 1320), (1380, 5120), (5270, 1300), 950, 2020, 2, blind_from=2080
    ),
    "minibus": Shape(
        5350, 2200, (960, 4250), 690, 200, 950, (640, 1310), (1380, 5120), (5270, 1300), 950, 2020, 2, pillar=90
    ),
    "pickup": Shape(
        5330,
        1810,
        (930, 4120),
        780,
        250,
        960,
        (1420, 1200),
        (2040, 3060),
        (3420, 1210),
        1150,
        1900,
        cladding=True,
        bed_from=3480,
        pillar=170,
    ),
    "limousine": Shape(
        6300, 1480, (900, 5180), 660, 165, 740, (1340, 1000), (2090, 4650), (5440, 1080), 1020, pillar=330
    ),
}

PAINTS: dict[str, Colour] = {
    "black": (38, 40, 46),
    "white": (238, 240, 242),
    "silver": (182, 188, 196),
    "grey": (108, 114, 122),
    "blue": (28, 70, 150),
    "light_blue": (110, 170, 214),
    "red": (196, 36, 38),
    "burgundy": (112, 24, 42),
    "green": (30, 96, 66),
    "brown": (98, 66, 46),
    "beige": (206, 188, 156),
    "yellow": (238, 188, 40),
    "orange": (226, 104, 30),
    "purple": (98, 54, 138),
    "gold": (190, 154, 84),
    "other": (64, 132, 132),
}
