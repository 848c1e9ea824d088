"""Cars by channels: what stands where and why not, for one's own cars, at a constant price."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone, translation

from integrations.publications.models import Channel, Choice, Publication
from integrations.publications.vocabulary import State
from integrations.reports.cars.matrix import rows_of, visible_cars
from listings.lifecycle import publish_listing
from listings.models import Listing
from tests.factories import DealerFactory, ListingFactory, UserFactory, member
from tests.integrations.conftest import work

pytestmark = pytest.mark.django_db
Publish = Callable[..., Publication]


def other_channel(name: str, **fields: Any) -> Channel:
    first = Channel.objects.earliest("pk")
    return Channel.objects.create(name=name, adapter=first.adapter, settings=first.settings, **fields)


def cells(*channels: Channel) -> list[tuple[str, str]]:
    """Of the only car."""
    known = list(Channel.objects.select_related("dealer").filter(pk__in=[channel.pk for channel in channels]))
    [row] = rows_of(list(visible_cars(UserFactory(is_superuser=True))), known)
    return [(cell.look.icon, cell.why) for cell in row.cells]


def test_a_cell_says_what_stands_there_and_leads_to_the_publication(publish: Publish, admin_client: Client) -> None:
    row = work(publish())
    page = admin_client.get(reverse("reports_matrix")).content.decode()
    assert reverse("publication:inspect", args=[row.pk]) in page
    assert reverse("wagtailsnippets_listings_listing:edit", args=[row.document.listing_id]) in page
    assert "matrix__cell--good" in page


@pytest.mark.parametrize(
    ("fields", "icon"),
    [
        ({"state": State.PUBLISHED, "confirmed_at": timezone.now()}, "check"),
        ({"state": State.PUBLISHED, "confirmed_at": None}, "download"),
        ({"state": State.PENDING, "not_before": timezone.now() + timedelta(days=1)}, "date"),
        ({"state": State.UPDATING}, "time"),
        ({"state": State.PENDING, "error_class": "retry"}, "warning"),
        ({"state": State.FAILED}, "warning"),
        ({"state": State.UNCERTAIN}, "help"),
        ({"state": State.MANUAL}, "edit"),
        ({"state": State.WITHDRAWN}, "cross"),
    ],
)
def test_every_state_has_its_sign(publish: Publish, fields: dict[str, Any], icon: str) -> None:
    row = publish()
    Publication.objects.filter(pk=row.pk).update(**fields)
    assert cells(row.channel)[0][0] == icon


def test_an_absent_car_says_why(channel: Channel, make_listing: Callable[..., Listing]) -> None:
    listing = make_listing()
    left_out, by_hand = other_channel("A"), other_channel("B", automatic=False)
    strict = other_channel("C", rules={"price_max": 10, "needs_photo": True})
    foreign, off = other_channel("D", dealer=DealerFactory(slug="foreign")), other_channel("E", is_active=False)
    Choice.objects.create(channel=left_out, listing=listing, wanted=False)
    publish_listing(listing)
    late = other_channel("F")
    with translation.override("en"):
        whys = [why for _icon, why in cells(left_out, by_hand, strict, foreign, off, late)]
    assert whys == [
        "a person has left it out",
        "only by hand",
        "rules: high price, no photos",
        "another dealer's channel",
        "the channel is switched off",
        "never sent: older than the channel",
    ]


def test_the_page_speaks_russian(publish: Publish, admin_client: Client) -> None:
    publish()
    other_channel("Строгий", rules={"price_max": 10}, automatic=False)
    page = admin_client.get(reverse("reports_matrix")).content.decode()
    for words in ("Автомобили по каналам", "правила: высокая цена", "в работе"):
        assert words in page


def test_only_what_needs_attention(publish: Publish) -> None:
    boss = UserFactory(is_superuser=True)
    fine, failed, stuck = (publish() for _car in range(3))
    Publication.objects.filter(pk=fine.pk).update(state=State.PUBLISHED)
    Publication.objects.filter(pk=failed.pk).update(state=State.FAILED)
    Publication.objects.filter(pk=stuck.pk).update(error_class="retry")
    found = visible_cars(boss, attention=True)
    assert {car.pk for car in found} == {failed.document_id, stuck.document_id}


def test_cars_are_found_by_number_and_dealer(publish: Publish, client: Client) -> None:
    one = publish(vin="WBAVL31030VT12345", stock_number="A-77")
    publish()
    boss = UserFactory(is_superuser=True)
    for query in ("VT12345", "A-77"):
        assert [car.pk for car in visible_cars(boss, query=query)] == [one.document_id]
    assert not visible_cars(boss, dealer="nobody").exists()
    client.force_login(boss)
    asked = client.get(reverse("reports_matrix"), {"q": "A-77", "dealer": "avtosalon"})
    assert asked.content.decode().count("matrix__car") == 1


def test_a_dealer_sees_his_cars_and_no_channel_of_another(publish: Publish, client: Client) -> None:
    row = publish()
    other = DealerFactory(slug="foreign", name="Чужой салон")
    other_channel("Канал чужого", dealer=other)
    ListingFactory(dealer=other, published=True)
    client.force_login(member(row.document.listing.dealer, username="own"))
    page = client.get(reverse("reports_matrix")).content.decode()
    assert "Канал чужого" not in page
    assert "Чужой салон" not in page
    assert page.count("matrix__car") == 1
    client.force_login(member(DealerFactory(slug="third"), username="third"))
    assert client.get(reverse("reports_matrix")).content.decode().count("matrix__car") == 0


def test_the_page_costs_the_same_for_three_and_for_thirty_cars(publish: Publish, admin_client: Client) -> None:
    def queries() -> int:
        with CaptureQueriesContext(
            connection,
        ) as captured:
            admin_client.get(reverse("reports_matrix"))
        return len(captured)

    for _car in range(3):
        publish()
    queries()
    few = queries()
    for _car in range(27):
        publish()
    assert queries() == few


def test_who_may_not_see_publications_does_not_see_the_page(client: Client) -> None:
    client.force_login(UserFactory())
    assert client.get(reverse("reports_matrix")).status_code != 200
