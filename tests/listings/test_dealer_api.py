"""What a dealer's program does by the API: upsert, changes, photos, acts."""

import threading
from pathlib import Path
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection, connections, transaction
from django.test.utils import CaptureQueriesContext

from cms.images.models import CustomImage
from listings.dealer_api import photos
from listings.lifecycle import archive, publication_state
from listings.marks import mark
from listings.merging import merge
from listings.models import ChangeLogEntry, Dealer, DealerMember, Import, Listing, ListingMark, PhotoDownload
from listings.vocabulary import MemberRole, PublicationState, Scope, Way
from tests.factories import (
    CarModelFactory,
    CityFactory,
    DealerFactory,
    EquipmentFactory,
    ListingFactory,
    MakeFactory,
    PaymentTypeFactory,
    picture_bytes,
)

from .api import Program, car

pytestmark = pytest.mark.django_db

OWN = "dealer/listings"


@pytest.fixture
def dealer() -> Dealer:
    CarModelFactory(make=MakeFactory())
    CityFactory()
    EquipmentFactory()
    PaymentTypeFactory()
    return DealerFactory()


@pytest.fixture
def program(dealer: Dealer) -> Program:
    return Program(dealer)


def problems(answer: Any) -> list[tuple[str, str]]:
    assert answer.status_code == 422, answer.content
    assert answer.headers["Content-Type"].startswith("application/problem+json")
    return [(error["field"], error["message"]) for error in answer.json()["errors"]]


# --- One car --------------------------------------------------------------------------------------


def test_a_put_creates_and_the_next_one_changes(dealer: Dealer, program: Program) -> None:
    created = program.put(f"{OWN}/A-1", car(equipment=["abs"], payment_types=["cash"]))
    assert created.status_code == 201, created.content
    body = created.json()
    assert (body["external_id"], body["make"], body["model"], body["color"]) == ("A-1", "bmw", "bmw-x5", "black")
    assert (body["equipment"], body["payment_types"]) == (["abs"], ["cash"])
    assert (body["publication"], body["sale_state"], body["path"]) == ("draft", "available", None)

    changed = program.put(f"{OWN}/A-1", {"price": 85_000})
    assert changed.status_code == 200
    assert changed.json() == body | {"price": 85_000, "price_byn": 85_000}
    entries = list(ChangeLogEntry.objects.order_by("pk").values_list("action", "way", "user"))
    assert entries == [("create", Way.API, program.token.user_id), ("edit", Way.API, program.token.user_id)]


def test_what_was_read_can_be_sent_back_and_changes_nothing(dealer: Dealer, program: Program) -> None:
    body = program.put(f"{OWN}/A-1", car(text="<p>Один владелец</p>", video_url=...)).json()
    sent = {name: body[name] for name in car(text="", external_id="", equipment=[], old_price=0, vin="", trim="")}
    revisions = Listing.objects.get().revisions.count()

    assert program.put(f"{OWN}/A-1", sent).json() == body
    assert Listing.objects.get().revisions.count() == revisions


def test_null_empties_a_field_that_may_be_empty(program: Program) -> None:
    program.put(f"{OWN}/A-1", car(old_price=100_000, stock_number="S-1", equipment=["abs"]))

    emptied = program.put(f"{OWN}/A-1", {"old_price": None, "stock_number": None, "equipment": []}).json()
    assert (emptied["old_price"], emptied["stock_number"], emptied["equipment"]) == (None, "", [])
    assert problems(program.put(f"{OWN}/A-1", {"price": None})) == [("/price", "This must not be empty.")]


@pytest.mark.parametrize(
    ("change", "pointer"),
    [
        ({"make": "Баварец"}, "/make"),
        ({"fuel": "дрова"}, "/fuel"),
        ({"year": 1800}, "/year"),
        ({"vin": "123"}, "/vin"),
        ({"price": {"amount": 5}}, "/price"),
        ({"price": True}, "/price"),
        ({"price": 1e300}, "/price"),
        ({"price": float("nan")}, "/price"),
        ({"vat": 1}, "/vat"),
        ({"equipment": [1]}, "/equipment"),
        ({"equipment": ["нет такого"]}, "/equipment"),
        ({"colour": "red"}, "/colour"),
        ({"old_price": 10}, "/old_price"),
        ({"title": "a\u0000b"}, "/title"),
        ({"text": "x" * 30_000}, "/text"),
        ({"mileage_km": ...}, "/mileage_km"),
        ({"external_id": "B-2"}, "/external_id"),
    ],
)
def test_a_wrong_value_is_named_by_its_pointer_and_nothing_is_written(
    program: Program, change: dict[str, Any], pointer: str
) -> None:
    found = problems(program.put(f"{OWN}/A-1", car(**change)))

    assert [field for field, _message in found] == [pointer]
    assert all(message for _field, message in found)
    assert Listing.objects.count() == 0


def test_a_public_cars_edit_waits_for_a_moderator(dealer: Dealer, program: Program) -> None:
    listing = ListingFactory(dealer=dealer, external_id="A-1", price=90_000, published=True)
    writer = Program(dealer, Scope.LISTINGS_WRITE, Scope.LISTINGS_READ)

    body = writer.put(f"{OWN}/A-1", {"price": 70_000}).json()

    assert (body["price"], body["publication"], body["pending_edit"]) == (70_000, "published", "in_moderation")
    listing.refresh_from_db()
    assert (listing.price, listing.live) == (90_000, True)


def test_another_dealers_number_is_a_car_of_ones_own(dealer: Dealer, program: Program) -> None:
    foreign = ListingFactory(dealer=DealerFactory(slug="other"), external_id="A-1", price=50_000)

    assert program.get(f"{OWN}/A-1").status_code == 404
    assert program.put(f"{OWN}/A-1", car()).status_code == 201
    foreign.refresh_from_db()
    assert foreign.price == 50_000
    for key in (f"id:{foreign.pk}", f"uuid:{foreign.uuid}"):
        assert program.get(f"{OWN}/{key}").status_code == 404
        assert program.post(f"{OWN}/{key}/actions/archive").status_code == 404


def test_a_token_stays_with_its_dealer_even_if_its_member_works_for_two(dealer: Dealer, program: Program) -> None:
    other = DealerFactory(slug="other")
    foreign = ListingFactory(dealer=other, external_id="F-1")
    job = Import.objects.create(dealer=other)
    DealerMember.objects.create(dealer=other, user=program.token.user, role=MemberRole.INTEGRATION)

    assert program.get(f"{OWN}/F-1").status_code == 404
    assert program.get(f"dealer/imports/{job.uuid}").status_code == 404
    bulk = program.post("listings/bulk", {"action": "sell", "items": [{"id": foreign.pk}]}).json()
    assert bulk["counts"] == {"done": 0, "refused": 1}


@pytest.mark.parametrize("key", ["id:x", "id:99999999999999999999", "uuid:1", "vin:", "%00", "id:-1", "-", "x" * 500])
def test_a_key_of_nothing_is_a_404_problem(program: Program, key: str) -> None:
    answer = program.get(f"{OWN}/{key}")

    assert answer.status_code == 404
    assert answer.headers["Content-Type"].startswith("application/problem+json")


# --- Many -----------------------------------------------------------------------------------------


def test_a_batch_answers_for_each_car(dealer: Dealer, program: Program) -> None:
    program.put(f"{OWN}/A-1", car())
    program.put(f"{OWN}/A-2", car())

    answer = program.post(
        f"{OWN}/batch",
        {
            "items": [
                car(external_id="A-1", price=80_000),
                car(external_id="A-2"),
                car(external_id="A-3"),
                car(external_id="A-4", fuel="дрова"),
                car(),
            ]
        },
    ).json()

    assert answer["counts"] == {"create": 1, "change": 1, "same": 1, "refused": 2}
    assert [result["outcome"] for result in answer["results"]] == ["change", "same", "create", "refused", "refused"]
    assert answer["results"][0]["changes"] == {"price": [90_000, 80_000]}
    assert [error["pointer"] for result in answer["results"] for error in result["errors"]] == [
        "/items/3/fuel",
        "/items/4/external_id",
    ]
    assert Listing.objects.count() == 3


def test_photos_with_addresses_are_fetched_by_a_worker(program: Program) -> None:
    addresses = ["https://example.com/1.jpg", "https://example.com/2.jpg"]

    program.put(f"{OWN}/A-1", car(photos=addresses))
    wrong = program.put(f"{OWN}/A-2", car(photos=["ftp://example.com/1.jpg"]))

    assert list(PhotoDownload.objects.values_list("source", "user")) == [
        (address, program.token.user_id) for address in addresses
    ]
    assert problems(wrong)[0][0] == "/photos"


def test_a_batch_that_is_one_whole_writes_nothing_if_one_car_is_wrong(program: Program) -> None:
    items = [car(external_id="A-1"), car(external_id="A-2", price=1)]

    answer = program.post(f"{OWN}/batch", {"items": items, "mode": "all"}).json()

    assert [result["outcome"] for result in answer["results"]] == ["refused", "refused"]
    assert answer["counts"]["refused"] == 2
    assert Listing.objects.count() == 0


def test_a_dry_batch_writes_nothing(program: Program) -> None:
    answer = program.post(f"{OWN}/batch", {"items": [car(external_id="A-1")], "dry_run": True}).json()

    assert answer["counts"]["create"] == 1
    assert Listing.objects.count() == 0


def test_new_cars_are_submitted_if_asked(program: Program) -> None:
    program.post(f"{OWN}/batch", {"items": [car(external_id="A-1")], "submit": True})

    assert publication_state(Listing.objects.get()) == PublicationState.IN_MODERATION


def test_a_batch_takes_as_many_queries_for_a_hundred_cars_as_for_ten(dealer: Dealer) -> None:
    program = Program(dealer, Scope.LISTINGS_WRITE)

    def queries(first: int, number: int, price: int) -> int:
        items = [car(external_id=f"A-{first + index}", price=price) for index in range(number)]
        with CaptureQueriesContext(connection) as context:
            counts = program.post(f"{OWN}/batch", {"items": items}).json()["counts"]
        assert counts["refused"] == 0
        return len(context)

    queries(0, 1, 90_000)
    assert queries(100, 10, 90_000) == queries(200, 100, 90_000)
    queries(0, 1, 80_000)
    assert queries(100, 10, 80_000) == queries(200, 100, 80_000)


def test_a_thousand_cars_and_no_more(program: Program) -> None:
    answer = program.post(f"{OWN}/batch", {"items": [{}] * 1001})

    assert answer.status_code == 422
    assert answer.json()["errors"][0]["field"] == "items"


def test_a_request_of_more_megabytes_than_allowed_is_a_413_problem(program: Program) -> None:
    answer = program.post(f"{OWN}/batch", {"items": [car(text="x" * 11_000_000)]})

    assert answer.status_code == 413
    assert answer.headers["Content-Type"].startswith("application/problem+json")


# --- Changes --------------------------------------------------------------------------------------


def follow(program: Program, cursor: str = "", limit: int = 100, **query: Any) -> tuple[list[Any], str]:
    """Reads to the end: what came, and where to go on."""
    items: list[Any] = []
    while True:
        answer = program.get(OWN, cursor=cursor, limit=limit, **query).json()
        items += answer["items"]
        cursor = answer["cursor"]
        if not answer["has_more"]:
            return items, cursor


def test_the_cursor_tells_every_change_once_and_then_nothing(dealer: Dealer, program: Program) -> None:
    cars = [ListingFactory(dealer=dealer, published=index == 0) for index in range(5)]

    items, cursor = follow(program, limit=2)
    assert {item["id"] for item in items} == {listing.pk for listing in cars}
    assert {item["listing"]["publication"] for item in items} == {"draft", "published"}
    assert follow(program, cursor) == ([], cursor)

    program.post("listings/bulk", {"price": 5_000, "items": [{"id": cars[3].pk}]})
    changed, after = follow(program, cursor)
    assert [(item["id"], item["listing"]["price"]) for item in changed] == [(cars[3].pk, 5_000)]
    assert follow(program, after)[0] == []


def test_removals_come_by_the_cursor_too(dealer: Dealer, program: Program) -> None:
    gone = ListingFactory(dealer=dealer, external_id="A-1", vin="WBAKS410900C12345")
    stored = ListingFactory(dealer=dealer)
    moved = ListingFactory(dealer=dealer)
    other = DealerFactory(slug="other")
    newcomer = Program(other)
    _items, cursor = follow(program)
    _items, others = follow(newcomer)
    key = gone.pk

    gone.delete()
    archive([stored], None)
    moved.dealer = other
    moved.save_revision()
    items, _cursor = follow(program, cursor)

    found = {item["id"]: item for item in items}
    assert found[key]["removed"] == "deleted"
    assert (found[key]["external_id"], found[key]["vin"], found[key]["listing"]) == ("A-1", "WBAKS410900C12345", None)
    assert found[key]["uuid"] == str(gone.uuid)
    assert found[stored.pk]["removed"] == "archived"
    assert found[stored.pk]["listing"]["publication"] == "archived"
    assert (found[moved.pk]["removed"], found[moved.pk]["listing"]) == ("moved", None)
    assert [item["id"] for item in follow(newcomer, others)[0]] == [moved.pk]


def test_cars_whose_make_is_merged_into_another_come_again(dealer: Dealer, program: Program) -> None:
    double = MakeFactory(slug="bmv", name="БМВ")
    model = CarModelFactory(make=double, name="X7")
    listing = ListingFactory(dealer=dealer, make=double, model=model)
    ListingFactory(dealer=dealer)
    _items, cursor = follow(program)

    merge(MakeFactory(), [double])

    items, _cursor = follow(program, cursor)
    assert [(item["id"], item["listing"]["make"]) for item in items] == [(listing.pk, "bmw")]


def test_a_car_deleted_before_anybody_had_read_it_is_told_as_deleted(dealer: Dealer, program: Program) -> None:
    listing = ListingFactory(dealer=dealer)
    key = listing.pk
    listing.delete()

    assert [(item["id"], item["removed"]) for item in follow(program)[0]] == [(key, "deleted")]


def test_another_dealers_changes_do_not_come(dealer: Dealer, program: Program) -> None:
    foreign = ListingFactory(dealer=DealerFactory(slug="other"), published=True)
    foreign.delete()

    assert follow(program)[0] == []


def test_updated_since_leaves_out_what_is_older(dealer: Dealer, program: Program) -> None:
    old, new = ListingFactory(dealer=dealer), ListingFactory(dealer=dealer)
    follow(program)
    ListingMark.objects.filter(listing_id=old.pk).update(at="2026-01-01T00:00Z")

    assert [item["id"] for item in follow(program, updated_since="2026-06-01T00:00:00Z")[0]] == [new.pk]
    assert problems(program.get(OWN, updated_since="yesterday"))[0][0] == "updated_since"


@pytest.mark.parametrize("cursor", ["x", "1", "1.", "-1.2", "1.2.3", "9" * 40 + ".1", "١.١"])
def test_a_foreign_cursor_is_a_422(program: Program, cursor: str) -> None:
    assert problems(program.get(OWN, cursor=cursor))[0][0] == "cursor"


def test_a_page_of_changes_takes_a_constant_number_of_queries(dealer: Dealer, program: Program) -> None:
    def queries(number: int) -> int:
        for _ in range(number):
            ListingFactory(dealer=dealer, published=True)
        with CaptureQueriesContext(connection) as context:
            program.get(OWN, limit=500)
        return len(context)

    queries(1)
    assert queries(5) == queries(15)


@pytest.mark.django_db(transaction=True)
def test_a_change_that_is_committed_late_is_not_passed_over() -> None:
    """A slow writer begins first and commits last: its car still comes behind the reader's cursor."""
    dealer = DealerFactory()
    program = Program(dealer)
    slow, quick = ListingFactory(dealer=dealer, price=5_000), ListingFactory(dealer=dealer, price=5_000)
    _items, start = follow(program)
    wrote, go_on = threading.Event(), threading.Event()

    def write_slowly() -> None:
        try:
            with transaction.atomic():
                Listing.objects.filter(pk=slow.pk).update(price=6_000)
                mark([slow.pk])
                wrote.set()
                assert go_on.wait(10)
        finally:
            connections.close_all()

    thread = threading.Thread(target=write_slowly)
    thread.start()
    try:
        assert wrote.wait(10)
        Listing.objects.filter(pk=quick.pk).update(price=7_000)
        mark([quick.pk])
        first, cursor = follow(program, start)
    finally:
        go_on.set()
        thread.join()
    second, _cursor = follow(program, cursor)

    assert [(item["id"], item["listing"]["price"]) for item in first] == [(quick.pk, 7_000)]
    assert [(item["id"], item["listing"]["price"]) for item in second] == [(slow.pk, 6_000)]


# --- Acts -----------------------------------------------------------------------------------------


def test_a_car_is_submitted_returned_with_a_comment_and_approved(dealer: Dealer, program: Program) -> None:
    ListingFactory(dealer=dealer, external_id="A-1")
    address = f"{OWN}/A-1/actions"

    assert program.post(f"{address}/submit").json()["publication"] == "in_moderation"
    returned = program.post(f"{address}/return", {"comment": "Добавьте фото"}).json()
    assert (returned["publication"], returned["returned"]["comment"]) == ("draft", "Добавьте фото")
    assert program.get(f"{OWN}/A-1").json()["returned"]["comment"] == "Добавьте фото"
    program.post(f"{address}/submit")
    approved = program.post(f"{address}/approve").json()
    assert (approved["publication"], approved["returned"]) == ("published", None)
    assert approved["path"] == f"/cars/{Listing.objects.get().slug}"


def test_what_cannot_be_done_is_a_409_in_words(dealer: Dealer, program: Program) -> None:
    ListingFactory(dealer=dealer, external_id="A-1")

    answer = program.post(f"{OWN}/A-1/actions/approve")

    assert answer.status_code == 409
    assert "Draft" in answer.json()["detail"]
    assert program.post(f"{OWN}/A-1/actions/explode").status_code == 422


# --- Photos ---------------------------------------------------------------------------------------


def photo_ids(answer: Any) -> list[int]:
    assert answer.status_code == 200, answer.content
    return [photo["id"] for photo in answer.json()["photos"]]


def files(*colors: str) -> list[SimpleUploadedFile]:
    return [SimpleUploadedFile(f"{color}.jpg", picture_bytes(color).read(), "image/jpeg") for color in colors]


@pytest.mark.usefixtures("folders")
def test_photos_are_uploaded_into_the_dealers_collection_and_arranged(dealer: Dealer, program: Program) -> None:
    listing = ListingFactory(dealer=dealer, external_id="A-1")
    address = f"{OWN}/A-1/photos"

    first, second = photo_ids(program.upload(address, files=files("red", "blue")))
    *_two, third = photo_ids(program.upload(address, files=files("green")))
    image = CustomImage.objects.get(pk=first)
    assert (image.collection, image.title, image.uploaded_by_user) == (dealer.collection, "red", program.token.user)

    assert photo_ids(program.put(address, {"photos": [third, first]})) == [third, first]
    assert list(listing.photos.order_by("sort_order").values_list("image", flat=True)) == [third, first]
    assert problems(program.put(address, {"photos": [third, second]})) == [("/photos/1", "The car has no such photo.")]
    assert problems(program.put(address, {"photos": [third, third]})) == [("/photos/1", "This photo is named twice.")]
    assert program.get(f"{OWN}/A-1").json()["photos"][0]["url"].startswith("http")


def test_one_wrong_file_and_no_photo_is_taken(dealer: Dealer, program: Program, folders: Path) -> None:
    ListingFactory(dealer=dealer, external_id="A-1")
    wrong = SimpleUploadedFile("car.jpg", b"<svg onload=alert(1)>", "image/jpeg")

    answer = program.upload(f"{OWN}/A-1/photos", files=[*files("red"), wrong])

    assert problems(answer)[0][0] == "/files/1"
    assert CustomImage.objects.count() == 0
    assert [path for path in (folders / "media").rglob("*") if path.is_file()] == []
    assert program.get(f"{OWN}/A-1").json()["photos"] == []


@pytest.mark.usefixtures("folders")
def test_an_upload_that_is_sent_again_adds_nothing(dealer: Dealer, program: Program) -> None:
    ListingFactory(dealer=dealer, external_id="A-1")

    first = program.upload(f"{OWN}/A-1/photos", files=files("red"), key="one")
    again = program.upload(f"{OWN}/A-1/photos", files=files("red"), key="one")
    other = program.upload(f"{OWN}/A-1/photos", files=files("blue"), key="one")

    assert photo_ids(first) == photo_ids(again)
    assert other.status_code == 422
    assert CustomImage.objects.count() == 1


@pytest.mark.usefixtures("folders")
def test_too_many_and_too_large_files_are_refused(
    dealer: Dealer, program: Program, monkeypatch: pytest.MonkeyPatch, settings: Any
) -> None:
    ListingFactory(dealer=dealer, external_id="A-1")
    monkeypatch.setattr(photos, "MAX_PHOTOS", 1)
    assert program.upload(f"{OWN}/A-1/photos", files=files("red", "blue")).status_code == 409
    monkeypatch.setattr(photos, "MAX_FILES", 1)
    assert problems(program.upload(f"{OWN}/A-1/photos", files=files("red", "blue")))[0][0] == "/files"
    settings.WAGTAILIMAGES_MAX_UPLOAD_SIZE = 1000
    assert problems(program.upload(f"{OWN}/A-1/photos", files=files("red")))[0][0] == "/files/0"
    assert CustomImage.objects.count() == 0


def test_a_photo_of_another_dealer_cannot_be_put_into_a_car(dealer: Dealer, program: Program) -> None:
    ListingFactory(dealer=dealer, external_id="A-1")
    foreign = ListingFactory(dealer=DealerFactory(slug="other"), photos=1)

    answer = program.put(f"{OWN}/A-1/photos", {"photos": [foreign.photos.get().image_id]})

    assert problems(answer) == [("/photos/0", "The car has no such photo.")]
    assert program.upload(f"{OWN}/id:{foreign.pk}/photos", files=files("red")).status_code == 404
