"""What these tests share with those of publishing: a sandbox, a channel, listings."""

from tests.integrations.conftest import (  # noqa: F401  fixtures
    channel,
    clock,
    dealer,
    make_listing,
    publish,
    sandbox,
    world,
)
