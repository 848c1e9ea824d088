"""The address at which a platform reaches a channel."""

import secrets

from django.conf import settings
from django.core.exceptions import PermissionDenied, ValidationError
from django.db.models import F
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from wagtail.log_actions import log

from cms.users.models import User
from integrations.marketplaces.base import AdapterError, MarketplaceAdapter
from integrations.marketplaces.registry import Adapter, get_adapter
from integrations.publications.accounts import open_account
from integrations.publications.models import Channel

from .models import ChannelWatch

TOKEN_BYTES = 32


def address_of(channel: Channel) -> str:
    """Where the platform is to call; empty before somebody has pressed "Receive events"."""
    if not channel.webhook_token:
        return ""
    return f"{settings.CMS_URL}{reverse('incoming_webhook', args=[channel.webhook_token])}"


def is_entered_by_hand(adapter: Adapter) -> bool:
    """Whether the platform has no way to be told the address, so that a person enters it there."""
    return type(adapter).connect_webhook is MarketplaceAdapter.connect_webhook


def connect(channel: Channel, user: User) -> None:
    """Gives the channel its address and tells the platform. May be repeated. Raises ValidationError."""
    if not user.has_perm("publications.change_channel"):
        raise PermissionDenied
    adapter = get_adapter(channel.adapter)
    if not adapter.capabilities.has_webhook:
        raise ValidationError(_("This platform sends no events."))
    token = secrets.token_urlsafe(TOKEN_BYTES)
    Channel.objects.filter(pk=channel.pk, webhook_token=None).update(webhook_token=token)
    channel.refresh_from_db(fields=["webhook_token"])
    try:
        adapter.connect_webhook(address_of(channel), open_account(channel))
    except AdapterError as error:
        raise ValidationError(str(error)) from error
    ChannelWatch.objects.update_or_create(channel=channel, defaults={"connected_at": timezone.now()})
    log(instance=channel, action="monitoring.connect", user=user)


def count_forged(channel: Channel) -> None:
    """Somebody knows the address who is not the platform."""
    ChannelWatch.objects.get_or_create(channel=channel)
    ChannelWatch.objects.filter(channel=channel).update(forged=F("forged") + 1, forged_at=timezone.now())
