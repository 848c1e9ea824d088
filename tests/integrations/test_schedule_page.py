"""What is planned and what runs when, on one page."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from django.conf import settings
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from integrations.publications.models import Channel, Choice, TaskRun
from integrations.publications.task_runs import jobs
from integrations.publications.tasks import renew
from listings.lifecycle import publish_listing
from listings.models import Listing
from tests.factories import DealerFactory, member

pytestmark = pytest.mark.django_db

URL = "publications_schedule"


def test_plans_stand_by_day_and_channel_and_others_do_not_see_them(
    admin_client: Client, client: Client, channel: Channel, make_listing: Callable[..., Listing]
) -> None:
    car = make_listing()
    publish_listing(car)
    when = timezone.now() + timedelta(days=3)
    Choice.objects.create(channel=channel, listing=car, wanted=True, not_before=when)
    days = admin_client.get(reverse(URL)).context["days"]
    assert [(day, [(name, len(rows)) for name, rows in found]) for day, found in days] == [
        (timezone.localdate(when), [(channel.name, 1)])
    ]

    stranger = Client()
    stranger.force_login(member(DealerFactory(slug="other")))
    context = stranger.get(reverse(URL)).context
    assert (context["days"], context["jobs"]) == ([], [])


def test_a_run_is_noted_once_for_each_task_and_a_failure_by_its_kind(monkeypatch: pytest.MonkeyPatch) -> None:
    renew.apply()
    first = TaskRun.objects.get()
    assert (first.task, first.error) == ("publications.renew_old_posts", "")

    def fail(_now: object) -> int:
        raise RuntimeError("secret words")

    monkeypatch.setattr("integrations.publications.tasks.renew_old_posts", fail)
    renew.apply()
    assert TaskRun.objects.get().error == "RuntimeError"


def test_every_task_of_the_schedule_has_words_and_the_late_ones_are_marked(admin_client: Client) -> None:
    now = timezone.now()
    TaskRun.objects.create(task="publications.sweep_publications", started_at=now - timedelta(hours=1), seconds=0.1)
    TaskRun.objects.create(task="publications.prune_attempts", started_at=now - timedelta(minutes=1), seconds=2)
    page = admin_client.get(reverse(URL))
    rows = {job.key: (str(words), job) for words, _often, job in page.context["jobs"]}

    assert rows.keys() == settings.CELERY_BEAT_SCHEDULE.keys()
    assert [key for key, (words, _job) in rows.items() if words == key] == []
    assert [key for key, (_words, job) in rows.items() if job.is_overdue] == ["sweep-publications"]


def test_the_next_run_of_a_daily_task_is_its_next_hour_of_the_clock() -> None:
    started = timezone.make_aware(timezone.datetime(2026, 11, 20, 4, 5, 1))
    TaskRun.objects.create(task="publications.prune_attempts", started_at=started, seconds=2)
    job = next(job for job in jobs(started + timedelta(hours=1)) if job.key == "prune-attempts")
    assert job.next_at is not None
    assert timezone.localtime(job.next_at).strftime("%d %H:%M") == "21 04:05"
    assert not job.is_overdue
