"""The catalogue's answers: filters, facets, sorting, text search, and that they follow every change."""

import random
from typing import Any

import pytest
from django.http import QueryDict
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from listings.catalogue.index import current_view
from listings.catalogue.query import CatalogueAnswer, InvalidQuery, answer
from listings.filters import ListingFilters
from listings.lifecycle import change_price, set_sale_state, single, unpublish_listing
from listings.models import Listing
from listings.vocabulary import SaleState
from tests.factories import CarModelFactory, CityFactory, DealerFactory, ListingFactory, MakeFactory

pytestmark = pytest.mark.django_db


class ListingOracle(ListingFilters):
    """The same filters, answered by the database."""

    class Meta:
        model = Listing
        fields: list[str] = []


def ask(query: str) -> CatalogueAnswer:
    return answer(QueryDict(query), current_view())


def slugs(query: str) -> list[str]:
    import json

    return [json.loads(card)["slug"] for card in ask(query).cards]


@pytest.mark.smoke
def test_a_published_listing_is_found_and_a_draft_is_not() -> None:
    shown = ListingFactory(published=True)
    ListingFactory()

    assert slugs("") == [shown.slug]


@pytest.mark.smoke
def test_answers_follow_publish_price_change_and_withdrawal() -> None:
    listing = ListingFactory(published=True, price=50_000)
    assert slugs("price_max=50000") == [listing.slug]

    change_price(listing, 60_000)
    assert slugs("price_max=50000") == []
    assert slugs("price_max=60000") == [listing.slug]

    unpublish_listing(listing)
    assert ask("").count == 0


def test_an_unpublished_change_of_a_live_listing_is_not_seen() -> None:
    listing = ListingFactory(published=True, color="black")
    listing.color = "white"
    listing.save_revision()

    assert ask("color=white").count == 0
    assert ask("color=black").count == 1


def test_each_facet_ignores_its_own_filter() -> None:
    ListingFactory(published=True, fuel="diesel", body="suv")
    ListingFactory(published=True, fuel="petrol", body="suv")
    ListingFactory(published=True, fuel="petrol", body="sedan")

    facets = ask("fuel=petrol&body=suv&facets=1").facets

    assert facets is not None
    assert facets["fuel"] == {"diesel": 1, "petrol": 1}
    assert facets["body"] == {"suv": 1, "sedan": 1}
    assert facets["color"] == {"black": 1}


def test_models_are_counted_once_a_make_is_chosen() -> None:
    ListingFactory(published=True)

    assert "model" not in (ask("facets=1").facets or {})
    assert (ask("facets=1&make=bmw").facets or {})["model"] == {"bmw-x5": 1}


def test_all_chosen_equipment_must_be_there_and_counts_say_what_one_more_leaves() -> None:
    both = ListingFactory(published=True, equipment=["abs", "esp"])
    ListingFactory(published=True, equipment=["abs"])

    assert slugs("equipment=abs&equipment=esp") == [both.slug]
    assert (ask("equipment=abs&facets=1").facets or {})["equipment"] == {"abs": 2, "esp": 1}
    assert ask("equipment=no-such-code").count == 0


@pytest.mark.parametrize(
    ("sort", "order"),
    [
        ("price", [1, 2, 3]),
        ("-price", [3, 2, 1]),
        ("year", [3, 2, 1]),
        ("-year", [1, 2, 3]),
        ("mileage", [2, 1, 3]),
        ("-mileage", [3, 1, 2]),
        ("-published_at", [3, 2, 1]),
    ],
)
def test_sorts(sort: str, order: list[int]) -> None:
    cars = {
        1: ListingFactory(published=True, price=10_000, year=2020, mileage_km=50_000),
        2: ListingFactory(published=True, price=20_000, year=2015, mileage_km=10_000),
        3: ListingFactory(published=True, price=30_000, year=2010, mileage_km=90_000),
    }

    assert slugs(f"sort={sort}") == [cars[number].slug for number in order]


def test_pages_do_not_overlap_and_cover_everything() -> None:
    every = {ListingFactory(published=True, price=10_000).slug for _ in range(7)}

    pages = [slugs(f"sort=price&limit=3&offset={offset}") for offset in (0, 3, 6)]

    assert [len(page) for page in pages] == [3, 3, 1]
    assert set().union(*pages) == every


@pytest.mark.parametrize(
    "query", ["бмв", "БМВ", "bmw", "дизеля", "дизель бмв", "x5 2018", "минске", "внедорожник", "полн"]
)
@pytest.mark.smoke
def test_text_search_understands_word_forms_and_names(query: str) -> None:
    found = ListingFactory(published=True, make=MakeFactory(name="BMW", name_ru="БМВ"))
    other = MakeFactory(slug="lada", name="LADA")
    ListingFactory(
        published=True, make=other, year=2001, fuel="petrol", body="sedan", drive="front",
        city=CityFactory(slug="brest", name="Брест", oblast="brest"),
        dealer=DealerFactory(slug="avtobrest", city=CityFactory(slug="brest")),
    )  # fmt: skip

    assert slugs(f"q={query}") == [found.slug]


@pytest.mark.parametrize(
    ("query", "field"),
    [
        ("fuel=water", "fuel"),
        ("year_min=new", "year_min"),
        ("price_max=99999999999999", "price_max"),
        ("sort=beauty", "sort"),
        ("limit=1000", "limit"),
        ("offset=-1", "offset"),
        ("exchange=perhaps", "exchange"),
        ("currency=CHF", "currency"),
        ("make=<script>", "make"),
        ("colour=red", "colour"),
        ("q=" + "x" * 300, "q"),
        ("&".join(f"make=m{number}" for number in range(60)), "make"),
    ],
)
def test_a_wrong_parameter_is_named(query: str, field: str) -> None:
    with pytest.raises(InvalidQuery) as caught:
        ask(query)
    assert list(caught.value.errors) == [field]


@pytest.fixture
def varied_stock() -> None:
    dice = random.Random(7)
    for _ in range(40):
        make = MakeFactory(slug=dice.choice(["bmw", "audi", "lada"]))
        ListingFactory(
            published=True,
            make=make,
            model=CarModelFactory(make=make, name=dice.choice(["A", "B"])),
            year=dice.randint(2005, 2020),
            price=dice.randint(5, 60) * 1000,
            mileage_km=dice.randint(0, 300) * 1000,
            engine_cc=dice.choice([None, 1600, 2993]),
            power_hp=dice.choice([None, 110, 249]),
            fuel=dice.choice(["petrol", "diesel", "electric"]),
            sale_state=dice.choice(["available", "reserved"]),
            vat=dice.random() < 0.5,
            equipment=dice.sample(["abs", "esp", "led", "gps"], dice.randint(0, 4)),
            payment_types=dice.sample(["cash", "card", "leasing"], dice.randint(0, 3)),
        )


PARAMETERS: dict[str, list[Any]] = {
    "make": ["bmw", "audi", "lada", "none"],
    "model": ["bmw-a", "lada-b"],
    "fuel": ["petrol", "diesel", "electric"],
    "sale_state": ["available", "reserved"],
    "equipment": ["abs", "esp", "led"],
    "payment": ["cash", "card"],
    "vat": ["true", "false"],
    "year_min": [2008, 2015],
    "year_max": [2010, 2018],
    "price_min": [10_000],
    "price_max": [40_000],
    "mileage_max": [100_000],
    "engine_min": [1000, 2000],
    "power_max": [200],
    "has_photo": ["true", "false"],
}
SINGLE = {"vat", "has_photo"} | {name for name in PARAMETERS if name.endswith(("_min", "_max"))}

queries = st.dictionaries(st.sampled_from(sorted(PARAMETERS)), st.integers(0, 7), max_size=5)


@pytest.mark.usefixtures("varied_stock")
def test_memory_and_database_mean_the_same_by_every_filter() -> None:
    @settings(max_examples=150, deadline=None, suppress_health_check=list(HealthCheck))
    @given(queries)
    def same(choice: dict[str, int]) -> None:
        query = QueryDict(mutable=True)
        for name, number in choice.items():
            values = PARAMETERS[name]
            query.setlist(
                name,
                [str(values[number % len(values)])]
                if name in SINGLE
                else sorted({str(values[number % len(values)]), str(values[(number // 2) % len(values)])}),
            )
        query["limit"] = "96"
        oracle = ListingOracle(query, Listing.objects.public())
        assert oracle.is_valid(), oracle.errors
        expected = set(oracle.qs.values_list("slug", flat=True))
        assert set(slugs(query.urlencode())) == expected

    same()


def test_sale_state_moves_only_along_the_table() -> None:
    listing = ListingFactory(published=True)
    single(set_sale_state([listing], SaleState.SOLD))
    assert ask("sale_state=sold").count == 1

    from django.core.exceptions import ValidationError

    with pytest.raises(ValidationError):
        single(set_sale_state([listing], SaleState.RESERVED))
    assert ask("sale_state=sold").count == 1
