"""Attempts as the engine writes them, at the times that a test says."""

import uuid
from datetime import datetime, timedelta

from integrations.publications.models import Publication, PublicationAttempt
from integrations.publications.vocabulary import Result


def attempt(
    publication: Publication, operation: str, at: datetime, result: str = Result.DONE, *, waited: float = 60
) -> PublicationAttempt:
    """`waited`: seconds from the wish to the end of the attempt."""
    return PublicationAttempt.objects.create(
        publication=publication,
        operation=operation,
        started_at=at,
        finished_at=at,
        wanted_at=at - timedelta(seconds=waited),
        result=result,
        request_id=uuid.uuid4(),
    )
