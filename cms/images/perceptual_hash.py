"""What a picture looks like, in 64 bits: copies made smaller or saved again keep (nearly) the same bits.

This is the "difference hash" of Neal Krawetz (hackerfactor.com, "Kind of Like That", 2013): the picture is shrunk
to 9x8 greys, and each bit says whether a grey is brighter than its right neighbour.
"""

from typing import IO

from PIL import Image as Pillow
from PIL import UnidentifiedImageError

MARGIN = 1
"""Neighbours count as different above this: flat sky and walls must not flip bits with the noise of a JPEG."""
MIN_CONTRAST = 16
MIN_BITS = 4
"""A picture with less contrast or fewer edges (a plain area) looks like thousands of others: it has no hash."""
BANDS = 4
BAND_BITS = 16

Bands = tuple[int, ...]


def picture_bands(file: IO[bytes]) -> Bands | None:
    """The hash as four 16-bit numbers, to be found by any of them; None for plain or unreadable pictures."""
    try:
        file.seek(0)
        with Pillow.open(file) as picture:
            picture.draft("L", (128, 128))
            bits = difference_hash(picture)
    except (UnidentifiedImageError, OSError, ValueError):
        return None
    finally:
        file.seek(0)
    return None if bits is None else split(bits)


def difference_hash(picture: Pillow.Image) -> int | None:
    greys = picture.convert("L").resize((9, 8), Pillow.Resampling.BOX).tobytes()
    bits = 0
    for row in range(8):
        for left, right in zip(greys[row * 9 : row * 9 + 8], greys[row * 9 + 1 : row * 9 + 9], strict=True):
            bits = bits << 1 | (left > right + MARGIN)
    plain = max(greys) - min(greys) < MIN_CONTRAST or bits.bit_count() < MIN_BITS
    return None if plain else bits


def split(bits: int) -> Bands:
    return tuple(bits >> BAND_BITS * band & 0xFFFF for band in range(BANDS))


def distance(one: Bands, other: Bands) -> int:
    """In how many of the 64 bits two hashes differ."""
    return sum((left ^ right).bit_count() for left, right in zip(one, other, strict=True))
