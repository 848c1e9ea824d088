"""The report of differences: which kinds there are, who sees what, and what leads out of each."""

import io
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import openpyxl
import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from integrations.monitoring import following
from integrations.monitoring.drift import drift_by_channel, with_drift
from integrations.monitoring.models import RemoteCheck, Watch
from integrations.monitoring.vocabulary import Drift, PostState
from integrations.publications.models import Channel, Publication
from integrations.publications.vocabulary import Desired, State
from listings.lifecycle import unpublish_listing
from listings.models import Dealer
from tests.factories import DealerFactory, member, staff
from tests.integrations.conftest import Clock, World, work

from .conftest import Asking, look

Publish = Callable[..., Publication]

pytestmark = pytest.mark.django_db


@pytest.fixture
def gone(publish: Publish, asking: Asking, clock: Clock) -> Publication:
    publication = work(publish())
    asking.post(publication, 404)
    look(publication, clock)
    return publication


@pytest.fixture
def staying(publish: Publish, asking: Asking, clock: Clock) -> Publication:
    publication = work(publish())
    asking.post(publication, 200)
    following.follow(clock.now)
    assert publication.document.listing is not None
    unpublish_listing(publication.document.listing)
    work(publication, clock)
    look(publication, clock)
    return publication


def kinds() -> dict[int, str]:
    return {row.pk: row.drift for row in with_drift(Publication.objects.all(), timezone.now())}  # type: ignore[attr-defined]


def people_of(dealer: Dealer) -> Any:
    """A manager of the dealer, who may see publications."""
    user = member(dealer)
    user.groups.add(*staff("dealer_manager").groups.all())
    return user


def test_each_kind_is_told_from_the_others(publish: Publish, gone: Publication, staying: Publication) -> None:
    fine, problem, older, unseen, planned = (work(publish()) for _ in range(5))
    following.follow(timezone.now())
    Watch.objects.filter(publication=problem).update(problems=["Нет цены"])
    Publication.objects.filter(pk=older.pk).update(state=State.FAILED, desired_hash="new", error_text="Слишком длинно.")
    Publication.objects.filter(pk=unseen.pk).update(confirmed_at=None, published_at=timezone.now() - timedelta(days=4))
    Publication.objects.filter(pk=planned.pk).update(published_at=None, confirmed_at=None)

    assert kinds() == {
        gone.pk: Drift.GONE, staying.pk: Drift.STAYS, problem.pk: Drift.DIFFERS, older.pk: Drift.DIFFERS,
        unseen.pk: Drift.UNSEEN,
    }  # fmt: skip
    assert drift_by_channel(timezone.now()) == {fine.channel_id: 5}


def test_what_shall_go_anyway_is_no_difference(gone: Publication) -> None:
    Publication.objects.update(desired=Desired.ABSENT)

    assert kinds() == {}


def test_the_report_says_what_is_wrong_and_leads_out(admin_client: Client, gone: Publication) -> None:
    page = admin_client.get(reverse("monitoring_drift")).content.decode()

    assert gone.car in page
    assert "HTTP 404" in page
    assert reverse("publication:inspect", args=[gone.pk]) in page
    inspect = admin_client.get(reverse("publication:inspect", args=[gone.pk])).content.decode()
    assert reverse("publications_decide", args=[gone.pk, "anew"]) in inspect


def test_the_report_filters_by_channel_and_kind(admin_client: Client, gone: Publication, staying: Publication) -> None:
    url = reverse("monitoring_drift_results")
    other = Channel.objects.create(name="Другой", adapter="telegram")

    def rows(query: str) -> int:
        return int(admin_client.get(f"{url}?{query}").content.decode().count("/inspect/"))

    assert rows("") == 2
    assert rows("drift=gone") == 1
    assert rows(f"channel={gone.channel_id}") == 2
    assert rows(f"channel={other.pk}") == rows("drift=gone&channel=x") == 2  # not a choice: not taken


@pytest.mark.parametrize("fmt", ["csv", "xlsx"])
def test_the_report_is_exported_without_formulas(admin_client: Client, gone: Publication, fmt: str) -> None:
    Watch.objects.update(how="=HYPERLINK(1)")

    response = admin_client.get(f"{reverse('monitoring_drift')}?export={fmt}")
    content = b"".join(response.streaming_content) if response.streaming else response.content  # type: ignore[attr-defined]

    if fmt == "csv":
        text = content.decode()
    else:
        sheet = openpyxl.load_workbook(io.BytesIO(content)).active
        assert sheet is not None
        text = "\n".join(",".join(str(cell.value) for cell in row) for row in sheet.rows)
    assert "'=HYPERLINK(1)" in text
    assert gone.car in text
    assert str(Drift.GONE.label) in text
    assert gone.address in text


@pytest.mark.parametrize("page", ["monitoring_drift", "monitoring_checks"])
def test_dealers_see_their_own_cars_only(client: Client, gone: Publication, dealer: Dealer, page: str) -> None:
    url = reverse(page)
    client.force_login(people_of(dealer))
    assert f"/inspect/{gone.pk}/" in client.get(url).content.decode()

    stranger = people_of(DealerFactory(slug="another"))
    client.force_login(stranger)
    for address in (url, f"{url}?channel={gone.channel_id}", f"{url}?export=csv"):
        response = client.get(address)
        content = b"".join(response.streaming_content) if response.streaming else response.content  # type: ignore[attr-defined]
        assert gone.car not in content.decode()
        assert gone.channel.name not in content.decode()


@pytest.mark.parametrize("page", ["monitoring_drift", "monitoring_checks"])
def test_reports_are_closed_to_strangers(client: Client, gone: Publication, page: str) -> None:
    client.force_login(staff("editor"))

    assert client.get(reverse(page)).status_code in {302, 403}
    assert client.get(reverse(f"{page}_results")).status_code in {302, 403}


@pytest.mark.parametrize("page", ["monitoring_drift_results", "monitoring_checks_results"])
def test_a_report_takes_the_same_queries_for_any_number(
    admin_client: Client, gone: Publication, publish: Publish, asking: Asking, clock: Clock, page: str
) -> None:
    def measured() -> int:
        with CaptureQueriesContext(connection) as queries:
            assert admin_client.get(reverse(page)).status_code == 200
        return len(queries)

    measured()
    few = measured()
    for _ in range(3):
        publication = work(publish())
        asking.post(publication, 404)
        look(publication, clock)
    assert measured() == few


# --- Buttons --------------------------------------------------------------------------------------
def test_a_post_that_stays_is_withdrawn_once_more(
    admin_client: Client, staying: Publication, asking: Asking, clock: Clock, world: World
) -> None:
    calls = world.calls("deleteMessages")
    assert (
        reverse("monitoring_decide", args=[staying.pk, "withdraw"])
        in admin_client.get(reverse("monitoring_drift")).content.decode()
    )

    admin_client.post(reverse("monitoring_decide", args=[staying.pk, "withdraw"]))
    work(staying)
    following.follow(clock.now)

    assert world.calls("deleteMessages") == calls + 1
    assert (staying.state, staying.published_at, kinds()) == (State.WITHDRAWN, None, {})


def test_a_person_says_that_a_post_is_removed(
    admin_client: Client, admin_user: Any, staying: Publication, clock: Clock
) -> None:
    admin_client.post(reverse("monitoring_decide", args=[staying.pk, "removed"]))

    proof = RemoteCheck.objects.first()
    assert proof is not None
    assert (proof.state, proof.source, proof.person) == ("removed", "person", admin_user.get_username())
    assert Watch.objects.get().next_check_at is None
    assert kinds() == {}


@pytest.mark.parametrize("verb", ["withdraw", "removed"])
def test_a_decision_that_no_longer_fits_changes_nothing(admin_client: Client, gone: Publication, verb: str) -> None:
    before = Publication.objects.values().get()

    admin_client.post(reverse("monitoring_decide", args=[gone.pk, verb]))

    assert Publication.objects.values().get() == before
    assert Watch.objects.get().state == PostState.REMOVED


@pytest.mark.parametrize("verb", ["withdraw", "removed", "nonsense"])
def test_decisions_need_the_right_to_the_car(client: Client, staying: Publication, dealer: Dealer, verb: str) -> None:
    before = Publication.objects.values().get()
    for user in (people_of(dealer), people_of(DealerFactory(slug="another")), staff("marketer")):
        client.force_login(user)
        response = client.post(reverse("monitoring_decide", args=[staying.pk, verb]))
        assert response.status_code in {302, 403, 404}

    assert Publication.objects.values().get() == before
    assert Watch.objects.get().state == PostState.LIVE
