"""How the rest of the product hears of changed pages."""

from dataclasses import dataclass
from typing import Literal

from django.dispatch import Signal

from .models import PublishedPage

page_changed = Signal()
"""kwargs: changes (list[PageChange]). Sent inside the transaction that wrote the documents."""

site_changed = Signal()
"""Name, phone, navigation or footer changed: every page of the site shows them. Sent after the row was written."""


@dataclass(frozen=True)
class PageChange:
    """One page's document that has changed."""

    kind: Literal["published", "updated", "removed"]
    document: PublishedPage
    previous_path: str = ""
    """Where the page stood before, if its address has changed; nothing stands there now."""
