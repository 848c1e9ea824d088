"""Files to import, and imports that are carried out here instead of in a worker."""

from collections.abc import Iterable
from typing import Any

from django.core.files.base import ContentFile

from cms.users.models import User
from listings.exchange import engine, jobs
from listings.models import Dealer, Import

HEADER = ["Код", "VIN", "Марка", "Модель", "Год", "Пробег", "Топливо", "КПП", "Привод", "Кузов", "Цвет", "Цена", "Фото"]
CAR = {
    "Код": "A-1", "VIN": "", "Марка": "BMW", "Модель": "X5", "Год": "2018", "Пробег": "100000", "Топливо": "дизель",
    "КПП": "автомат", "Привод": "полный", "Кузов": "внедорожник", "Цвет": "чёрный", "Цена": "90000 руб", "Фото": "",
}  # fmt: skip


def car(code: str = "A-1", **cells: str) -> dict[str, str]:
    return CAR | {"Код": code} | cells


def table(cars: Iterable[dict[str, str]]) -> bytes:
    rows = [HEADER, *([row[title] for title in HEADER] for row in cars)]
    return "\r\n".join(";".join(row) for row in rows).encode()


def loaded(dealer: Dealer, user: User | None, *cars: dict[str, str], run: bool = True, **options: Any) -> Import:
    """An import of these cars, checked and (with `run`) loaded."""
    job = started(dealer, user, *cars, **options)
    engine.work(job.pk)
    job.refresh_from_db()
    if run:
        run_now(job)
    return job


def started(dealer: Dealer, user: User | None, *cars: dict[str, str], **options: Any) -> Import:
    return jobs.start(dealer, user, ContentFile(table(cars)), "cars.csv", ask=False, **options)


def run_now(job: Import) -> None:
    jobs.run(job)
    engine.work(job.pk)
    job.refresh_from_db()
