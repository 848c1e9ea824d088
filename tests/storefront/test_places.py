from datetime import timedelta

import pytest
from django.utils import timezone, translation
from pytest_django import Settings

from cms.storefront.models import DirtyRoute, Priority, PublishedRoute, RouteState
from cms.storefront.places import site_place
from listings.models import PublishedListing

pytestmark = pytest.mark.django_db

NOW = timezone.now()
EARLIER = NOW - timedelta(days=1)


def waiting(error: str = "") -> None:
    DirtyRoute.objects.create(
        path="/cars/x", token=1, priority=Priority.CLICK, marked_at=NOW, next_attempt_at=NOW, error=error
    )


def published(state: RouteState) -> None:
    PublishedRoute.objects.create(path="/cars/x", state=state, since=EARLIER, updated_at=NOW)


def place(is_public: bool = True) -> tuple[str, str, str, object]:
    document = PublishedListing(slug="x", is_public=is_public, removed_at=None if is_public else EARLIER)
    with translation.override("ru"):
        found = site_place(document)
    assert found.name == "Сайт"
    return found.state_label, found.tone, found.url, found.at


def test_new_car_waits(settings: Settings) -> None:
    waiting()

    assert place() == ("ожидает: появится через несколько секунд", "waiting", "", NOW)


def test_car_on_the_site_has_its_address_and_since_when(settings: Settings) -> None:
    settings.SITE_URL = "https://cars.example"
    published(RouteState.LIVE)

    assert place() == ("на сайте", "good", "https://cars.example/cars/x", EARLIER)


def test_changed_car_stays_reachable_while_it_waits(settings: Settings) -> None:
    settings.SITE_URL = "https://cars.example"
    published(RouteState.LIVE)
    waiting()

    assert place() == ("обновляется", "waiting", "https://cars.example/cars/x", NOW)


def test_withdrawn_car_is_first_being_taken_off_then_gone() -> None:
    published(RouteState.GONE)
    assert place(is_public=False) == ("снято с сайта", "off", "", EARLIER)

    waiting()
    assert place(is_public=False) == ("снимается с сайта", "waiting", "", NOW)


def test_failure_is_said_in_plain_words() -> None:
    waiting(error="renderer answered 500")
    document = PublishedListing(slug="x", is_public=True)

    with translation.override("ru"):
        found = site_place(document)

    assert (found.state_label, found.tone) == ("ошибка", "bad")
    assert found.detail == (
        "Страницу не удалось обновить. Система повторит попытку сама; если это не проходит, сообщите администратору."
    )
