"""What a try of a channel knows: its stages as they are told, and the facts of the database behind them."""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal

from django.utils.functional import cached_property
from django.utils.translation import gettext as _

from integrations.marketplaces.base import AdapterError, Payload
from integrations.marketplaces.registry import get_adapter
from integrations.monitoring.models import RemoteCheck
from integrations.publications.accounts import open_account
from integrations.publications.models import Publication, PublicationAttempt
from integrations.publications.steps import document_for_adapters
from integrations.publications.vocabulary import Operation, Result
from integrations.reports.models import GoLiveNote, GoLiveRun, GoLiveStage
from integrations.reports.people import Names
from listings.models import PricePoint, PublishedListing

Standing = Literal["done", "skipped", "open", "waiting", "failed"]
BY_HAND = (GoLiveStage.SEEN, GoLiveStage.CHANGED, GoLiveStage.GONE)
"""What a person may say instead of the machine."""
MOST_ATTEMPTS = 100


@dataclass(frozen=True)
class Stage:
    code: GoLiveStage
    standing: Standing
    words: str = ""
    """What is known."""
    advice: str = ""
    """What to do next; empty: nothing, or wait."""
    at: datetime | None = None
    who: str = ""
    """Who says so, where a person does."""
    address: str = ""

    @property
    def passed(self) -> bool:
        return self.standing in ("done", "skipped")

    @property
    def asks(self) -> bool:
        """Whether a person may confirm it."""
        comes_later = self.standing == "open" and not self.advice
        return self.code in BY_HAND and not self.passed and not comes_later


@dataclass
class Facts:
    """What the database holds of a run, read when it is first asked for."""

    run: GoLiveRun
    names: Names
    notes: dict[str, GoLiveNote] = field(init=False)

    def __post_init__(self) -> None:
        self.notes = {note.stage: note for note in self.run.notes.select_related("by")}
        self.channel = self.run.channel
        self.capabilities = get_adapter(self.channel.adapter).capabilities

    def told(self, code: GoLiveStage) -> Stage | None:
        """A stage that somebody has asked for or vouched for. A note that it failed is not the last word on others."""
        note = self.notes.get(code)
        if note is None or not (note.passed or code == GoLiveStage.ACCESS):
            return None
        who = self.names.of(note.by) if note.by_hand or code == GoLiveStage.ACCESS else ""
        advice = "" if note.passed else _("Correct the access data of the channel, then check again.")
        return Stage(code, "done" if note.passed else "failed", note.words, advice, note.at, who, note.address)

    @property
    def is_feed(self) -> bool:
        """The platform fetches a file: what is in it is not yet published."""
        return self.capabilities.delivery == "feed"

    @cached_property
    def document(self) -> PublishedListing | None:
        return PublishedListing.objects.public().filter(listing=self.run.listing).first() if self.run.listing else None

    @cached_property
    def publication(self) -> Publication | None:
        if self.run.listing is None:
            return None
        rows = Publication.objects.filter(channel=self.channel, document__listing=self.run.listing)
        row = rows.select_related("document").first()
        if row is not None:
            row.channel = self.channel
        return row

    @cached_property
    def attempts(self) -> list[PublicationAttempt]:
        """Of this run, oldest first."""
        if self.publication is None:
            return []
        rows = self.publication.attempts.filter(started_at__gte=self.run.started_at).order_by("-pk").defer("payload")
        return list(rows[:MOST_ATTEMPTS])[::-1]

    def done(self, operation: Operation, since: datetime | None = None) -> PublicationAttempt | None:
        """The first one that worked."""
        worked = [row for row in self.attempts if row.operation == operation and row.result == Result.DONE]
        return next((row for row in worked if since is None or row.started_at >= since), None)

    @cached_property
    def sent_at(self) -> datetime | None:
        """Since when the test car stands there, or when it was put there."""
        created, row = self.done(Operation.CREATE), self.publication
        if created is not None:
            return created.started_at
        if row is not None and row.has_post:
            return row.published_at
        # It stood there before the run, and was taken away in it.
        return self.run.started_at if self.withdrawal else None

    @cached_property
    def withdrawal(self) -> PublicationAttempt | None:
        """The last one that worked."""
        worked = [row for row in self.attempts if row.operation == Operation.WITHDRAW and row.result == Result.DONE]
        return worked[-1] if worked else None

    @cached_property
    def price(self) -> PricePoint | None:
        """The first new price since the car was sent."""
        if self.run.listing is None:
            return None
        since = max(self.sent_at or self.run.started_at, self.run.started_at)
        return PricePoint.objects.filter(listing=self.run.listing, at__gt=since).order_by("at").first()

    @cached_property
    def proof(self) -> RemoteCheck | None:
        """The newest look after the last withdrawal."""
        if self.publication is None:
            return None
        since = (self.withdrawal.finished_at if self.withdrawal else None) or self.run.started_at
        checks = self.publication.checks.filter(after_withdrawal=True, at__gte=since)
        return checks.order_by("-at", "-pk").first()

    @cached_property
    def rendered(self) -> Payload | AdapterError | None:
        """As the engine would send it; an error says why not. None: there is nothing to send."""
        if self.document is None:
            return None
        car = Publication(document=self.document, channel=self.channel)
        try:
            payload: Payload = get_adapter(self.channel.adapter).render(
                document_for_adapters(car), open_account(self.channel)
            )
        except AdapterError as error:
            return error
        return payload
