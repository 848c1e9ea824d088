"""A dealer's program loads whole files by the API; a worker's part is played by calling the engine."""

from pathlib import Path
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from listings.exchange.engine import work
from listings.models import Dealer, Import, Listing
from listings.vocabulary import Scope
from tests.factories import CarModelFactory, CityFactory, DealerFactory, MakeFactory

from .api import Program

pytestmark = pytest.mark.django_db

HEADER = "id;Марка;Модель;Год;Пробег;Топливо;КПП;Привод;Кузов;Цвет;Цена"
RIGHT = "A-1;BMW;X5;2018;120000;дизель;автомат;полный;внедорожник;чёрный;90000"
WRONG = "A-2;BMW;X5;2018;120000;дрова;автомат;полный;внедорожник;чёрный;90000"


@pytest.fixture
def dealer(folders: Path) -> Dealer:
    CarModelFactory(make=MakeFactory())
    return DealerFactory(city=CityFactory())


@pytest.fixture
def program(dealer: Dealer) -> Program:
    return Program(dealer, Scope.IMPORTS_WRITE)


def table(*rows: str, header: str = HEADER, name: str = "cars.csv") -> SimpleUploadedFile:
    return SimpleUploadedFile(name, "\n".join([header, *rows]).encode(), "text/csv")


def started(program: Program, *rows: str, **options: Any) -> str:
    answer = program.upload("dealer/imports", file=table(*rows), **options)
    assert answer.status_code == 201, answer.content
    return str(answer.json()["id"])


def worked(program: Program, key: str) -> Any:
    """After a worker has had the import."""
    work(Import.objects.get(uuid=key).pk)
    return program.get(f"dealer/imports/{key}").json()


def test_a_file_is_checked_run_and_reported(dealer: Dealer, program: Program) -> None:
    key = started(program, RIGHT, WRONG)
    checked = worked(program, key)
    assert (checked["state"], checked["counts"]) == ("checked", {"create": 1, "change": 0, "same": 0, "refused": 1})
    assert Listing.objects.count() == 0

    refused = program.get(f"dealer/imports/{key}/rows", outcome="refused").json()
    assert refused["count"] == 1
    assert refused["items"][0]["errors"][0]["column"] == "fuel"

    assert program.post(f"dealer/imports/{key}/run").json()["state"] == "running"
    done = worked(program, key)
    assert (done["state"], done["written"]) == ("done", 2)
    assert Listing.objects.get().external_id == "A-1"
    report = b"".join(program.get(f"dealer/imports/{key}/report", format="csv").streaming_content).decode("utf-8-sig")
    assert "дрова" in report
    assert [job["id"] for job in program.get("dealer/imports").json()["items"]] == [key]


def test_columns_that_are_not_understood_are_named(program: Program) -> None:
    file = table(RIGHT, header=HEADER.replace("id;", "Наш номер;"))
    asked = program.upload("dealer/imports", file=file).json()
    assert asked["state"] == "mapping"
    mapping = asked["mapping"] | {"Наш номер": "external_id"}

    wrong = program.put(f"dealer/imports/{asked['id']}/mapping", {"mapping": mapping | {"Цена": "prise"}})
    assert (wrong.status_code, wrong.json()["errors"][0]["field"]) == (422, "/mapping")
    said = program.put(f"dealer/imports/{asked['id']}/mapping", {"mapping": mapping}).json()
    assert said["state"] == "checking"
    assert worked(program, asked["id"])["counts"]["create"] == 1


def test_an_import_is_cancelled_and_resumed(program: Program) -> None:
    key = started(program, RIGHT)

    assert program.post(f"dealer/imports/{key}/cancel").json()["state"] == "cancelled"
    refused = program.post(f"dealer/imports/{key}/run")
    assert refused.status_code == 409
    assert refused.json()["detail"]
    assert program.post(f"dealer/imports/{key}/resume").status_code == 200
    assert program.post(f"dealer/imports/{key}/decide", {"proceed": True}).status_code == 409


def test_a_file_that_cannot_be_read_is_refused_in_words(program: Program) -> None:
    answer = program.upload("dealer/imports", file=SimpleUploadedFile("cars.xlsx", b"GIF89a", "image/gif"))

    assert answer.status_code == 422
    assert answer.json()["errors"][0]["field"] == "/file"
    assert Import.objects.count() == 0


def test_the_same_file_sent_again_is_one_import(program: Program) -> None:
    first = program.upload("dealer/imports", key="one", file=table(RIGHT))
    again = program.upload("dealer/imports", key="one", file=table(RIGHT))

    assert first.content == again.content
    assert Import.objects.count() == 1


def test_another_dealers_import_is_not_there(program: Program) -> None:
    other = Program(DealerFactory(slug="other"), Scope.IMPORTS_WRITE)
    key = started(program, RIGHT)

    assert other.get("dealer/imports").json()["items"] == []
    for path in ("", "/rows", "/report"):
        assert other.get(f"dealer/imports/{key}{path}").status_code == 404
    for verb in ("run", "cancel", "resume"):
        assert other.post(f"dealer/imports/{key}/{verb}").status_code == 404
    assert other.put(f"dealer/imports/{key}/mapping", {"mapping": {}}).status_code == 404
    assert other.post(f"dealer/imports/{key}/decide", {"proceed": True}).status_code == 404
