"""What pages may know of credentials: when they were stored, until when they hold, which fields are set."""

from datetime import datetime, timedelta
from uuid import UUID

from django.db.models import QuerySet
from django.utils import timezone

from .models import CredentialInfo

SOON = timedelta(days=14)
"""In which somebody should look after credentials that expire."""


def credential_info(reference: str | UUID) -> CredentialInfo | None:
    """What is known of them; None where nothing is stored."""
    return CredentialInfo.objects.filter(pk=reference).first() if reference else None


def expiring(within: timedelta = SOON, now: datetime | None = None) -> QuerySet[CredentialInfo]:
    """Those that expire within this time or have done so, the most urgent first."""
    return CredentialInfo.objects.filter(expires_at__lte=(now or timezone.now()) + within).order_by("expires_at")
