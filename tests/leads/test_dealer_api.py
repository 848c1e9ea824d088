"""A dealer's CRM reads his enquiries."""

from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from leads.models import Lead
from listings.models import Dealer
from listings.vocabulary import Scope
from tests.factories import DealerFactory, ListingFactory
from tests.listings.api import Program

pytestmark = pytest.mark.django_db


def enquiry(dealer: Dealer, **fields: Any) -> Lead:
    earlier = timezone.now() - timedelta(minutes=1)
    values = {"name": "Анна", "phone": "+375291234567", "consent_at": earlier, "created_at": earlier}
    return Lead.objects.create(dealer=dealer, **values | fields)


def test_a_crm_reads_each_of_its_dealers_enquiries_once() -> None:
    dealer = DealerFactory()
    listing = ListingFactory(dealer=dealer, published=True)
    first = enquiry(dealer, listing=listing.document, source={"utm_source": "tg"})
    enquiry(DealerFactory(slug="other"), name="Чужая")
    enquiry(dealer, status="spam")
    second = enquiry(dealer)
    enquiry(dealer, created_at=timezone.now())
    program = Program(dealer, Scope.LEADS_READ)

    one = program.get("dealer/leads", limit=1).json()
    two = program.get("dealer/leads", after=one["after"]).json()

    assert [item["id"] for item in one["items"]] == [first.pk]
    assert one["has_more"]
    assert (one["items"][0]["car"], one["items"][0]["listing"]) == ("BMW X5, 2018", str(listing.uuid))
    assert one["items"][0]["source"] == {"utm_source": "tg"}
    assert ([item["id"] for item in two["items"]], two["has_more"]) == ([second.pk], False)
    assert program.get("dealer/leads", after=two["after"]).json() == two | {"items": []}


def test_enquiries_take_their_own_scope() -> None:
    answer = Program(DealerFactory(), Scope.LISTINGS_READ).get("dealer/leads")

    assert answer.status_code == 403
    assert "leads:read" in answer.json()["detail"]


def test_a_page_of_enquiries_takes_a_constant_number_of_queries(django_assert_num_queries: Any) -> None:
    dealer = DealerFactory()
    listing = ListingFactory(dealer=dealer, published=True)
    program = Program(dealer)
    for _ in range(5):
        enquiry(dealer, listing=listing.document)
    program.get("dealer/leads")

    with django_assert_num_queries(5):
        assert len(program.get("dealer/leads").json()["items"]) == 5
