"""The address of a channel's file: whoever knows it may fetch it, so it is kept like a password.

The database knows only the token's hash. The token itself is in the store of credentials, so that people who may
change the channel can copy the address.
"""

import hashlib
import secrets

from django.conf import settings
from django.db import transaction
from django.urls import reverse
from wagtail.log_actions import log

from cms.users.models import User
from integrations.credentials.store import credential_store
from integrations.publications.models import Channel

from .entries import feed_adapter, feed_of
from .models import ChannelFeed

TOKEN_BYTES = 32
TOKEN = "token"  # noqa: S105  the name of the field in the store


def address_of(channel: Channel) -> str:
    """Gives the channel an address if it has none. Raises CredentialsUnavailable and CredentialsUnreadable."""
    feed = feed_of(channel)
    if feed.token_hash is None:
        feed = _make(channel, instead_of=None)
    token = credential_store().get(feed.credential, owner=channel.name)[TOKEN]
    path = reverse("feed_file", args=[token.get_secret_value(), feed_adapter(channel).file.name])
    return f"{settings.CMS_URL}{path}"


def exchange_address(channel: Channel, user: User) -> None:
    """The old address stops working at once. Raises as `address_of` does."""
    feed = feed_of(channel)
    _make(channel, instead_of=feed.token_hash)
    log(instance=channel, action="feeds.exchange_address", user=user)


def feed_by_token(token: str) -> ChannelFeed | None:
    """By its hash: how long the look-up takes says nothing of tokens."""
    return ChannelFeed.objects.select_related("channel").filter(token_hash=_hash(token)).first()


def forget_address(feed: ChannelFeed) -> None:
    """Of a channel that is being deleted."""
    credential_store().delete(feed.credential)


def _make(channel: Channel, *, instead_of: str | None) -> ChannelFeed:
    """Of two at once one makes it, and both have the same."""
    with transaction.atomic():
        feed = ChannelFeed.objects.select_for_update().get(channel=channel)
        if feed.token_hash != instead_of:
            return feed
        token = secrets.token_urlsafe(TOKEN_BYTES)
        feed.credential = credential_store().put(feed.credential, {TOKEN: token}, owner=channel.name)
        feed.token_hash = _hash(token)
        feed.save(update_fields=["credential", "token_hash"])
    return feed


def _hash(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()
