"""Taking an enquiry and telling the dealer."""

import hashlib
import re
from datetime import timedelta
from functools import partial
from typing import Any
from uuid import UUID

from django.db import connection, transaction
from django.db.models import F
from django.utils import timezone

from cms.celery import send
from listings.models import PublishedListing

from .forms import CONSENT_TEXT
from .models import Lead, LeadStatus, SpamReason

SAME_LEAD = timedelta(minutes=10)
"""A second press of the button, or a correction: one call back is enough."""
MAX_LINKS = 2
_LINK = re.compile(r"https?://|www\.", re.IGNORECASE)


class UnknownListingError(Exception):
    """There is no such car, or it has been withdrawn."""


def accept_lead(*, fields: dict[str, Any], source: dict[str, str]) -> Lead:
    """Stores the enquiry, or counts it as another contact of the same one. The dealer is told after the commit.

    `fields` are the cleaned data of LeadForm. Raises UnknownListingError.
    """
    with transaction.atomic():
        document = _document(fields["listing"])
        spam = spam_reason(fields)
        _wait_for_twins(fields["phone"], document)
        lead = None if spam else _same_lead(fields["phone"], document)
        if lead is not None:
            _count_contact(lead, fields)
            return lead
        lead = _create(fields, source, document, spam)
        if not spam:
            transaction.on_commit(partial(send, "leads.notify", lead.pk))
    return lead


def spam_reason(fields: dict[str, Any]) -> str:
    if fields["website"]:
        return SpamReason.HONEYPOT
    return SpamReason.LINKS if len(_LINK.findall(fields["message"])) > MAX_LINKS else SpamReason.NONE


def _document(uuid: UUID | None) -> PublishedListing | None:
    if uuid is None:
        return None
    # A sold or reserved car is still public: one may ask for a similar one.
    document = PublishedListing.objects.public().select_related("listing__dealer").filter(uuid=uuid).first()
    if document is None:
        raise UnknownListingError
    return document


def _wait_for_twins(phone: str, document: PublishedListing | None) -> None:
    """Two presses at the same moment: the second waits until the first is stored. SQLite waits by itself."""
    if connection.vendor != "postgresql":
        return
    digest = hashlib.sha256(f"{phone}:{document.pk if document else ''}".encode()).digest()
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [int.from_bytes(digest[:8], "big", signed=True)])


def _same_lead(phone: str, document: PublishedListing | None) -> Lead | None:
    since = timezone.now() - SAME_LEAD
    return Lead.objects.filter(
        phone=phone, listing=document, last_contact_at__gte=since, spam_reason=SpamReason.NONE
    ).first()


def _count_contact(lead: Lead, fields: dict[str, Any]) -> None:
    """Keeps a message that says something new."""
    message = lead.message
    if fields["message"] and fields["message"] not in message:
        message = f"{message}\n\n{fields['message']}".strip()
    Lead.objects.filter(pk=lead.pk).update(contacts=F("contacts") + 1, last_contact_at=timezone.now(), message=message)


def _create(fields: dict[str, Any], source: dict[str, str], document: PublishedListing | None, spam: str) -> Lead:
    now = timezone.now()
    return Lead.objects.create(
        listing=document,
        dealer=document.listing.dealer if document and document.listing else None,
        name=fields["name"],
        phone=fields["phone"],
        message=fields["message"],
        consent_text=CONSENT_TEXT,
        consent_at=now,
        page=fields["page"],
        source=source,
        status=LeadStatus.SPAM if spam else LeadStatus.NEW,
        spam_reason=spam,
        created_at=now,
        last_contact_at=now,
    )
