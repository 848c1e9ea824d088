"""Drawn cars: every body in every view, in its colour, the same each time."""

from collections.abc import Callable

import pytest
from PIL import Image

from cms.demo.draw import VIEWS, draw_car, draw_cover, draw_hero
from cms.demo.draw.bodies import PAINTS, SHAPES
from cms.demo.draw.covers import COVERS
from listings.vocabulary import Body, Color

SMALL = (320, 240)
PAINTED_SPOT = {"side": (160, 175), "front": (160, 127), "rear": (160, 160), "wheel": (20, 110)}
"""By view: where a sedan shows its paint and nothing else."""


def painted(color: str, view: str) -> tuple[int, ...]:
    picture = draw_car(body="sedan", color=color, view=view, seed=1, size=SMALL)
    return picture.getpixel(PAINTED_SPOT[view])  # type: ignore[return-value]


def test_every_body_and_colour_of_the_vocabulary_can_be_drawn() -> None:
    assert set(SHAPES) == set(Body.values)
    assert set(PAINTS) == set(Color.values)


@pytest.mark.parametrize("view", VIEWS)
@pytest.mark.parametrize("body", sorted(SHAPES))
def test_a_picture_has_the_size_asked_for(body: str, view: str) -> None:
    assert draw_car(body=body, color="red", view=view, seed=5, size=SMALL).size == SMALL


@pytest.mark.parametrize("view", ["side", "front", "rear"])
def test_no_two_bodies_look_the_same(view: str) -> None:
    pictures = {draw_car(body=body, color="red", view=view, seed=5, size=SMALL).tobytes() for body in SHAPES}

    assert len(pictures) == len(SHAPES)


@pytest.mark.parametrize("view", sorted(PAINTED_SPOT))
def test_the_body_has_the_cars_colour(view: str) -> None:
    red, blue, black, white = (painted(color, view) for color in ("red", "blue", "black", "white"))

    assert red[0] > red[1] + 60
    assert blue[2] > blue[0] + 40
    assert max(black) < 110
    assert min(white) > 150


def test_each_of_the_colours_can_be_told_apart() -> None:
    assert len({painted(color, "side") for color in PAINTS}) == len(PAINTS)


@pytest.mark.parametrize("view", VIEWS)
def test_the_same_arguments_give_the_same_picture(view: str) -> None:
    def draw(seed: int) -> Image.Image:
        return draw_car(body="suv", color="green", view=view, seed=seed, size=SMALL)

    assert draw(3).tobytes() == draw(3).tobytes() != draw(4).tobytes()


def test_a_car_faces_left_or_right_by_its_seed() -> None:
    left, right = (draw_car(body="van", color="red", view="side", seed=seed, size=SMALL) for seed in (2, 3))
    roof_behind = (60, 97), (260, 97)

    # Only the tall rear of the van reaches this height at the picture's side.
    assert [_is_red(left, spot) for spot in roof_behind] == [False, True]
    assert [_is_red(right, spot) for spot in roof_behind] == [True, False]


def _is_red(picture: Image.Image, spot: tuple[int, int]) -> bool:
    red, green, blue = picture.getpixel(spot)  # type: ignore[misc]
    return red > green + 50 and red > blue + 50


def test_each_kind_of_cover_is_a_picture_of_its_own() -> None:
    covers = [draw_cover(1, kind) for kind in COVERS]

    assert {cover.size for cover in covers} == {(1600, 900)}
    assert len({cover.tobytes() for cover in covers}) == len(COVERS) == 6


@pytest.mark.parametrize("draw", [draw_hero, lambda seed: draw_cover(seed, "electric")], ids=["hero", "cover"])
def test_the_sites_pictures_follow_their_seed(draw: Callable[[int], Image.Image]) -> None:
    assert draw(1).tobytes() == draw(1).tobytes() != draw(2).tobytes()


def test_the_opening_picture_fills_a_wide_screen() -> None:
    assert draw_hero(1).size == (1920, 1080)
