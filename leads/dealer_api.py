"""GET /api/v1/dealer/leads: a dealer's enquiries for his CRM."""

from datetime import datetime, timedelta

from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from ninja import Field, Query, Router, Schema

from listings.dealer_api.auth import Bearer, token_of
from listings.dealer_api.common import REFUSED, reply
from listings.dealer_api.routes import name_scopes
from listings.permissions import own_rows
from listings.vocabulary import Scope

from .models import Lead, LeadStatus

router = Router(tags=["dealer"])

SETTLED = timedelta(seconds=5)
"""Enquiries get their numbers before they are stored: of two at once the later number may be there first."""
MAX_LEADS = 200


class DealerLead(Schema):
    id: int
    created_at: datetime
    status: LeadStatus
    name: str
    phone: str
    message: str
    car: str = Field(description="As lists show it; empty: no car was named.")
    listing: str | None = Field(description="uuid of the car.")
    page: str
    source: dict[str, str] = Field(description="Advertising tags (utm).")


class DealerLeads(Schema):
    items: list[DealerLead]
    after: int = Field(description="Send it with the next request.")
    has_more: bool


@router.get(
    "/dealer/leads",
    auth=Bearer(Scope.LEADS_READ),
    response={200: DealerLeads, **REFUSED},
    summary="Your enquiries",
)
def list_leads(
    request: HttpRequest,
    after: int = Query(0, ge=0, le=2**62, description="From the last answer: only those that came after it."),
    limit: int = Query(50, ge=1, le=MAX_LEADS),
) -> HttpResponse:
    """The oldest first, some seconds after they came. Without what was found to be spam."""
    leads = Lead.objects.filter(
        own_rows(request.user, dealer="dealer", agent=None),
        dealer=token_of(request).dealer,
        pk__gt=after,
        created_at__lte=timezone.now() - SETTLED,
    ).exclude(status=LeadStatus.SPAM)
    rows = list(leads.select_related("listing").order_by("pk")[: limit + 1])
    shown = rows[:limit]
    data = {
        "items": [_lead(lead) for lead in shown],
        "after": shown[-1].pk if shown else after,
        "has_more": len(rows) > limit,
    }
    return reply(DealerLeads, data)


def _lead(lead: Lead) -> dict[str, object]:
    plain = {name: getattr(lead, name) for name in ("id", "created_at", "status", "name", "phone", "message", "page")}
    source = {str(name): str(value) for name, value in lead.source.items()}
    uuid = str(lead.listing.uuid) if lead.listing else None
    return plain | {"car": lead.car, "listing": uuid, "source": source}


name_scopes(router)
