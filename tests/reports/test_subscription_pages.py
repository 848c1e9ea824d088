"""“Reports by e-mail” in the admin: everybody his own, an administrator those of others."""

from typing import Any

import pytest
from django.core import mail
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from integrations.publications.models import Channel
from integrations.reports.mail.subscriptions import MOST
from integrations.reports.models import ReportSubscription
from listings.models import Dealer
from tests.factories import DealerFactory, UserFactory, member, staff

pytestmark = pytest.mark.django_db

WISH = {"group_by": "dealer", "every": "week", "weekday": "4", "hour": "8"}


def as_user(user: Any) -> Client:
    client = Client()
    client.force_login(user)
    return client


def subscribe(user: Any, /, **wish: Any) -> Any:
    return as_user(user).post(reverse("reports_subscribe"), WISH | wish, follow=True)


def act(user: Any, row: ReportSubscription, verb: str) -> Any:
    return as_user(user).post(reverse("reports_subscription_act", args=[row.pk, verb]))


@pytest.fixture
def manager(dealer: Dealer) -> Any:
    return member(dealer, email="boss@avtosalon.example")


@pytest.fixture
def own(manager: Any) -> ReportSubscription:
    return ReportSubscription.objects.create(user=manager, next_at=timezone.now())


def test_a_dealers_manager_subscribes_himself(manager: Any) -> None:
    page = subscribe(manager).content.decode()

    row = ReportSubscription.objects.get()
    assert (row.user, row.created_by, row.group_by, row.weekday, row.hour) == (manager, manager, "dealer", 4, 8)
    local = timezone.localtime(row.next_at)
    assert (local.weekday(), local.hour, local.minute) == (4, 8, 0)
    assert row.next_at > timezone.now()
    assert "пятница, 08:00 — за семь предыдущих дней" in page
    assert "Сохранено." in page


def test_what_was_chosen_on_the_report_is_filled_in(manager: Any, channel: Channel) -> None:
    page = as_user(manager).get(reverse("reports_subscribe"), {"group_by": "car"}).content.decode()

    assert '<option value="car" selected>' in page


def test_a_dealers_manager_cannot_subscribe_others_nor_to_another_dealer(manager: Any) -> None:
    other = DealerFactory(slug="other")
    colleague = member(other)
    channel = Channel.objects.create(name="ТАЙНЫЙ канал", adapter="telegram", dealer=other)

    subscribe(manager, user=colleague.pk, dealer=other.pk)
    refused = subscribe(manager, channel=channel.pk)

    row = ReportSubscription.objects.get()
    assert (row.user, row.dealer, row.channel) == (manager, None, None)
    assert refused.status_code == 200
    assert "ТАЙНЫЙ" not in refused.content.decode()


def test_an_administrator_subscribes_others_to_what_they_may_see(manager: Any, dealer: Dealer) -> None:
    boss, other = staff("administrator"), DealerFactory(slug="other")

    subscribe(boss, user=manager.pk, dealer=dealer.pk)
    refused = subscribe(boss, user=manager.pk, dealer=other.pk).content.decode()
    nobody = subscribe(boss, user=UserFactory().pk).content.decode()

    row = ReportSubscription.objects.get()
    assert (row.user, row.created_by, row.dealer) == (manager, boss, dealer)
    assert "Нет права видеть автомобили этого дилера." in refused
    assert "error-message" in nobody
    assert manager.email in as_user(boss).get(reverse("reports_subscriptions")).content.decode()


def test_nobody_else_sees_changes_sends_or_stops_it(own: ReportSubscription) -> None:
    strangers = [member(DealerFactory(slug="other")), member(own.user.dealer_members.get().dealer), staff("marketer")]
    for stranger in strangers:
        client = as_user(stranger)
        assert own.user.email not in client.get(reverse("reports_subscriptions")).content.decode()
        for name in ("reports_subscription", "reports_subscription_stop"):
            assert client.get(reverse(name, args=[own.pk])).status_code == 404
        assert client.post(reverse("reports_subscription", args=[own.pk]), WISH).status_code == 404
        for verb in ("now", "stop", "resume"):
            assert act(stranger, own, verb).status_code == 404
    own.refresh_from_db()
    assert (own.hour, mail.outbox) == (9, [])


def test_who_may_not_see_publications_gets_no_page(own: ReportSubscription) -> None:
    own.user.groups.clear()
    client = as_user(staff("editor"))

    for url in (reverse("reports_subscriptions"), reverse("reports_subscribe")):
        assert client.get(url).status_code == 302
        assert client.post(url, WISH).status_code != 200
    assert ReportSubscription.objects.count() == 1


def test_one_can_be_tried_at_once_without_touching_the_schedule(own: ReportSubscription) -> None:
    before = own.next_at

    act(own.user, own, "now")

    own.refresh_from_db()
    assert [message.to for message in mail.outbox] == [[own.user.email]]
    assert (own.next_at, own.told_until, own.sent_at) == (before, None, None)


def test_a_try_of_an_administrator_goes_to_himself(own: ReportSubscription) -> None:
    boss = staff("administrator", email="admin@avtofamily.example")

    act(boss, own, "now")

    assert [message.to for message in mail.outbox] == [["admin@avtofamily.example"]]


def test_the_link_of_the_e_mail_stops_it_at_the_press_of_a_button(own: ReportSubscription) -> None:
    page = as_user(own.user).get(reverse("reports_subscription_stop", args=[own.pk])).content.decode()
    assert "Больше не присылать" in page
    assert ReportSubscription.objects.exists()

    act(own.user, own, "stop")

    assert not ReportSubscription.objects.exists()


def test_a_paused_report_says_why_and_goes_on_when_the_right_is_back(own: ReportSubscription, dealer: Dealer) -> None:
    other = DealerFactory(slug="other")
    ReportSubscription.objects.update(dealer=other, paused_at=timezone.now(), paused_reason="Нет права.")
    assert "Нет права." in as_user(own.user).get(reverse("reports_subscriptions")).content.decode()

    act(own.user, own, "resume")
    own.refresh_from_db()
    assert own.paused_at is not None

    ReportSubscription.objects.update(dealer=dealer)
    act(own.user, own, "resume")
    own.refresh_from_db()
    assert (own.paused_at, own.paused_reason) == (None, "")
    assert own.next_at > timezone.now()


@pytest.mark.parametrize("wish", [{"hour": "24"}, {"weekday": "7"}, {"every": "year"}, {"group_by": "planet"}])
def test_nonsense_is_refused(manager: Any, wish: dict[str, str]) -> None:
    assert "error-message" in subscribe(manager, **wish).content.decode()
    assert not ReportSubscription.objects.exists()


def test_one_person_cannot_order_without_end(manager: Any) -> None:
    ReportSubscription.objects.bulk_create(
        ReportSubscription(user=manager, next_at=timezone.now()) for _ in range(MOST)
    )

    subscribe(manager)

    assert ReportSubscription.objects.count() == MOST
