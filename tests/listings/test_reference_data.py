"""The shipped reference data: complete, consistent, and loaded without touching what editors did."""

from collections import Counter

import pytest

from listings.models import CarModel, City, Equipment, Make
from listings.reference_data import Loaded, load_reference_data

pytestmark = pytest.mark.django_db


def load(*, force: bool = False) -> list[Loaded]:
    return list(load_reference_data(force=force))


@pytest.mark.smoke
def test_a_second_run_changes_nothing() -> None:
    first, second = load(), load()

    assert all(result.created and not result.updated for result in first)
    assert all(not result.created and not result.updated for result in second)
    assert Make.objects.count() >= 60
    assert City.objects.filter(oblast="minsk").count() == 1
    assert set(City.objects.values_list("oblast", flat=True)) == {
        "minsk", "minsk_region", "brest", "vitebsk", "gomel", "grodno", "mogilev",
    }  # fmt: skip
    assert Equipment.objects.count() >= 60


def test_an_editors_change_stays_unless_forced() -> None:
    load()
    Make.objects.filter(slug="bmw").update(name_ru="Бумер")

    load()
    assert Make.objects.get(slug="bmw").name_ru == "Бумер"
    load(force=True)
    assert Make.objects.get(slug="bmw").name_ru == "БМВ"


def test_every_make_has_a_russian_name_and_models() -> None:
    load()

    assert not Make.objects.filter(name_ru="").exists()
    assert not Make.objects.filter(models__isnull=True).exists()


def test_no_name_is_given_to_two_makes() -> None:
    load()
    names = [{word.casefold() for word in make.words() if word} for make in Make.objects.all()]
    counts = Counter(word for words in names for word in words)

    assert [word for word, count in counts.items() if count > 1] == []


def test_models_of_a_make_differ() -> None:
    load()
    for make in Make.objects.prefetch_related("models"):
        names = [model.name.casefold() for model in make.models.all()]
        assert len(names) == len(set(names)), make
    assert CarModel.objects.filter(slug="bmw-x5").exists()
