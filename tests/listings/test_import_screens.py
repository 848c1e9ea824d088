"""What a dealer sees of imports and feeds in the admin, from the upload to the corrected row."""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from cms.users.models import User
from listings.exchange import engine
from listings.exchange.states import FeedSchedule, ImportState, PhotoState, RowOutcome
from listings.models import Dealer, Feed, FeedListing, Import, ImportRow, Listing, PhotoDownload
from listings.vocabulary import MemberRole
from tests.factories import CarModelFactory, DealerFactory, ExchangeRateFactory, ListingFactory, member, staff

pytestmark = pytest.mark.django_db

HEADER = ["Код", "Марка", "Модель", "Год", "Пробег", "Топливо", "КПП", "Привод", "Кузов", "Цвет", "Стоимость"]
CAR = ["A-1", "BMW", "X5", "2018", "100000", "дизель", "автомат", "полный", "внедорожник", "чёрный", "90000 руб"]
MEANING = {
    "Код": "external_id", "Марка": "make", "Модель": "model", "Год": "year", "Пробег": "mileage_km",
    "Топливо": "fuel", "КПП": "gearbox", "Привод": "drive", "Кузов": "body", "Цвет": "color", "Стоимость": "price",
}  # fmt: skip


@pytest.fixture(autouse=True)
def _own_storage(folders: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    storage = Import._meta.get_field("file").storage
    monkeypatch.setattr(storage, "_location", str(folders / "imports"))
    storage.__dict__.pop("base_location", None)
    storage.__dict__.pop("location", None)
    yield
    storage.__dict__.pop("base_location", None)
    storage.__dict__.pop("location", None)


@pytest.fixture
def dealer() -> Dealer:
    CarModelFactory()
    ExchangeRateFactory()
    return DealerFactory()


@pytest.fixture
def manager(client: Client, dealer: Dealer) -> Client:
    client.force_login(member(dealer, username="manager"))
    return client


def table(*rows: list[str], header: list[str] = HEADER) -> bytes:
    return "\r\n".join(";".join(row) for row in (header, *rows)).encode()


def upload(client: Client, content: bytes, name: str = "cars.csv", **data: Any) -> Any:
    return client.post(reverse("listing_import_add"), {"file": SimpleUploadedFile(name, content), **data})


def meaning(header: list[str] = HEADER, **changes: str) -> dict[str, str]:
    chosen = {title: MEANING.get(title, "") for title in header} | changes
    return {f"column-{number}": chosen[title] for number, title in enumerate(header)}


def job_of(dealer: Dealer, state: ImportState = ImportState.CHECKED, **values: Any) -> Import:
    return Import.objects.create(dealer=dealer, filename="cars.csv", state=state, mapping=MEANING, **values)


def row_of(job: Import, number: int, outcome: RowOutcome, **values: Any) -> ImportRow:
    cells = dict(zip(HEADER, CAR, strict=True))
    job.counts[outcome.value] = job.counts.get(outcome.value, 0) + 1
    job.save()
    return ImportRow.objects.create(
        job=job, number=number, outcome=outcome, title="BMW X5 2018", **{"cells": cells} | values
    )


def page_of(client: Client, job: Import, **query: str) -> str:
    return str(client.get(reverse("listing_import", args=[job.pk]), query).content.decode())


def address(name: str, *args: Any) -> str:
    return reverse(name, args=args)


# --- Who may ---------------------------------------------------------------------------------------------------------


def addresses_of(job: Import, feed: Feed) -> list[tuple[str, str]]:
    return [
        ("get", address("listing_import", job.pk)),
        ("get", address("listing_import_columns", job.pk)),
        ("get", address("listing_import_progress", job.pk)),
        ("get", address("listing_import_report", job.pk, "csv")),
        ("post", address("listing_import_columns", job.pk)),
        ("post", address("listing_import_row", job.pk, 2)),
        *(("post", address("listing_import_act", job.pk, verb)) for verb in ("run", "cancel", "resume", "proceed")),
        ("get", address("listing_feed:edit", feed.pk)),
        ("post", address("listing_feed:edit", feed.pk)),
        ("post", address("listing_feed:delete", feed.pk)),
        ("post", address("listing_feed_pull", feed.pk)),
        ("post", address("listing_feed_switch", feed.pk)),
    ]


def test_what_belongs_to_another_dealer_does_not_exist(manager: Client) -> None:
    other = DealerFactory(slug="other")
    job = job_of(other)
    row_of(job, 2, RowOutcome.REFUSED, errors=[{"column": "year", "header": "Год", "value": "1", "reason": "!"}])
    feed = Feed.objects.create(dealer=other, name="Чужой фид", address="https://other.example/cars.xml")

    answers = {path: getattr(manager, method)(path).status_code for method, path in addresses_of(job, feed)}

    assert {path: status for path, status in answers.items() if status != 404} == {}
    for path in (address("listing_imports"), address("listing_feed:index")):
        page = manager.get(path).content.decode()
        assert "cars.csv" not in page
        assert "Чужой фид" not in page
    job.refresh_from_db()
    assert job.state == ImportState.CHECKED


def test_an_agent_may_not_import(client: Client, dealer: Dealer) -> None:
    client.force_login(member(dealer, MemberRole.AGENT))
    job, feed = job_of(dealer), Feed.objects.create(dealer=dealer, name="1С", address="https://a.example/cars.xml")

    for method, path in [*addresses_of(job, feed), ("get", address("listing_import_add"))]:
        refused = getattr(client, method)(path, headers={"x-requested-with": "XMLHttpRequest"})
        assert refused.status_code == 403, path
    menu = client.get(address("wagtailadmin_home")).content.decode()
    assert address("listing_imports") not in menu


def test_the_menu_leads_a_manager_to_his_imports(manager: Client, dealer: Dealer) -> None:
    job_of(dealer, counts={"create": 12, "refused": 3})

    assert address("listing_imports") in manager.get(address("wagtailadmin_home")).content.decode()
    page = manager.get(address("listing_imports")).content.decode()

    assert "cars.csv" in page
    assert "12" in page


def test_the_list_of_imports_asks_the_same_for_one_and_for_many(
    manager: Client, dealer: Dealer, django_assert_max_num_queries: Any
) -> None:
    for _number in range(25):
        job_of(dealer, user=User.objects.get(username="manager"))
    manager.get(address("listing_imports"))

    with django_assert_max_num_queries(20):
        manager.get(address("listing_imports"))


def test_the_list_of_imports_is_narrowed_to_own_dealers_and_states(client: Client, dealer: Dealer) -> None:
    other = DealerFactory(slug="other")
    mine, foreign = job_of(dealer), job_of(other, ImportState.FAILED)

    def found(**query: Any) -> list[bool]:
        page = client.get(address("listing_imports"), query).content.decode()
        return [address("listing_import", job.pk) in page for job in (mine, foreign)]

    client.force_login(staff("moderator"))
    assert found() == [True, True]
    assert found(dealer=other.pk) == [False, True]
    assert found(state="checked") == [True, False]
    client.force_login(member(dealer))
    assert found(dealer=other.pk) == [True, False]
    filters = client.get(address("listing_imports")).content.decode()
    assert str(other) not in filters


# --- The file --------------------------------------------------------------------------------------------------------


def test_who_works_for_one_dealer_is_not_asked_for_which(manager: Client, client: Client, dealer: Dealer) -> None:
    page = manager.get(address("listing_import_add")).content.decode()
    assert 'name="dealer"' not in page
    assert 'name="submit"' in page
    assert 'name="publish"' not in page

    client.force_login(staff("moderator"))
    DealerFactory(slug="other")
    page = client.get(address("listing_import_add")).content.decode()
    assert 'name="dealer"' in page
    assert 'name="publish"' in page


def test_a_file_goes_to_the_meaning_of_its_columns(manager: Client, dealer: Dealer) -> None:
    answer = upload(manager, table(CAR), submit="on")

    job = Import.objects.get()
    assert answer["Location"] == address("listing_import_columns", job.pk)
    assert (job.dealer, job.state, job.submit, job.publish) == (dealer, ImportState.MAPPING, True, False)
    page = manager.get(answer["Location"]).content.decode()
    assert "90000 руб" in page
    assert '<option value="price" data-field="price" selected>' in page


def test_nobody_loads_for_a_foreign_dealer_or_publishes_without_the_right(manager: Client, dealer: Dealer) -> None:
    other = DealerFactory(slug="other")

    upload(manager, table(CAR), dealer=other.pk, publish="on")

    job = Import.objects.get()
    assert (job.dealer, job.publish) == (dealer, False)


@pytest.mark.parametrize(
    ("name", "content", "words"),
    [
        ("cars.csv", b"", "пуст|empty"),
        ("cars.xlsx", b"a;b\r\n1;2\r\n", "CSV"),
        ("cars.xlsx", b"PK\x03\x04" + b"\x00" * 100, "поврежд|damaged"),
    ],
)
def test_a_file_that_cannot_be_read_is_refused_at_the_form(
    manager: Client, name: str, content: bytes, words: str
) -> None:
    answer = upload(manager, content, name)

    assert answer.status_code == 200
    assert re.search(words, answer.content.decode())
    assert Import.objects.count() == 0


@pytest.mark.parametrize("fmt", ["xlsx", "csv", "ods"])
def test_the_template_is_there_in_every_format(manager: Client, fmt: str) -> None:
    answer = manager.get(address("listing_import_template", fmt))

    assert answer.status_code == 200
    assert f".{fmt}" in answer["Content-Disposition"]
    assert len(b"".join(answer.streaming_content)) > 100  # type: ignore[attr-defined]
    assert manager.get(address("listing_import_template", "exe")).status_code == 404


# --- The columns -----------------------------------------------------------------------------------------------------


def columns_page(client: Client) -> tuple[Import, str]:
    upload(client, table(CAR))
    job = Import.objects.get()
    return job, address("listing_import_columns", job.pk)


def test_two_columns_cannot_mean_the_same(manager: Client) -> None:
    job, path = columns_page(manager)

    answer = manager.post(path, meaning(Цвет="price_usd"))

    assert "«Цена» уже берётся из столбца «Цвет»" in answer.content.decode()
    job.refresh_from_db()
    assert job.state == ImportState.MAPPING


def test_a_meaning_that_does_not_exist_is_no_meaning(manager: Client) -> None:
    job, path = columns_page(manager)

    manager.post(path, meaning(Цвет="dealer_id"))

    job.refresh_from_db()
    assert "dealer_id" not in job.mapping.values()


def test_the_chosen_meaning_begins_the_check(manager: Client) -> None:
    job, path = columns_page(manager)

    answer = manager.post(path, meaning(КПП="", Привод="drive"))

    assert answer["Location"] == address("listing_import", job.pk)
    job.refresh_from_db()
    assert "КПП" not in job.mapping
    assert job.mapping["Стоимость"] == "price"
    assert job.state != ImportState.MAPPING


# --- What would happen -----------------------------------------------------------------------------------------------


def test_rows_stand_in_four_tabs_with_their_counts(manager: Client, dealer: Dealer) -> None:
    job = job_of(dealer)
    listing = ListingFactory(dealer=dealer)
    changes = {
        "price": [90_000, 85_000],
        "fuel": ["diesel", "petrol"],
        "leasing": [False, True],
        "equipment": [["ABS"], ["ABS", "Люк"]],
        "publication": ["archived", "draft"],
    }
    row_of(job, 2, RowOutcome.CREATE)
    row_of(job, 3, RowOutcome.CHANGE, changes=changes, listing=listing)
    row_of(job, 4, RowOutcome.SAME, listing=listing)
    error = {"column": "year", "header": "Год", "value": "20188", "reason": "Год написан неверно."}
    row_of(job, 5, RowOutcome.REFUSED, errors=[error])

    refused, changed = page_of(manager, job), page_of(manager, job, show="change")

    assert [f'data-count="{outcome}">1<' in refused for outcome in RowOutcome.values] == [True] * 4
    assert "Год написан неверно." in refused
    assert 'name="year"' in refused
    text = " ".join(changed.replace("\u00a0", " ").split())
    assert "<del>90 000</del>" in text
    assert "<ins>85 000</ins>" in text
    assert "<del>Дизель</del>" in text
    assert "<ins>Да</ins>" in text
    assert "<ins>+ Люк</ins>" in text
    assert "<del>В архиве</del>" in text


def test_rows_come_in_pages_with_a_constant_number_of_queries(
    manager: Client, dealer: Dealer, django_assert_max_num_queries: Any
) -> None:
    job = job_of(dealer)
    listing = ListingFactory(dealer=dealer)
    for number in range(2, 62):
        row_of(job, number, RowOutcome.CHANGE, changes={"year": [2018, 2019]}, listing=listing)
    page_of(manager, job)

    with django_assert_max_num_queries(25):
        first = page_of(manager, job, show="change")
    second = page_of(manager, job, show="change", p="2")

    assert first.count('id="row-') == 50
    assert second.count('id="row-') == 10


def test_hostile_cells_are_shown_as_text(manager: Client, dealer: Dealer) -> None:
    job = job_of(dealer)
    evil = '"><script>alert(1)</script>'
    cells = dict(zip(HEADER, CAR, strict=True)) | {"Год": evil}
    row_of(
        job,
        2,
        RowOutcome.REFUSED,
        cells=cells,
        errors=[{"column": "year", "header": "Год", "value": evil, "reason": evil}],
    )

    assert "<script>alert(1)" not in page_of(manager, job)


@pytest.mark.django_db(transaction=True)
def test_a_refused_row_is_corrected_in_its_place_before_and_after_the_run(manager: Client, dealer: Dealer) -> None:
    wrong = [["A-2", *CAR[1:5], "дизиль", *CAR[6:]], ["A-3", *CAR[1:3], "20188", *CAR[4:]]]
    upload(manager, table(CAR, *wrong))
    job = Import.objects.get()
    manager.post(address("listing_import_columns", job.pk), meaning())
    engine.work(job.pk)
    page = page_of(manager, job)
    assert "Загрузить 1 автомобиль" in page
    assert 'value="дизиль"' in page

    answer = correct(manager, job, 3, fuel="дизель", price="1")
    assert answer["counts"] == {"create": "2", "change": "0", "same": "0", "refused": "1"}
    assert "Загрузить 2 автомобиля" in answer["actions"]
    assert "Исправлено: будет загружено" in answer["row"]
    still = correct(manager, job, 4, year="вчера")
    assert 'value="вчера"' in still["row"]

    manager.post(address("listing_import_act", job.pk, "run"))
    engine.work(job.pk)
    assert set(Listing.objects.values_list("external_id", "price")) == {("A-1", 90_000), ("A-2", 90_000)}
    manager.post(address("listing_import_row", job.pk, 4), {"year": "2018"})
    assert Listing.objects.get(external_id="A-3").year == 2018
    report = manager.get(address("listing_import_report", job.pk, "csv"))
    assert "A-3" in b"".join(report.streaming_content).decode("utf-8-sig")  # type: ignore[attr-defined]


def correct(client: Client, job: Import, number: int, **typed: str) -> dict[str, Any]:
    path = address("listing_import_row", job.pk, number)
    found: dict[str, Any] = client.post(path, typed, headers={"accept": "application/json"}).json()
    return found


def test_what_cannot_be_done_now_is_said_and_changes_nothing(manager: Client, dealer: Dealer) -> None:
    job = job_of(dealer, ImportState.DONE)

    answer = manager.post(address("listing_import_act", job.pk, "run"), follow=True)

    assert '<li class="error">' in answer.content.decode()
    job.refresh_from_db()
    assert job.state == ImportState.DONE
    assert manager.post(address("listing_import_act", job.pk, "delete")).status_code == 404


# --- The run ---------------------------------------------------------------------------------------------------------


def test_progress_is_asked_for_and_shown_without_javascript_too(manager: Client, dealer: Dealer) -> None:
    job = job_of(dealer, ImportState.CHECKING, total=2_000, read=500)

    page = page_of(manager, job)
    answer = manager.get(address("listing_import_progress", job.pk)).json()

    assert '<noscript><meta http-equiv="refresh"' in page
    assert "<progress" in page
    assert (answer["state"], answer["moving"]) == ("checking", True)
    assert answer["text"].replace("\u00a0", " ") == "Проверено строк: 500 из 2 000."
    assert answer["percent"] == 25


def test_a_feed_that_would_archive_too_much_asks(manager: Client, dealer: Dealer) -> None:
    feed = Feed.objects.create(dealer=dealer, name="1С", address="https://a.example/cars.xml")
    for number in range(5):
        FeedListing.objects.create(feed=feed, listing=ListingFactory(dealer=dealer, external_id=str(number)))
    job = job_of(dealer, ImportState.WAITING, feed=feed, vanished=3)

    page = page_of(manager, job)

    assert "Файл убрал бы в архив 3 из 5 автомобилей. Это больше 20 %" in page
    assert address("listing_import_act", job.pk, "proceed") in page
    assert address("listing_import_act", job.pk, "keep") in page


def test_the_end_names_photos_that_failed_or_belong_to_no_car(manager: Client, dealer: Dealer) -> None:
    job = job_of(dealer, ImportState.DONE, unmatched=["лишнее/1.jpg"], finished_at=timezone.now())
    listing = ListingFactory(dealer=dealer)
    row_of(job, 2, RowOutcome.CREATE, listing=listing, done_at=timezone.now())
    PhotoDownload.objects.create(
        listing=listing, job=job, source="https://a.example/1.jpg", state=PhotoState.FAILED, error="Ответ 404."
    )

    page = page_of(manager, job)

    assert "лишнее/1.jpg" in page
    assert "Ответ 404." in page
    assert address("listing_import_report", job.pk, "xlsx") in page


def test_the_list_of_cars_can_be_narrowed_to_an_import(manager: Client, dealer: Dealer) -> None:
    job, loaded = job_of(dealer, ImportState.DONE), ListingFactory(dealer=dealer, title="Из файла")
    ListingFactory(dealer=dealer, title="Другой автомобиль")
    row_of(job, 2, RowOutcome.CREATE, listing=loaded)
    cars = reverse(Listing.snippet_viewset.get_url_name("list"))

    page = manager.get(cars, {"loaded": job.pk}).content.decode()
    foreign = manager.get(cars, {"loaded": job_of(DealerFactory(slug="other")).pk})

    assert "Из файла" in page
    assert "Другой автомобиль" not in page
    assert foreign.status_code == 200


# --- Feeds -----------------------------------------------------------------------------------------------------------


def feed_form(**changes: Any) -> dict[str, Any]:
    values = {"name": "1С", "address": "https://a.example/cars.xml", "schedule": "hourly", "at": "", "enabled": "on"}
    return values | changes


def test_a_manager_sets_up_a_feed_of_his_dealer(manager: Client, dealer: Dealer) -> None:
    answer = manager.post(address("listing_feed:add"), feed_form(dealer=DealerFactory(slug="other").pk, publish="on"))

    feed = Feed.objects.get()
    assert answer["Location"] == address("listing_feed:edit", feed.pk)
    assert (feed.dealer, feed.user.username, feed.publish) == (dealer, "manager", False)
    assert "1С" in manager.get(address("listing_feed:index")).content.decode()


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"schedule": FeedSchedule.DAILY}, "Укажите время."),
        ({"address": "ftp://a.example/cars.xml"}, "URL"),
        ({"address": "https://taken.example/cars.xml"}, "Фид с таким адресом уже есть."),
    ],
)
def test_a_wrong_feed_is_refused_in_words(manager: Client, dealer: Dealer, changes: dict[str, Any], words: str) -> None:
    Feed.objects.create(dealer=dealer, name="Есть", address="https://taken.example/cars.xml")

    answer = manager.post(address("listing_feed:add"), feed_form(**changes))

    assert answer.status_code == 200
    assert words in answer.content.decode()
    assert Feed.objects.count() == 1


def test_a_feed_shows_its_runs_and_is_switched_off_and_on(manager: Client, dealer: Dealer) -> None:
    feed = Feed.objects.create(dealer=dealer, name="1С", address="https://a.example/cars.xml")
    run = job_of(dealer, ImportState.FAILED, feed=feed, error="Адрес не отвечает.")

    page = manager.get(address("listing_feed:edit", feed.pk)).content.decode()
    manager.post(address("listing_feed_switch", feed.pk))
    feed.refresh_from_db()
    switched_off = not feed.enabled
    manager.post(address("listing_feed_switch", feed.pk))
    feed.refresh_from_db()

    assert "Адрес не отвечает." in page
    assert address("listing_import", run.pk) in page
    assert (switched_off, feed.enabled) == (True, True)
    assert (
        address("listing_import", run.pk) in manager.get(address("listing_imports"), {"feed": feed.pk}).content.decode()
    )


def test_a_feed_is_fetched_out_of_turn_but_not_twice_at_once(manager: Client, dealer: Dealer) -> None:
    feed = Feed.objects.create(dealer=dealer, name="1С", address="https://a.example/cars.xml")

    first = manager.post(address("listing_feed_pull", feed.pk))
    second = manager.post(address("listing_feed_pull", feed.pk), follow=True)

    run = feed.runs.get()
    assert first["Location"] == address("listing_import", run.pk)
    assert "<progress" in page_of(manager, run)
    assert '<li class="error">' in second.content.decode()
