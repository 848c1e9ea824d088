"""The page “Platforms”: exact numbers, and nobody else's."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from integrations.publications.models import Publication
from integrations.publications.vocabulary import State
from integrations.reports.overview import channel_lines
from tests.integrations.conftest import channel, dealer, make_listing, publish, sandbox  # noqa: F401  fixtures

pytestmark = pytest.mark.django_db
Publish = Callable[..., Publication]


def test_states_are_counted_and_the_oldest_due_row_is_named(publish: Publish, admin_client: Client) -> None:  # noqa: F811
    now = timezone.now()
    for state, age in ((State.PENDING, 5), (State.PENDING, 9), (State.UNCERTAIN, 30)):
        Publication.objects.filter(pk=publish().pk).update(state=state, next_attempt_at=now - timedelta(minutes=age))
    [line] = channel_lines(Publication.objects.all(), now)
    assert line.counts == {State.PENDING: 2, State.UNCERTAIN: 1}
    assert (line.total, line.troubled, line.oldest_due) == (3, 1, now - timedelta(minutes=9))
    page = admin_client.get(reverse("reports_overview"))
    assert f'channel={line.channel.pk}&amp;state=pending">2</a>' in page.content.decode()


def test_who_may_not_see_publications_does_not_see_the_page(client: Client, django_user_model: type) -> None:
    client.force_login(django_user_model.objects.create_user("somebody@avtofamily.example", password="x"))  # type: ignore[attr-defined]
    assert client.get(reverse("reports_overview")).status_code != 200
