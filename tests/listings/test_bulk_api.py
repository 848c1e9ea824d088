"""POST /api/v1/listings/bulk: up to 1,000 cars at once, each or all, once only."""

import threading
from typing import Any

import pytest
from django.db import connection, connections
from django.test.utils import CaptureQueriesContext

from listings.dealer_api import mass_api
from listings.lifecycle import archive, publication_state
from listings.models import ApiAnswer, ChangeLogEntry, Dealer, Listing
from listings.vocabulary import PublicationState, SaleState, Scope, Way
from tests.factories import CityFactory, DealerFactory, ListingFactory

from .api import Program

pytestmark = pytest.mark.django_db

BULK = "listings/bulk"


@pytest.fixture
def dealer() -> Dealer:
    return DealerFactory()


@pytest.fixture
def program(dealer: Dealer) -> Program:
    return Program(dealer)


def outcomes(answer: Any) -> list[str]:
    assert answer.status_code == 200, answer.content
    return [result["outcome"] for result in answer.json()["results"]]


def messages(answer: Any) -> list[tuple[str, str]]:
    return [(error["pointer"], error["message"]) for result in answer.json()["results"] for error in result["errors"]]


def test_cars_are_named_by_id_external_id_or_vin(dealer: Dealer, program: Program) -> None:
    one = ListingFactory(dealer=dealer, published=True)
    two = ListingFactory(dealer=dealer, external_id="A-2", published=True)
    three = ListingFactory(dealer=dealer, vin="WBAKS410900C12345", published=True)

    answer = program.post(
        BULK, {"action": "reserve", "items": [{"id": one.pk}, {"external_id": "A-2"}, {"vin": "wbaks410900c12345"}]}
    )

    assert outcomes(answer) == ["done"] * 3
    assert answer.json()["counts"] == {"done": 3, "refused": 0}
    assert [result["id"] for result in answer.json()["results"]] == [one.pk, two.pk, three.pk]
    assert set(Listing.objects.values_list("sale_state", flat=True)) == {SaleState.RESERVED}
    entry = ChangeLogEntry.objects.filter(action="sale_state").first()
    assert entry is not None
    assert (entry.way, entry.user) == (Way.API, program.token.user)


def test_a_foreign_car_is_not_there_and_nothing_happens_to_it(dealer: Dealer, program: Program) -> None:
    foreign = ListingFactory(dealer=DealerFactory(slug="other"), external_id="F-1", vin="WBAKS410900C12345")
    mine = ListingFactory(dealer=dealer)

    answer = program.post(
        BULK,
        {
            "action": "sell",
            "items": [{"id": foreign.pk}, {"external_id": "F-1"}, {"vin": foreign.vin}, {"id": mine.pk}],
        },
    )

    assert outcomes(answer) == ["refused", "refused", "refused", "done"]
    assert messages(answer) == [
        ("/items/0/id", "There is no such car."),
        ("/items/1/external_id", "There is no such car."),
        ("/items/2/vin", "There is no such car."),
    ]
    assert foreign.title not in answer.content.decode()
    foreign.refresh_from_db()
    assert foreign.sale_state == SaleState.AVAILABLE


def test_each_item_may_say_otherwise_than_the_whole(dealer: Dealer, program: Program) -> None:
    one, two, three = (ListingFactory(dealer=dealer, price=10_000) for _ in range(3))
    brest = CityFactory(slug="brest", name="Брест")

    answer = program.post(
        BULK,
        {
            "price_percent": -5,
            "items": [{"id": one.pk}, {"id": two.pk, "price": 7_777}, {"id": three.pk, "city": "Брест"}],
        },
    )

    assert outcomes(answer) == ["done"] * 3
    assert [Listing.objects.get(pk=row.pk).price for row in (one, two, three)] == [9_500, 7_777, 9_500]
    assert Listing.objects.get(pk=three.pk).city == brest
    assert Listing.objects.get(pk=one.pk).city.slug == "minsk"


@pytest.mark.parametrize(
    ("item", "pointer", "message"),
    [
        ({}, "/items/0", "Name the car by one of id, external_id and vin."),
        ({"id": "own", "external_id": "x"}, "/items/0", "Name the car by one of id, external_id and vin."),
        ({"id": "own"}, "/items/0", "Say what to do: an action, a price, a city or a channel."),
        (
            {"id": "own", "price": 5000, "price_percent": 1},
            "/items/0/price_percent",
            "Of price, price_percent and price_amount give only one.",
        ),
        ({"id": "own", "city": "Атлантида"}, "/items/0/city", "There is no such city in the reference data."),
        ({"id": "own", "add_channels": ["Nowhere"]}, "/items/0/add_channels", "You have no such channel: Nowhere."),
    ],
)  # fmt: skip
def test_what_is_not_understood_is_said_of_its_item(
    dealer: Dealer, program: Program, item: dict[str, Any], pointer: str, message: str
) -> None:
    mine = ListingFactory(dealer=dealer)
    if item.get("id") == "own":
        item = item | {"id": mine.pk}

    answer = program.post(BULK, {"items": [item]})

    assert outcomes(answer) == ["refused"]
    assert messages(answer) == [(pointer, message)]


def test_the_same_car_twice_is_refused_the_second_time(dealer: Dealer, program: Program) -> None:
    mine = ListingFactory(dealer=dealer, external_id="A-1")

    answer = program.post(BULK, {"action": "sell", "items": [{"id": mine.pk}, {"external_id": "A-1"}]})

    assert outcomes(answer) == ["done", "refused"]
    assert messages(answer) == [("/items/1/external_id", "The same car as item 0: name it once.")]


@pytest.mark.parametrize(
    "body",
    [
        {"items": []},
        {"items": [{"id": 1}] * 1001, "action": "sell"},
        {"items": [{"id": 1}], "action": "explode"},
        {"items": [{"id": 1}], "mode": "some"},
        {"items": [{"id": 1}], "price_percent": -100},
        {"items": "all"},
        [],
    ],
)
def test_a_request_of_the_wrong_shape_is_a_422_problem(program: Program, body: Any) -> None:
    answer = program.post(BULK, body)

    assert answer.status_code == 422
    assert answer.headers["Content-Type"].startswith("application/problem+json")


def test_all_or_nothing(dealer: Dealer, program: Program) -> None:
    public, archived = ListingFactory(dealer=dealer, published=True), ListingFactory(dealer=dealer)
    archive([archived], None)
    body = {"action": "reserve", "items": [{"id": public.pk}, {"id": archived.pk}]}

    together = program.post(BULK, body | {"mode": "all"})
    assert outcomes(together) == ["refused", "refused"]
    assert messages(together)[0][1] == "Nothing was done, because other cars of the request are refused."
    assert messages(together)[1][1] == "The car is in the archive: restore it first."
    assert Listing.objects.get(pk=public.pk).sale_state == SaleState.AVAILABLE

    assert outcomes(program.post(BULK, body)) == ["done", "refused"]
    assert Listing.objects.get(pk=public.pk).sale_state == SaleState.RESERVED


def test_a_car_gets_all_its_wishes_or_none(dealer: Dealer, program: Program) -> None:
    """The price would be right; the act is not possible, so the price stays too."""
    draft, public = ListingFactory(dealer=dealer, price=5_000), ListingFactory(dealer=dealer, price=5_000)
    archive([draft], None)
    items = [{"id": public.pk}, {"id": draft.pk}]

    answer = program.post(BULK, {"price": 6_000, "action": "submit", "items": items})
    assert outcomes(answer) == ["done", "refused"]
    draft.refresh_from_db()
    assert (draft.price, publication_state(draft)) == (5_000, PublicationState.ARCHIVED)
    assert publication_state(public) == PublicationState.IN_MODERATION

    again = program.post(BULK, {"price": 50, "action": "withdraw", "items": [{"id": public.pk}]})
    assert outcomes(again) == ["refused"]
    public.refresh_from_db()
    assert (public.price, publication_state(public)) == (6_000, PublicationState.IN_MODERATION)


def test_a_dry_run_says_the_same_and_leaves_nothing(dealer: Dealer, program: Program) -> None:
    public, draft = ListingFactory(dealer=dealer, published=True), ListingFactory(dealer=dealer)
    archive([draft], None)
    before = (list(Listing.objects.order_by("pk").values()), ChangeLogEntry.objects.count())
    body = {"action": "reserve", "price_percent": -5, "items": [{"id": public.pk}, {"id": draft.pk}]}

    dry = program.post(BULK, body | {"dry_run": True})

    assert (list(Listing.objects.order_by("pk").values()), ChangeLogEntry.objects.count()) == before
    assert dry.json()["dry_run"] is True
    assert dry.json()["results"] == program.post(BULK, body).json()["results"]


def test_approving_takes_its_scope_and_returning_a_comment(dealer: Dealer) -> None:
    car = ListingFactory(dealer=dealer)
    writer = Program(dealer, Scope.LISTINGS_WRITE)
    moderator = Program(dealer, Scope.LISTINGS_WRITE, Scope.LISTINGS_MODERATE)
    items = [{"id": car.pk}]

    assert outcomes(writer.post(BULK, {"action": "submit", "items": items})) == ["done"]
    refused = writer.post(BULK, {"action": "approve", "items": items})
    assert refused.status_code == 403
    assert "listings:moderate" in refused.json()["detail"]
    assert outcomes(moderator.post(BULK, {"action": "return", "items": items})) == ["refused"]
    assert outcomes(moderator.post(BULK, {"action": "return", "comment": "Нет фото", "items": items})) == ["done"]
    assert publication_state(car) == PublicationState.DRAFT
    writer.post(BULK, {"action": "submit", "items": items})
    assert outcomes(moderator.post(BULK, {"action": "approve", "items": items})) == ["done"]
    assert Listing.objects.get().live


@pytest.mark.parametrize(
    "wish",
    [{"action": "submit"}, {"action": "archive"}, {"price_percent": -5, "action": "reserve"}],
    ids=["submit", "archive", "price and reserve"],
)
def test_a_hundred_cars_take_as_many_queries_as_ten(dealer: Dealer, program: Program, wish: dict[str, Any]) -> None:
    def queries(number: int) -> int:
        cars = [ListingFactory(dealer=dealer) for _ in range(number)]
        with CaptureQueriesContext(
            connection,
        ) as context:
            assert set(outcomes(program.post(BULK, wish | {"items": [{"id": car.pk} for car in cars]}))) == {"done"}
        return len(context)

    queries(2)
    assert queries(10) == queries(100)


def test_a_repeated_request_is_answered_as_before_and_done_once(dealer: Dealer, program: Program) -> None:
    car = ListingFactory(dealer=dealer, price=10_000)
    body = {"price_amount": -500, "items": [{"id": car.pk}]}

    first, second = program.post(BULK, body, key="one"), program.post(BULK, body, key="one")

    assert (second.status_code, second.content) == (first.status_code, first.content)
    assert second.headers["Idempotency-Replayed"] == "true"
    assert Listing.objects.get().price == 9_500
    other = program.post(BULK, body | {"price_amount": -900}, key="one")
    assert other.status_code == 422
    assert Listing.objects.get().price == 9_500
    assert outcomes(program.post(BULK, body, key="two")) == ["done"]
    assert Listing.objects.get().price == 9_000


def test_keys_are_each_tokens_own(dealer: Dealer, program: Program) -> None:
    car = ListingFactory(dealer=dealer, price=10_000)
    body = {"price_amount": -500, "items": [{"id": car.pk}]}

    program.post(BULK, body, key="one")
    Program(dealer).post(BULK, body, key="one")

    assert Listing.objects.get().price == 9_000


def test_an_answer_older_than_a_day_is_forgotten(dealer: Dealer, program: Program) -> None:
    car = ListingFactory(dealer=dealer, price=10_000)
    body = {"price_amount": -500, "items": [{"id": car.pk}]}
    program.post(BULK, body, key="one")
    ApiAnswer.objects.update(started_at="2026-01-01T00:00Z")

    assert "Idempotency-Replayed" not in program.post(BULK, body, key="one").headers
    assert Listing.objects.get().price == 9_000


def test_a_failed_request_leaves_no_answer(dealer: Dealer, program: Program, monkeypatch: pytest.MonkeyPatch) -> None:
    car = ListingFactory(dealer=dealer, price=10_000)
    body = {"price_amount": -500, "items": [{"id": car.pk}]}

    def crash(*args: Any, **kwargs: Any) -> None:
        raise RuntimeError

    with monkeypatch.context() as patched:
        patched.setattr(mass_api, "_results", crash)
        assert program.post(BULK, body, key="one").status_code == 500
    assert Listing.objects.get().price == 10_000

    assert outcomes(program.post(BULK, body, key="one")) == ["done"]
    assert Listing.objects.get().price == 9_500


@pytest.mark.django_db(transaction=True)
def test_the_same_request_at_the_same_time_is_done_once(monkeypatch: pytest.MonkeyPatch) -> None:
    dealer = DealerFactory()
    program = Program(dealer)
    car = ListingFactory(dealer=dealer, price=10_000)
    body = {"price_amount": -500, "items": [{"id": car.pk}]}
    inside, go_on = threading.Event(), threading.Event()
    real = mass_api.carry_out

    def slow(*args: Any, **kwargs: Any) -> Any:
        inside.set()
        assert go_on.wait(10)
        return real(*args, **kwargs)

    monkeypatch.setattr(mass_api, "carry_out", slow)
    answers: list[int] = []

    def first() -> None:
        answers.append(program.post(BULK, body, key="one").status_code)
        connections.close_all()

    thread = threading.Thread(target=first)
    thread.start()
    try:
        assert inside.wait(10)
        meanwhile = program.post(BULK, body, key="one")
    finally:
        go_on.set()
        thread.join()

    assert meanwhile.status_code == 409
    assert meanwhile.headers["Retry-After"]
    assert answers == [200]
    assert program.post(BULK, body, key="one").headers["Idempotency-Replayed"] == "true"
    assert Listing.objects.get().price == 9_500
