"""Photos that were uploaded twice are found, whatever was done to the copy."""

import io
import random
from typing import Any

import pytest
from PIL import Image as Pillow
from PIL import ImageDraw, ImageEnhance, ImageFilter

from cms.images.duplicates import find_similar
from cms.images.models import CustomImage
from cms.images.services import add_image

pytestmark = pytest.mark.django_db


def scene(seed: int) -> Pillow.Image:
    """Something with light, shadow and shapes, as in a photo; another seed, another photo."""
    chance = random.Random(seed)
    picture = Pillow.linear_gradient("L").resize((1200, 900)).convert("RGB")
    draw = ImageDraw.Draw(picture)
    for _ in range(25):
        left, top = chance.randrange(1100), chance.randrange(800)
        box = (left, top, left + chance.randrange(80, 420), top + chance.randrange(60, 320))
        shape = chance.choice([draw.ellipse, draw.rectangle])
        shape(box, fill=tuple(chance.randrange(256) for _ in range(3)))
    return picture.filter(ImageFilter.GaussianBlur(4))


def stored(picture: Pillow.Image, **options: Any) -> CustomImage:
    buffer = io.BytesIO()
    picture.save(buffer, "JPEG", **options)
    buffer.seek(0)
    return add_image(buffer, "a.jpg", title="a")


@pytest.mark.parametrize("seed", range(6))
def test_a_copy_is_found_however_it_was_treated(seed: int) -> None:
    picture = scene(seed)
    original = stored(picture, quality=92)
    copies = [
        stored(picture, quality=30),
        stored(picture.resize((640, 480))),
        stored(picture.resize((2400, 1800))),
        stored(ImageEnhance.Brightness(picture).enhance(1.12)),
        stored(picture.crop((12, 9, 1188, 891))),
    ]

    assert find_similar([original]) == {original.pk: sorted(copy.pk for copy in copies)}


def test_other_photos_are_not_found() -> None:
    images = [stored(scene(seed)) for seed in range(30)]

    assert find_similar(images) == {}


def test_plain_pictures_are_never_alike() -> None:
    images = [stored(Pillow.new("RGB", (800, 600), color)) for color in ("white", "white", "black", "#808080")]

    assert find_similar(images) == {}


def test_any_number_of_photos_is_one_query(django_assert_num_queries: Any) -> None:
    images = [stored(scene(seed)) for seed in (1, 1, 2, 2, 3)]

    with django_assert_num_queries(1):
        found = find_similar(images)

    assert found == {
        images[0].pk: [images[1].pk], images[1].pk: [images[0].pk],
        images[2].pk: [images[3].pk], images[3].pk: [images[2].pk],
    }  # fmt: skip
