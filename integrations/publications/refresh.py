"""Keeps access to platforms from running out: asks each adapter for newer access data in time."""

import logging
import traceback
from collections.abc import Callable
from datetime import datetime

from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from pydantic import ValidationError

from integrations.credentials import refreshing
from integrations.credentials.models import CredentialInfo
from integrations.credentials.store import (
    CredentialsChanged,
    CredentialsUnavailable,
    CredentialsUnreadable,
    Secrets,
    covered,
    credential_store,
)
from integrations.marketplaces.base import AdapterError, MarketplaceAdapter, Refreshed, RetryLater
from integrations.marketplaces.registry import all_adapters, get_adapter

from . import outcomes
from .accounts import open_account
from .models import Channel

logger = logging.getLogger(__name__)

REFRESH_CHANNEL = "credentials.refresh_channel"
"""Name of the task."""


def channels_to_refresh(now: datetime) -> list[int]:
    """Switched on, also those that a problem pauses, whose platform gives newer access data, when it is time."""
    able = [key for key, adapter in all_adapters().items() if type(adapter).refresh is not MarketplaceAdapter.refresh]
    channels = Channel.objects.active().filter(adapter__in=able).exclude(credential="")
    return refreshing.due(dict(channels.values_list("credential", "pk")), now)


def refresh_channel(channel_id: int, *, clock: Callable[[], datetime] = timezone.now) -> bool:
    """True: newer access data are in use. Safe to call at any time, by several workers at once."""
    channel = Channel.objects.active().filter(pk=channel_id).exclude(credential="").first()
    if channel is None:
        return False
    try:
        info = refreshing.take(channel.credential, clock())
        return info is not None and _refresh(channel, info, clock)
    except (CredentialsUnavailable, CredentialsUnreadable) as error:
        logger.error("Channel %s: access data are not renewed: %s", channel.pk, error)
        refreshing.failed(channel.credential, str(error))
    except CredentialsChanged:
        # Somebody has typed others meanwhile: these are the ones that count.
        logger.info("Channel %s: access data were changed while they were renewed", channel.pk)
    except AdapterError as error:
        refreshing.failed(channel.credential, str(error))
    except Exception as error:
        # Its text may quote the new ones, which nobody knows yet: only where it happened.
        where = "".join(traceback.format_tb(error.__traceback__))
        logger.error("Channel %s: access data are not renewed: %s\n%s", channel.pk, type(error).__name__, where)
        refreshing.failed(channel.credential, str(outcomes.internal_failure(error)))
    return False


def _refresh(channel: Channel, info: CredentialInfo, clock: Callable[[], datetime]) -> bool:
    adapter = get_adapter(channel.adapter)
    found = adapter.refresh(open_account(channel, clock=clock))
    if found is None:
        refreshing.not_yet(info, clock())
        return False
    refreshing.store(info, _complete(channel, found), found.expires_at)
    return True


def _complete(channel: Channel, found: Refreshed) -> Secrets:
    """With those that stay, and only what the adapter will take again."""
    values = credential_store().get(channel.credential) | covered(found.credentials)
    try:
        get_adapter(channel.adapter).Credentials.model_validate(values)
    except ValidationError:
        raise RetryLater(_("The platform has sent access data that it would not take itself.")) from None
    return values
