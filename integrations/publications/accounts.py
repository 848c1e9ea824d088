"""A channel as its adapter sees it."""

import logging
from collections.abc import Callable
from datetime import datetime
from typing import Any

from django.conf import settings
from django.utils import timezone
from django.utils.crypto import salted_hmac
from django.utils.translation import gettext_lazy as _
from pydantic import ValidationError

from integrations.credentials.store import CredentialsUnavailable, CredentialsUnreadable, credential_store
from integrations.marketplaces.base import Account, AuthFailed, RetryLater
from integrations.marketplaces.registry import get_adapter

from .models import Channel
from .photos import photo_address, read_photo

logger = logging.getLogger(__name__)


def open_account(
    channel: Channel, *, clock: Callable[[], datetime] = timezone.now, until: datetime | None = None
) -> Account[Any, Any]:
    """Raises AuthFailed where settings or secrets are not usable, RetryLater where the store of secrets is away.

    The words never quote them.
    """
    adapter = get_adapter(channel.adapter)
    try:
        return Account(
            settings=adapter.Settings.model_validate(channel.settings),
            credentials=adapter.Credentials.model_validate(
                credential_store().get(channel.credential, owner=channel.name)
            ),
            site_url=settings.SITE_URL,
            read_photo=read_photo,
            photo_address=photo_address,
            template=channel.template,
            webhook_secret=webhook_secret(channel),
            now=clock,
            until=until,
        )
    except CredentialsUnreadable as error:
        logger.error("Channel %s: %s", channel.pk, error)
        raise AuthFailed(_("The stored access data cannot be opened any more. Enter them again.")) from None
    except CredentialsUnavailable as error:
        # What exactly is for the administrator: its address is nothing for a dealer.
        logger.error("Channel %s: %s", channel.pk, error)
        raise RetryLater(
            _("The store of access data does not answer. It is tried again; if it lasts, tell your administrator.")
        ) from None
    except ValidationError:
        raise AuthFailed(_("The channel's settings are not complete. Open the channel and fill them in.")) from None


def webhook_secret(channel: Channel) -> str:
    """What the platform sends back or signs with: made from the channel's address, so that nothing more is stored.

    Letters and digits only, as Telegram wants it. Empty while the channel has no address.
    """
    if not channel.webhook_token:
        return ""
    return salted_hmac("integrations.webhooks", channel.webhook_token, algorithm="sha256").hexdigest()
