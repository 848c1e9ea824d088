"""Drawn cars: every body in every view, in its colour, the same each time."""

import pytest
from PIL import Image

from cms.demo.draw import VIEWS, draw_car, draw_cover, draw_hero
from cms.demo.draw.bodies import PAINTS, SHAPES
from cms.demo.draw.covers import COVERS
from listings.vocabulary import Body, Color

SMALL = (320, 240)


def door_colour(color: str) -> tuple[int, ...]:
    """What is to be seen in the middle of the car's side."""
    picture = draw_car(body="sedan", color=color, view="side", seed=1, size=SMALL)
    return picture.getpixel((160, 175))  # type: ignore[return-value]


def test_every_body_and_colour_of_the_vocabulary_can_be_drawn() -> None:
    assert set(SHAPES) == set(Body.values)
    assert set(PAINTS) == set(Color.values)


@pytest.mark.parametrize("view", VIEWS)
@pytest.mark.parametrize("body", sorted(SHAPES))
def test_a_picture_has_the_size_asked_for(body: str, view: str) -> None:
    assert draw_car(body=body, color="red", view=view, seed=5, size=SMALL).size == SMALL


def test_the_body_has_the_cars_colour() -> None:
    red, blue, black, white = (door_colour(color) for color in ("red", "blue", "black", "white"))

    assert red[0] > red[1] + 60
    assert blue[2] > blue[0] + 40
    assert max(black) < 110 < min(white)


def test_the_same_arguments_give_the_same_picture() -> None:
    def draw(seed: int) -> Image.Image:
        return draw_car(body="suv", color="green", view="side", seed=seed, size=SMALL)

    assert draw(3).tobytes() == draw(3).tobytes() != draw(4).tobytes()


def test_covers_and_the_opening_picture() -> None:
    assert all(draw_cover(1, kind).size == (1600, 900) for kind in COVERS)
    assert draw_hero(1).size == (1920, 1080)
