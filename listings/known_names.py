"""The names under which reference rows were known before: "bmv", merged into "bmw" long ago, still finds its cars.

Addresses live on in bookmarks, advertisements and other people's pages. Whoever filters by a code asks here for the
codes of today.
"""

from collections.abc import Iterable, Sequence
from functools import lru_cache

from .models import CarModel, City, Equipment, Generation, Make, PaymentType
from .models.reference import ReferenceRow

NAMED: dict[str, tuple[type[ReferenceRow], str]] = {
    "make": (Make, "slug"),
    "model": (CarModel, "slug"),
    "generation": (Generation, "slug"),
    "city": (City, "slug"),
    "payment_types": (PaymentType, "code"),
    "equipment": (Equipment, "code"),
}
"""Columns of the catalogue whose codes come from reference rows, and the rows' field that has the code."""


def todays_codes(column: str, values: Sequence[str], version: int, *, one_each: bool = False) -> list[str]:
    """The codes that the values mean: a code means itself, another name all rows that have it.

    A name that nobody has stays and will find nothing; with `one_each` a name of several rows does so too.
    `version`: of the reference data. One query for each new version.
    """
    codes, names = _known(column, version)
    found: list[str] = []
    for value in values:
        meant = () if value in codes else names.get(plain_name(value), ())
        found += meant if meant and not (one_each and len(meant) > 1) else (value,)
    return list(dict.fromkeys(found))


def plain_name(name: str) -> str:
    return name.casefold().replace("ё", "е").strip()


@lru_cache(maxsize=len(NAMED))
def _known(column: str, version: int) -> tuple[frozenset[str], dict[str, tuple[str, ...]]]:
    """All codes, and the codes by name."""
    model, field = NAMED[column]
    rows = [(getattr(row, field), row.words()) for row in model._default_manager.order_by(field)]
    names: dict[str, tuple[str, ...]] = {}
    for code, words in rows:
        for word in _distinct(words):
            names[word] = (*names.get(word, ()), code)
    return frozenset(code for code, words in rows), names


def _distinct(words: Iterable[str]) -> set[str]:
    return {plain_name(word) for word in words}
