from datetime import timedelta

import pytest
from django.utils import timezone
from wagtail.models import Page

from cms.ops.tasks import publish_scheduled


@pytest.mark.django_db
def test_expired_page_is_taken_off_by_the_clock() -> None:
    root = Page.objects.get(depth=1)
    page = root.add_child(instance=Page(title="Offer", slug="offer", live=True))
    Page.objects.filter(pk=page.pk).update(expire_at=timezone.now() - timedelta(minutes=1))

    publish_scheduled()

    page.refresh_from_db()
    assert (page.live, page.expired) == (False, True)
