"""Drafts on their way to the site's /preview: kept for an hour, read by whoever has the signed token."""

import json
import uuid
from datetime import timedelta
from typing import Any

from django.core.signing import BadSignature, TimestampSigner
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

MAX_AGE = timedelta(hours=1)
"""Long enough to show a draft to a colleague over coffee; a forgotten link shows nothing."""
SIGNER = TimestampSigner(salt="avtofamily.preview")


class PreviewDraft(models.Model):
    """The finished document of a draft at one moment."""

    key = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    model = models.CharField(max_length=100, help_text="Label of the draft's model.")
    kind = models.CharField(max_length=20, help_text="What the site renders it as.")
    document = models.TextField(help_text="JSON, as it would be published.")
    created_at = models.DateTimeField(default=timezone.now, db_index=True)

    class Meta:
        verbose_name = _("preview")
        verbose_name_plural = _("previews")

    def __str__(self) -> str:
        return f"{self.model}:{self.key.hex}"

    @property
    def token(self) -> str:
        """Model and a random id, signed with the time."""
        return SIGNER.sign(str(self))

    @property
    def data(self) -> dict[str, Any]:
        return json.loads(self.document)

    @classmethod
    def by_token(cls, token: str) -> "PreviewDraft | None":
        """The draft, or None for a token that is forged, too old or purged."""
        try:
            model, key = SIGNER.unsign(token, max_age=MAX_AGE).rsplit(":", 1)
            found = cls.objects.filter(key=uuid.UUID(hex=key), model=model)
        except (BadSignature, ValueError):
            return None
        return found.first()

    @classmethod
    def purge(cls) -> int:
        """Deletes drafts whose tokens have expired."""
        return cls.objects.filter(created_at__lt=timezone.now() - MAX_AGE).delete()[0]
