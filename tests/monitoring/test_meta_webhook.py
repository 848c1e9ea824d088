"""Meta's webhook at the real door: a person enters address and words there, Meta asks, then signs each call."""

import hashlib
import hmac
import json
from collections.abc import Callable

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from integrations.credentials.store import credential_store
from integrations.monitoring import following, processing
from integrations.monitoring.models import IncomingWebhook, Watch
from integrations.publications.accounts import webhook_secret
from integrations.publications.models import Channel, Publication
from integrations.publications.vocabulary import State

APP_SECRET = "the-secret-of-the-app"

pytestmark = pytest.mark.django_db


@pytest.fixture
def instagram(db: None) -> Channel:
    reference = credential_store().put("", {"token": "a-token", "app_secret": APP_SECRET})
    settings = {"ig_user_id": "17841400000000001"}
    return Channel.objects.create(name="Instagram", adapter="instagram", settings=settings, credential=reference)


@pytest.fixture
def connected(instagram: Channel, admin_client: Client) -> Channel:
    admin_client.post(reverse("monitoring_connect", args=[instagram.pk]))
    instagram.refresh_from_db()
    return instagram


def url(channel: Channel) -> str:
    return reverse("incoming_webhook", args=[channel.webhook_token])


def deliver(channel: Channel, body: bytes, secret: str = APP_SECRET) -> int:
    signature = hmac.new(secret.encode(), body, hashlib.sha256).hexdigest()
    headers = {"HTTP_X_HUB_SIGNATURE_256": f"sha256={signature}"}
    return int(Client().post(url(channel), body, content_type="application/json", **headers).status_code)  # type: ignore[arg-type]


def test_the_page_shows_what_a_person_enters_there(connected: Channel, admin_client: Client) -> None:
    page = admin_client.get(reverse("monitoring_channel", args=[connected.pk])).content.decode()

    assert url(connected) in page
    assert webhook_secret(connected) in page


@pytest.mark.parametrize(("right", "status"), [(True, 200), (False, 403)])
def test_metas_question_is_answered(connected: Channel, right: bool, status: int) -> None:
    words = webhook_secret(connected) if right else "guessed"
    query = {"hub.mode": "subscribe", "hub.challenge": "1158201444", "hub.verify_token": words}

    response = Client().get(url(connected), query)

    assert response.status_code == status
    assert (response.content == b"1158201444") is right


def test_a_comment_confirms_its_post(connected: Channel, publish: Callable[..., Publication]) -> None:
    now = timezone.now()
    publish()
    publication = Publication.objects.get(channel=connected)
    publication.state, publication.published_at, publication.key = State.PUBLISHED, now, "17900000000000001"
    publication.save()
    following.follow(now)
    change = {"field": "comments", "value": {"media": {"id": publication.key}, "text": "Торг?"}}
    body = json.dumps({"object": "instagram", "entry": [{"changes": [change]}]}).encode()

    assert deliver(connected, body, secret="another") == 403
    assert deliver(connected, body) == 200
    processing.process(IncomingWebhook.objects.get().pk)

    publication.refresh_from_db()
    assert publication.confirmed_at is not None
    assert Watch.objects.get(publication=publication).state == "live"
