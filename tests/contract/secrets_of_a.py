"""Dealer A with one of everything, each with a text that nobody else may read."""

from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from django.contrib.contenttypes.models import ContentType
from django.core.files.base import ContentFile
from django.db.models import Model
from django.utils import timezone
from wagtail.documents import get_document_model
from wagtail.models import Page, Revision, Site, TaskState, Workflow, WorkflowState

from cms.users.models import User
from integrations.publications.models import Campaign, Channel, Choice, Publication
from integrations.publications.vocabulary import Desired
from integrations.reports.models import GoLiveRun, ReportSubscription
from leads.models import Lead
from listings import lifecycle
from listings.dealer_api import tokens
from listings.exchange.states import ImportState, RowOutcome
from listings.models import ChangeLogEntry, Dealer, DealerMember, Feed, Import, ImportRow, Listing, Trim
from listings.vocabulary import MemberRole, Scope, Way
from tests.factories import DealerFactory, ListingFactory, image, member, staff
from tests.listings.importing import car, started

WORD = "zagadka"
"""In every title: what the search is asked for. It gives nothing away by being repeated on the page."""

MARKS = {
    "title": f"{WORD} TITLE7731",
    "vin": "WBAKS610000ZZ7731",
    "stock": "STOCK7731",
    "photo": f"{WORD} PHOTO7731",
    "document": f"{WORD} DOCUMENT7731",
    "lead": f"{WORD} LEAD7731",
    "note": "NOTE7731",
    "import": "IMPORT7731.csv",
    "row": "ROW7731",
    "feed": f"{WORD} FEED7731",
    "token": "TOKEN7731",
    "publication": "PUBLICATION7731",
    "change": "CHANGE7731",
    "member": "MEMBER7731",
    "comment": "COMMENT7731",
    "campaign": f"{WORD} CAMPAIGN7731",
    "run": "RUN7731",
}


def mark(name: str) -> str:
    """The part of the text by which a leak is recognised."""
    return MARKS[name].split()[-1]


@dataclass
class SecretsOfA:
    dealer: Dealer
    owner: User
    manager: User
    things: dict[str, Any] = field(default_factory=dict)

    def snapshot(self) -> dict[str, Any]:
        """All that dealer A has, as it stands in the database."""
        listing, dealer = self.things["listing"], self.dealer
        key = {"base_content_type": ContentType.objects.get_for_model(Listing), "object_id": str(listing.pk)}
        rows: dict[str, Any] = {
            "listing": Listing.objects.filter(dealer=dealer),
            "photos": listing.photos.model.objects.filter(listing=listing),
            "revisions": Revision.objects.filter(**key),
            "states": WorkflowState.objects.filter(**key),
            "tasks": TaskState.objects.filter(workflow_state__object_id=str(listing.pk)),
            "leads": Lead.objects.filter(dealer=dealer),
            "imports": Import.objects.filter(dealer=dealer),
            "rows": ImportRow.objects.filter(job__dealer=dealer),
            "feeds": Feed.objects.filter(dealer=dealer),
            "tokens": dealer.api_tokens.all(),
            "members": DealerMember.objects.filter(dealer=dealer),
            "dealer": Dealer.objects.filter(pk=dealer.pk),
            "publications": Publication.objects.filter(document__listing=listing),
            "changes": ChangeLogEntry.objects.filter(dealer=dealer),
            "rights": dealer.collection.group_permissions.all(),
        } | {
            name: type(self.things[name])._default_manager.filter(pk=self.things[name].pk)
            for name in (
                "image",
                "document",
                "collection",
                "group",
                "user",
                "channel",
                "subscription",
                "campaign",
                "choice",
                "run",
            )
        }
        # A log-in is noted with every request of a session's beginning.
        return {name: list(found.order_by("pk").values()) for name, found in rows.items()}


def make() -> SecretsOfA:
    dealer = DealerFactory(slug="dealer-a")
    owner = member(dealer, MemberRole.AGENT, username="owner-a", last_name=MARKS["member"])
    manager = member(dealer, username="manager-a")
    secrets = SecretsOfA(dealer, owner, manager)
    photo = _photo(dealer)
    listing = _listing(dealer, owner, photo)
    job = started(dealer, manager, car())
    job.filename, job.state, job.counts = MARKS["import"], ImportState.CHECKED, {"refused": 1}
    job.save()
    row = ImportRow.objects.create(
        job=job, number=1, outcome=RowOutcome.REFUSED, title=MARKS["row"], cells={"Код": MARKS["row"]}
    )
    channel = Channel.objects.create(adapter="telegram", name="Канал", dealer=dealer)
    campaign = Campaign.objects.create(
        name=MARKS["campaign"], dealer=dealer, created_by=manager, starts_at=timezone.now(),
        ends_at=timezone.now() + timedelta(days=1),
    )  # fmt: skip
    secrets.things = {
        "dealer": dealer,
        "listing": listing,
        "image": photo,
        "collection": dealer.collection,
        "group": dealer.group,
        "user": owner,
        "member": DealerMember.objects.get(user=owner),
        "document": _document(dealer),
        "lead": _lead(dealer, listing),
        "import": job,
        "row": row,
        "feed": Feed.objects.create(dealer=dealer, user=manager, name=MARKS["feed"], address="https://a.example/1.csv"),
        "token": tokens.issue(MARKS["token"], dealer, (Scope.LISTINGS_READ,), staff("administrator")).token,
        "channel": channel,
        "campaign": campaign,
        "choice": Choice.objects.create(channel=channel, listing=listing, wanted=True, campaign=campaign),
        "run": GoLiveRun.objects.create(
            channel=channel, listing=listing, title=MARKS["run"], started_at=timezone.now(), started_by=manager
        ),
        "publication": Publication.objects.create(
            document=listing.document,
            channel=channel,
            desired=Desired.PRESENT,
            desired_version=1,
            error_text=MARKS["publication"],
            address=f"https://t.example/{MARKS['publication']}",
        ),
        "subscription": ReportSubscription.objects.create(user=manager, dealer=dealer, next_at=timezone.now()),
        "page": Page.objects.filter(depth__gt=1).first() or Page.get_first_root_node(),
        "site": Site.objects.first(),
        "workflow": Workflow.objects.first(),
        "trim": Trim.objects.first() or Trim(pk=1),
        "revision": listing.latest_revision,
        "task_state": TaskState.objects.get(workflow_state__object_id=str(listing.pk)),
        "workflow_state": WorkflowState.objects.get(object_id=str(listing.pk)),
    }
    _change(listing, manager)
    return secrets


def _photo(dealer: Dealer) -> Any:
    photo = image("navy")
    photo.title, photo.collection = MARKS["photo"], dealer.collection
    photo.save()
    photo.tags.add(mark("photo"))
    return photo


def _listing(dealer: Dealer, owner: User, photo: Any) -> Listing:
    """Once it was published, with nothing secret in it; now its draft is with the moderators."""
    listing: Listing = ListingFactory(dealer=dealer, agent=owner, published=True)
    lifecycle.single(lifecycle.unpublish([listing], None))
    listing = Listing.objects.get(pk=listing.pk)
    listing.title, listing.vin, listing.stock_number = MARKS["title"], MARKS["vin"], MARKS["stock"]
    listing.text = f"<p>{MARKS['title']}</p>"
    listing.photos = [listing.photos.model(image=photo)]
    listing.save()
    listing.save_revision(user=owner, log_action=True)
    lifecycle.single(lifecycle.submit([listing], owner))
    return Listing.objects.get(pk=listing.pk)


def _document(dealer: Dealer) -> Model:
    return get_document_model().objects.create(
        title=MARKS["document"], collection=dealer.collection, file=ContentFile(b"secret", "a.txt")
    )


def _lead(dealer: Dealer, listing: Listing) -> Lead:
    return Lead.objects.create(
        dealer=dealer,
        listing=listing.document,
        name=MARKS["lead"],
        phone="+375291234567",
        note=MARKS["note"],
        consent_text="Да",
        consent_at=timezone.now(),
    )


def _change(listing: Listing, user: User) -> None:
    ChangeLogEntry.objects.create(
        listing=listing, title=MARKS["title"], dealer=listing.dealer, user=user, way=Way.ADMIN, action="edit",
        comment=MARKS["change"],
    )  # fmt: skip
