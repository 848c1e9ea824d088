"""What these tests share with those of publishing: a sandbox, a channel, listings."""

import pytest

from cms.users.models import User
from integrations.publications.models import Channel
from listings.models import Dealer
from tests.factories import UserFactory, member
from tests.integrations.conftest import (  # noqa: F401  fixtures
    channel,
    clock,
    dealer,
    make_listing,
    publish,
    sandbox,
    world,
)


@pytest.fixture
def boss() -> User:
    person: User = UserFactory(is_superuser=True, first_name="Ольга", last_name="Главная")
    return person


@pytest.fixture
def off(channel: Channel, dealer: Dealer) -> Channel:  # noqa: F811
    """The dealer's own, not switched on yet."""
    channel.is_active, channel.dealer = False, dealer
    channel.save()
    return channel


@pytest.fixture
def manager(dealer: Dealer) -> User:  # noqa: F811
    return member(dealer, username="manager", first_name="Иван", last_name="Свой")
