"""Finds photos that show the same picture: the same file, or a copy made smaller, larger or saved again."""

from collections import defaultdict
from collections.abc import Iterable
from functools import reduce
from operator import or_

from django.db.models import Q

from .models import HASH_FIELDS, CustomImage
from .perceptual_hash import distance

MAX_DISTANCE = 5
"""Bits of 64. Copies at other sizes and qualities (down to JPEG 30) differ in up to 3, copies that were brightened or
lost 1 % at each edge in up to 5, other photos of the same car in 7 and more (measured). With 3 bits different, one of
four bands is the same in both for certain, with 5 nearly always: equal bands, which an index finds, are candidates
enough."""


def find_similar(images: Iterable[CustomImage]) -> dict[int, list[int]]:
    """For each image that has look-alikes, in any collection, their ids in ascending order. One query."""
    wanted = {image.pk: image.bands for image in images}
    values = [{bands[place] for bands in wanted.values() if bands} for place in range(len(HASH_FIELDS))]
    if not any(values):
        return {}
    equal_band = reduce(or_, (Q(**{f"{name}__in": found}) for name, found in zip(HASH_FIELDS, values, strict=True)))
    by_band: dict[tuple[int, int], list[tuple[int, tuple[int, ...]]]] = defaultdict(list)
    for pk, *bands in CustomImage.objects.filter(equal_band).values_list("pk", *HASH_FIELDS):
        for place, value in enumerate(bands):
            by_band[place, value].append((pk, tuple(bands)))
    similar = {}
    for pk, own in wanted.items():
        candidates = dict(found for place, value in enumerate(own or ()) for found in by_band[place, value])
        close = sorted(other for other, bands in candidates.items() if own and distance(own, bands) <= MAX_DISTANCE)
        similar[pk] = [other for other in close if other != pk]
    return {pk: others for pk, others in similar.items() if others}
