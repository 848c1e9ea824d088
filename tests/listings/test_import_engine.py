"""Imports from the file to the cars: nothing twice, nothing half, nothing that was refused, and always in words."""

import io
import time
import zipfile
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.core.files.base import ContentFile
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from cms.users.models import User
from listings.exchange import engine, jobs, retention, rows
from listings.exchange.errors import FileError
from listings.exchange.states import ImportState, RowOutcome
from listings.lifecycle import archive, set_sale_state
from listings.models import ChangeLogEntry, Dealer, Import, ImportMapping, ImportRow, Listing
from listings.vocabulary import MemberRole, SaleState, Way
from scripts.lib.processes import Process
from tests.factories import CarModelFactory, DealerFactory, ExchangeRateFactory, ListingFactory, member, staff

from .importing import car, loaded, run_now, started, table

pytestmark = pytest.mark.django_db
VIN, OTHER_VIN = "WBAKS410500J12345", "WBAKS410500J54321"


@pytest.fixture(autouse=True)
def _own_folders(folders: Path, import_files: None) -> None:
    pass


@pytest.fixture
def dealer() -> Dealer:
    CarModelFactory()
    return DealerFactory()


@pytest.fixture
def user(dealer: Dealer) -> User:
    return member(dealer)


def outcomes(job: Import) -> dict[str, int]:
    return {outcome: number for outcome, number in job.counts.items() if number}


def reasons(job: Import) -> list[tuple[int, str, str]]:
    return [
        (row.number, error["column"], error["reason"])
        for row in job.rows.filter(outcome=RowOutcome.REFUSED)
        for error in row.errors
    ]


# --- Checking and loading -------------------------------------------------------------------------------------------


def test_a_check_says_what_would_happen_and_changes_nothing(dealer: Dealer, user: User) -> None:
    known = ListingFactory(dealer=dealer, external_id="A-1")
    before = ChangeLogEntry.objects.count()

    job = loaded(dealer, user, car("A-1", Цена="85000"), car("A-2"), car("A-3", Год="20188"), run=False)

    assert (job.state, outcomes(job)) == (ImportState.CHECKED, {"change": 1, "create": 1, "refused": 1})
    assert job.rows.get(number=2).changes == {"price": [90_000, 85_000]}
    assert [(number, column) for number, column, _reason in reasons(job)] == [(4, "year")]
    known.refresh_from_db()
    assert (known.price, Listing.objects.count(), ChangeLogEntry.objects.count()) == (90_000, 1, before)


def test_what_was_checked_is_loaded_and_logged_as_an_import(dealer: Dealer, user: User) -> None:
    job = loaded(dealer, user, car("A-1"), car("A-2", Цена="1"))

    listing = Listing.objects.get()
    assert (job.state, outcomes(job)) == (ImportState.DONE, {"create": 1, "refused": 1})
    assert (listing.external_id, listing.live, listing.dealer) == ("A-1", False, dealer)
    assert set(ChangeLogEntry.objects.values_list("way", "user")) == {(Way.IMPORT, user.pk)}
    assert job.rows.get(number=2).listing == listing


def test_the_same_file_twice_changes_nothing(dealer: Dealer, user: User) -> None:
    cars = [car("A-1", VIN=VIN), car("A-2", Модель="BMW X5", Пробег="120 т.км", Цена="25 500 BYN")]
    loaded(dealer, user, *cars)
    before = list(Listing.objects.order_by("pk").values())
    log = ChangeLogEntry.objects.count()

    job = loaded(dealer, user, *cars)

    assert outcomes(job) == {"same": 2}
    assert list(Listing.objects.order_by("pk").values()) == before
    assert ChangeLogEntry.objects.count() == log


def test_a_dealer_does_not_get_past_the_moderator(dealer: Dealer, user: User) -> None:
    public = ListingFactory(dealer=dealer, external_id="A-1", published=True)

    loaded(dealer, user, car("A-1", Цена="50000"), car("A-2"), publish=True, submit=True)

    public.refresh_from_db()
    assert (public.live, public.price, public.has_unpublished_changes) == (True, 90_000, True)
    new = Listing.objects.get(external_id="A-2")
    assert not new.live
    assert new.current_workflow_state is not None


def test_a_moderator_publishes_at_once(dealer: Dealer) -> None:
    loaded(dealer, staff("moderator"), car("A-1"), publish=True)

    assert Listing.objects.get().live


def test_keys_that_disagree_are_refused(dealer: Dealer, user: User) -> None:
    ListingFactory(dealer=dealer, external_id="A-1", vin=VIN)
    ListingFactory(dealer=dealer, external_id="A-2", vin=OTHER_VIN)
    other = DealerFactory(slug="other")
    ListingFactory(dealer=other, vin="WBAKS410500J99999")

    job = loaded(
        dealer,
        user,
        car("A-1", VIN=OTHER_VIN),
        car("A-3", VIN="WBAKS410500J99999"),
        car("", VIN=""),
        car("A-4"),
        car("A-4"),
    )

    refused = reasons(job)
    assert [(number, column) for number, column, _reason in refused] == [
        *((2, "vin"), (3, "vin"), (4, "external_id"), (6, "external_id")),
    ]
    assert other.name not in str(refused)
    assert outcomes(job) == {"refused": 4, "create": 1}


def test_a_car_that_was_archived_comes_back_as_a_draft(dealer: Dealer, user: User) -> None:
    listing = ListingFactory(dealer=dealer, external_id="A-1", published=True)
    archive([listing], None)

    job = loaded(dealer, user, car("A-1"))

    listing.refresh_from_db()
    assert outcomes(job) == {"change": 1}
    assert (listing.archived_at, listing.live) == (None, False)


def test_a_sold_car_under_a_new_number_is_a_new_car(dealer: Dealer, user: User) -> None:
    sold = ListingFactory(dealer=dealer, external_id="A-1", vin=VIN, published=True)
    set_sale_state([sold], SaleState.SOLD)

    job = loaded(dealer, user, car("B-1", VIN=VIN))

    assert outcomes(job) == {"create": 1}
    assert Listing.objects.filter(vin=VIN).count() == 2


def test_numbers_of_queries_do_not_grow_with_the_batch(dealer: Dealer, user: User) -> None:
    ListingFactory(dealer=dealer, external_id="known")
    ExchangeRateFactory()

    def queries(*cars: dict[str, str]) -> int:
        with CaptureQueriesContext(connection) as context:
            job = loaded(dealer, user, *cars)
        assert job.state == ImportState.DONE
        return len(context)

    queries(car("known", Цена="60000"), car("first", Цена="25 500 $"))
    few = queries(car("known", Цена="80000"), *(car(f"A-{n}", Цена="25 500 $") for n in range(2)))
    many = queries(car("known", Цена="70000"), *(car(f"B-{n}", Цена="25 500 $") for n in range(60)))

    assert few == many


# --- Crash, cancel, lease -------------------------------------------------------------------------------------------


@pytest.fixture
def small_batches(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("listings.exchange.engine.BATCH", 2)
    monkeypatch.setattr("listings.exchange.staging.batches.__defaults__", (2,))


@pytest.mark.usefixtures("small_batches")
def test_a_crash_leaves_whole_batches_and_the_run_goes_on_behind_them(
    dealer: Dealer, user: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    job = loaded(dealer, user, *(car(f"A-{number}") for number in range(5)), run=False)
    jobs.run(job)
    real, calls = rows.write, []

    def fail_in_the_second_batch(*args: Any) -> None:
        calls.append(args)
        real(*args)
        if len(calls) == 2:
            raise MemoryError("the machine is full")

    monkeypatch.setattr(rows, "write", fail_in_the_second_batch)
    engine.work(job.pk)
    job.refresh_from_db()

    assert (job.state, job.written, job.lease_holder) == (ImportState.FAILED, 2, "")
    assert job.error
    assert Listing.objects.count() == 2

    monkeypatch.setattr(rows, "write", real)
    jobs.resume(job)
    engine.work(job.pk)
    job.refresh_from_db()
    assert (job.state, outcomes(job), Listing.objects.count()) == (ImportState.DONE, {"create": 5}, 5)


@pytest.mark.usefixtures("small_batches")
def test_a_dead_worker_is_replaced_when_its_lease_is_over(dealer: Dealer, user: User) -> None:
    job = started(dealer, user, *(car(f"A-{number}") for number in range(5)))
    dead = timezone.now() + timedelta(minutes=1)
    Import.objects.filter(pk=job.pk).update(lease_holder="dead", lease_until=dead)
    engine.work(job.pk)
    assert Import.objects.get().state == ImportState.CHECKING
    assert engine.due_imports() == []

    Import.objects.filter(pk=job.pk).update(lease_until=timezone.now() - timedelta(seconds=1))
    assert engine.due_imports() == [job.pk]
    engine.work(job.pk)
    assert Import.objects.get().state == ImportState.CHECKED


@pytest.mark.usefixtures("small_batches")
def test_a_worker_that_lost_its_lease_writes_no_more(
    dealer: Dealer, user: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    job = loaded(dealer, user, *(car(f"A-{number}") for number in range(4)), run=False)
    jobs.run(job)
    real = rows.write

    def somebody_else_takes_it(*args: Any) -> None:
        real(*args)
        Import.objects.filter(pk=job.pk).update(lease_holder="somebody else")

    monkeypatch.setattr(rows, "write", somebody_else_takes_it)
    engine.work(job.pk)

    assert Listing.objects.count() == 0


@pytest.mark.usefixtures("small_batches")
def test_a_run_is_stopped_between_batches_and_can_go_on(
    dealer: Dealer, user: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    job = loaded(dealer, user, *(car(f"A-{number}") for number in range(5)), run=False)
    jobs.run(job)

    engine.work(job.pk, on_batch=lambda job: jobs.cancel(Import.objects.get(pk=job.pk)))
    job.refresh_from_db()
    assert (job.state, job.written, Listing.objects.count()) == (ImportState.CANCELLED, 2, 2)

    jobs.resume(job)
    engine.work(job.pk)
    job.refresh_from_db()
    assert (job.state, job.written, Listing.objects.count()) == (ImportState.DONE, 5, 5)


@pytest.mark.usefixtures("small_batches")
def test_a_turn_that_is_over_goes_on_in_the_next(dealer: Dealer, user: User, monkeypatch: pytest.MonkeyPatch) -> None:
    job = started(dealer, user, *(car(f"A-{number}") for number in range(5)))
    clock = iter(range(0, 10_000, 100))
    monkeypatch.setattr(engine.time, "monotonic", lambda: next(clock))

    positions = []
    while Import.objects.get().state == ImportState.CHECKING:
        engine.work(job.pk, seconds=250)
        positions.append(Import.objects.get().read)

    assert positions == [2, 4, 5]


def test_a_car_that_somebody_else_created_meanwhile_is_judged_again(
    dealer: Dealer, user: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    job = loaded(dealer, user, car("A-1", VIN=VIN), car("A-2"), run=False)
    jobs.run(job)
    real, calls = rows.write, []

    def late(*args: Any) -> None:
        if not calls:
            calls.append(1)
            raise engine.IntegrityError("listing_vin_once_among_active")
        real(*args)

    monkeypatch.setattr(rows, "write", late)
    engine.work(job.pk)
    job.refresh_from_db()

    assert (job.state, job.written, outcomes(job)) == (ImportState.DONE, 2, {"create": 2})


@pytest.mark.parametrize("wrong", ["nobody", "agent", "stranger", "inactive"])
def test_rights_count_when_the_work_is_done(dealer: Dealer, user: User, wrong: str) -> None:
    job = loaded(dealer, user, car("A-1"), run=False)
    jobs.run(job)
    if wrong == "inactive":
        user.is_active = False
        user.save()
    else:
        people = {
            "nobody": lambda: None,
            "agent": lambda: member(dealer, MemberRole.AGENT),
            "stranger": lambda: member(DealerFactory(slug="other")),
        }
        Import.objects.filter(pk=job.pk).update(user=people[wrong]())

    engine.work(job.pk)

    job.refresh_from_db()
    assert job.state == ImportState.FAILED
    assert job.error
    assert Listing.objects.count() == 0


# --- Corrections ----------------------------------------------------------------------------------------------------


def test_a_refused_cell_is_corrected_before_the_run(dealer: Dealer, user: User) -> None:
    job = loaded(dealer, user, car("A-1", Год="20188"), run=False)

    row = jobs.correct(job.rows.get(), {"year": "20189"})
    assert row.outcome == RowOutcome.REFUSED
    row = jobs.correct(job.rows.get(), {"year": "2018"})

    job.refresh_from_db()
    assert (row.outcome, row.errors, outcomes(job)) == (RowOutcome.CREATE, [], {"create": 1})
    assert not Listing.objects.exists()
    run_now(job)
    assert Listing.objects.get().year == 2018


def test_a_row_that_the_run_left_out_is_loaded_as_soon_as_it_is_right(dealer: Dealer, user: User) -> None:
    job = loaded(dealer, user, car("A-1", Марка="БМВ-ХХ"), car("A-2"))

    row = jobs.correct(job.rows.get(number=2), {"make": "BMW"})

    job.refresh_from_db()
    assert (row.outcome, row.listing.external_id) == (RowOutcome.CREATE, "A-1")
    assert outcomes(job) == {"create": 2}
    with pytest.raises(FileError):
        jobs.correct(row, {"make": "BMW"})
    with pytest.raises(FileError):
        jobs.correct(job.rows.get(number=3), {"dealer_id": "7"})


# --- Columns --------------------------------------------------------------------------------------------------------


def test_the_meaning_of_columns_is_remembered_for_the_dealer(dealer: Dealer, user: User) -> None:
    content = table([car("A-1")]).replace("Код".encode(), "Наш код".encode()).replace(b"VIN", "Кабина".encode())
    job = jobs.start(dealer, user, ContentFile(content), "cars.csv", ask=False)
    assert job.state == ImportState.MAPPING
    with pytest.raises(FileError, match="VIN"):
        jobs.set_mapping(job, {"Марка": "make"})
    with pytest.raises(FileError):
        jobs.set_mapping(job, {"Нет такого": "external_id"})
    with pytest.raises(FileError):
        jobs.set_mapping(job, {"Наш код": "external_id", "Цена": "price", "Цвет": "price_usd"})

    jobs.set_mapping(job, job.mapping | {"Наш код": "external_id"})

    again = jobs.start(dealer, user, ContentFile(content), "cars.csv", ask=False)
    stranger = DealerFactory(slug="other")
    elsewhere = jobs.start(stranger, member(stranger), ContentFile(content), "cars.csv", ask=False)
    assert (job.state, again.state) == (ImportState.CHECKING, ImportState.CHECKING)
    assert (again.mapping["Наш код"], elsewhere.state) == ("external_id", ImportState.MAPPING)
    assert ImportMapping.objects.count() == 1


# --- Cars that vanished ---------------------------------------------------------------------------------------------


def stock(dealer: Dealer, number: int) -> None:
    for n in range(number):
        ListingFactory(dealer=dealer, external_id=f"A-{n}", published=n == 0)
    ListingFactory(dealer=dealer)
    ListingFactory(dealer=DealerFactory(slug="other"), external_id="theirs", vin=OTHER_VIN)


def test_cars_that_are_not_in_a_full_file_are_archived_if_asked(dealer: Dealer, user: User) -> None:
    stock(dealer, 5)
    # A row that is refused, be it for its keys, names its car all the same.
    cars = [car("A-1"), car("A-2"), car("A-3", Год="1"), car("A-4", VIN=OTHER_VIN)]

    kept = loaded(dealer, user, *cars)
    assert (kept.vanished, Listing.objects.filter(archived_at__isnull=False).count()) == (0, 0)
    job = loaded(dealer, user, *cars, archive_vanished=True)

    gone = Listing.objects.get(archived_at__isnull=False)
    assert (job.state, job.vanished, gone.external_id, gone.live) == (ImportState.DONE, 1, "A-0", False)


@pytest.mark.parametrize("proceed", [True, False])
def test_too_many_vanished_cars_are_asked_about(dealer: Dealer, user: User, proceed: bool) -> None:
    stock(dealer, 5)
    job = loaded(dealer, user, *(car(f"A-{number}", Цена="80000") for number in range(2, 5)), archive_vanished=True)

    assert (job.state, job.vanished) == (ImportState.WAITING, 2)
    assert not Listing.objects.filter(price=80_000).exists()
    jobs.decide(job, proceed)
    engine.work(job.pk)

    job.refresh_from_db()
    assert job.state == ImportState.DONE
    assert Listing.objects.filter(archived_at__isnull=False).count() == (2 if proceed else 0)
    assert Listing.objects.filter(price=80_000).count() == 3


# --- What is refused as a whole -------------------------------------------------------------------------------------


def bomb() -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("xl/workbook.xml", b"0" * 60_000_000)
    return buffer.getvalue()


LAUGHS = b"""<?xml version="1.0"?><!DOCTYPE lolz [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;">]>
<data><cars><car><mark_id>&b;</mark_id></car></cars></data>"""


class Large(ContentFile):
    """A gigabyte, as far as its size is concerned."""

    def __init__(self, content: bytes) -> None:
        super().__init__(content)
        self.size = 1024**3


@pytest.mark.parametrize(
    ("name", "file"),
    [
        ("cars.xlsx", ContentFile(bomb())),
        ("cars.xml", ContentFile(LAUGHS)),
        ("cars.csv", Large(table([car()]))),
        ("cars.xlsx", ContentFile(table([car()]))),
        ("cars.csv", ContentFile(b"")),
        ("cars.csv", ContentFile(b"\x7fELF" + bytes(range(256)) * 20)),
    ],
)
def test_hostile_files_are_refused_in_words_and_leave_nothing(
    dealer: Dealer, user: User, folders: Path, name: str, file: Any
) -> None:
    file.seek(0)
    with pytest.raises(FileError) as refused:
        jobs.start(dealer, user, file, name)

    assert len(str(refused.value)) > 10
    assert not Import.objects.exists()
    assert [path for path in (folders / "imports").rglob("*") if path.is_file()] == []


def test_formulas_stay_texts(dealer: Dealer, user: User) -> None:
    evil = '=HYPERLINK("http://evil.example")'
    job = loaded(dealer, user, car("A-1", Марка=evil))

    assert outcomes(job) == {"refused": 1}
    report = b"".join(jobs.report(job, "csv")[2]).decode()
    assert ";Марка;\"'=HYPERLINK(" in report
    assert ";=" not in report.replace('"', "")


# --- After it -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("fmt", ["csv", "xlsx"])
def test_the_report_names_every_row(dealer: Dealer, user: User, fmt: str) -> None:
    job = loaded(dealer, user, car("A-1"), car("A-2", Год="1"))

    name, kind, content = jobs.report(job, fmt)
    data = b"".join(content)

    assert name.endswith(f".{fmt}")
    assert kind
    if fmt == "csv":
        lines = data.decode("utf-8-sig").splitlines()
        assert len(lines) == 3
        assert "A-1" in lines[1]
        assert f"/{Listing.objects.get().pk}/" in lines[1]
        assert "Год" in lines[2]


def test_progress_is_in_the_row(dealer: Dealer, user: User) -> None:
    job = started(dealer, user, car("A-1"), car("A-2"))
    seen: list[dict[str, Any]] = []

    engine.work(job.pk, on_batch=lambda _job: seen.append(jobs.progress(Import.objects.get(pk=job.pk))))

    assert [(item["state"], item["read"], item["percent"]) for item in seen] == [("checking", 2, 100)]
    job.refresh_from_db()
    assert jobs.progress(job)["counts"] == {"create": 2, "change": 0, "same": 0, "refused": 0}


def test_old_files_and_rows_are_removed_and_the_numbers_stay(dealer: Dealer, user: User) -> None:
    old, young = loaded(dealer, user, car("A-1")), loaded(dealer, user, car("A-2"))
    path = old.path
    Import.objects.filter(pk=old.pk).update(created_at=timezone.now() - retention.KEPT - timedelta(days=1))

    assert retention.prune() == 1
    assert retention.prune() == 0

    old.refresh_from_db()
    assert (path.exists(), old.rows.count(), outcomes(old)) == (False, 0, {"create": 1})
    assert (young.path.exists(), young.rows.count()) == (True, 1)
    with pytest.raises(FileError):
        jobs.correct(ImportRow.objects.get(), {"year": "1"})


def test_an_import_that_nobody_finished_is_stopped_when_its_file_goes(dealer: Dealer, user: User) -> None:
    job = loaded(dealer, user, car("A-1"), run=False)
    Import.objects.filter(pk=job.pk).update(
        state=ImportState.MAPPING, created_at=timezone.now() - retention.KEPT - timedelta(days=1)
    )
    retention.prune()
    job.refresh_from_db()

    assert job.state == ImportState.CANCELLED
    with pytest.raises(FileError):
        jobs.resume(job)


# --- In a worker ----------------------------------------------------------------------------------------------------


@pytest.mark.django_db(transaction=True)
def test_a_worker_checks_and_loads_what_somebody_started(
    dealer: Dealer, user: User, worker: Callable[..., Process]
) -> None:
    worker("imports")
    job = started(dealer, user, car("A-1"), car("A-2", Год="1"))

    wait_for(job, ImportState.CHECKED)
    jobs.run(job)
    wait_for(job, ImportState.DONE)

    assert outcomes(job) == {"create": 1, "refused": 1}
    assert Listing.objects.get().external_id == "A-1"


def wait_for(job: Import, state: ImportState) -> None:
    deadline = time.monotonic() + 30
    while job.state != state and time.monotonic() < deadline:
        time.sleep(0.1)
        job.refresh_from_db()
    assert job.state == state, job.error
