"""What is to be done next for a publication, and the payload for it."""

import logging
from dataclasses import dataclass, replace
from typing import Any

from django.utils.translation import gettext_lazy as _

from integrations.marketplaces.base import Account, AdapterError, InvalidPayload, Payload
from integrations.marketplaces.registry import Adapter
from listings.vocabulary import SaleState

from .models import Publication
from .vocabulary import Desired, Operation, Result

logger = logging.getLogger(__name__)


@dataclass(frozen=True)
class Step:
    """What is to be done next. `payload` is None for a withdrawal."""

    operation: Operation
    payload: Payload | None
    digest: str


def next_step(publication: Publication, adapter: Adapter, account: Account[Any, Any]) -> Step | None:
    """None: it is as it should be. Raises InvalidPayload."""
    if publication.desired == Desired.ABSENT or (publication.renew and publication.has_post):
        return Step(Operation.WITHDRAW, None, "") if publication.has_post else None
    if not publication.has_post and publication.document.sale_state == SaleState.SOLD:
        # Nobody advertises a car that is gone; existing posts are marked.
        return None
    payload = _render(publication, adapter, account)
    digest = payload.digest()
    if not publication.has_post:
        return Step(Operation.CREATE, payload, digest)
    return Step(Operation.UPDATE, payload, digest) if digest != publication.actual_hash else None


def with_progress(account: Account[Any, Any], publication: Publication, digest: str) -> Account[Any, Any]:
    """The account that knows how far a create of this very payload has come."""
    return replace(account, progress=publication.progress.get(digest, {}))


def is_known_bad(publication: Publication, step: Step) -> bool:
    """The platform has refused exactly this; asking again would only use up the limit."""
    return bool(step.digest) and publication.error_class == Result.INVALID and publication.desired_hash == step.digest


def document_for_adapters(publication: Publication) -> dict[str, Any]:
    """The published document, with the whole VIN, and with as many photos as the channel wants."""
    detail, limit = publication.document.detail_data, publication.channel.photo_limit
    photos = detail["photos"] if limit is None else detail["photos"][:limit]
    return detail | {"vin": publication.document.vin, "photos": photos}


def _render(publication: Publication, adapter: Adapter, account: Account[Any, Any]) -> Payload:
    try:
        payload: Payload = adapter.render(document_for_adapters(publication), account)
    except AdapterError:
        raise
    except Exception:
        logger.exception("Listing %s cannot be rendered for %s", publication.document_id, publication.channel_id)
        raise InvalidPayload([_("The post cannot be composed. Tell your administrator.")]) from None
    return payload
