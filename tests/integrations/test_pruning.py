from collections.abc import Callable
from datetime import timedelta

import pytest
from django.utils import timezone

from integrations.publications.models import Publication, PublicationAttempt
from integrations.publications.pruning import KEPT, prune_attempts
from listings.lifecycle import change_price

from .conftest import work

pytestmark = pytest.mark.django_db


def test_old_attempts_go_and_the_last_of_a_publication_stays(publish: Callable[..., Publication]) -> None:
    publication, other = work(publish()), work(publish())
    for amount in (90_000, 91_000):
        change_price(publication.document.listing, amount)
        work(publication)
    newest = publication.attempts.first()
    PublicationAttempt.objects.update(finished_at=timezone.now() - KEPT - timedelta(days=1))

    assert prune_attempts(timezone.now()) == 2

    assert set(PublicationAttempt.objects.all()) == {newest, other.attempts.get()}
    assert prune_attempts(timezone.now()) == 0
