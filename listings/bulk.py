"""Writes many listings at once, whole or not at all: rows, revisions, both logs, documents.

One by one, Wagtail's create, revision and publish cost 45 queries a listing; here any number of listings costs a
constant number. Nothing is decided here: who may do what is for `lifecycle`, which calls this.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import Any

from django.contrib.contenttypes.models import ContentType
from django.db import models, transaction
from django.db.models import prefetch_related_objects
from django.utils import timezone
from wagtail.models import ModelLogEntry, Revision

from cms.bulk_insert import insert_many, next_ids
from cms.users.models import User

from . import rates
from .catalogue.documents import publish_documents
from .changes import Change, differences, record
from .models import Equipment, Listing, ListingPhoto, PaymentType

CHILDREN = ("equipment", "payment_types", "photos")
STATE = [*Listing.ROW_STATE, "latest_revision", "live_revision"]
"""Columns that say where a listing stands; the others are its content."""
TOLD = ("sale_state",)
"""Of these the change log tells the value; of the others the act itself says enough."""
CONTENT = [
    field.name for field in Listing._meta.concrete_fields if field.name not in {"id", "uuid", "created_at", *STATE}
]


def create_listings(listings: Sequence[Listing], *, user: User | None, publish: bool) -> None:
    """Creates validated, unsaved listings with photos, equipment and payment types set in memory."""
    if not listings:
        return
    with transaction.atomic(), rates.held():
        for listing, pk in zip(listings, next_ids(Listing, len(listings)), strict=True):
            listing.pk, listing.live, listing.has_unpublished_changes = pk, False, True
            listing.created_at = listing.created_at or timezone.now()
        revisions = _revisions(listings, user)
        changes = [Change(listing, "create", differences(None, revisions[listing.pk].content)) for listing in listings]
        if publish:
            _mark_live(listings)
        insert_many(Listing, _priced(listings))
        _write_children(listings)
        insert_many(Revision, revisions.values())
        _log(listings, "wagtail.create", user)
        if publish:
            _log(listings, "wagtail.publish", user)
            changes += [Change(listing, "publish") for listing in listings]
        record(changes, user)
        if publish:
            publish_documents([listing.pk for listing in listings], bulk=len(listings) > 1, fresh=listings)


def save_listings(
    listings: Sequence[Listing], *, user: User | None, publish: bool, action: str = "edit", comment: str = ""
) -> None:
    """Listings in memory carry new content: a revision of each.

    The row of a live listing keeps its public content unless `publish`; that of any other takes the new one.
    """
    if not listings:
        return
    with transaction.atomic(), rates.held():
        before = newest_contents([listing.pk for listing in listings])
        revisions = _revisions(listings, user)
        for listing in listings:
            listing.has_unpublished_changes = True
        if publish:
            _mark_live(listings)
        hidden = [listing for listing in listings if not publish and listing.live]
        written = [listing for listing in listings if publish or not listing.live]
        insert_many(Revision, revisions.values())
        _update(hidden, STATE)
        _update(_priced(written), CONTENT + STATE)
        _write_children(written)
        _log(listings, "wagtail.edit", user)
        record(
            [
                Change(
                    listing,
                    action if listing.pk in before else "create",
                    differences(before.get(listing.pk), revisions[listing.pk].content),
                    comment,
                )
                for listing in listings
            ],
            user,
        )
        if publish:
            _tell_of_publishing(listings, user, "publish", "")


def publish_drafts(drafts: Sequence[Listing], *, user: User | None, action: str = "publish", comment: str = "") -> None:
    """Makes the newest content of listings (`newest_drafts`) what the public sees. No new revision."""
    if not drafts:
        return
    with transaction.atomic(), rates.held():
        _mark_live(drafts)
        _update(_priced(drafts), CONTENT + STATE)
        _write_children(drafts)
        _tell_of_publishing(drafts, user, action, comment)


def change_fields(drafts: Mapping[int, Listing], values: Mapping[int, Mapping[str, Any]], *, user: User | None) -> None:
    """Writes columns to public rows and newest drafts alike: what else waits in a draft goes on waiting.

    `values`: by listing id, the same columns for all.
    """
    rows = list(Listing.objects.filter(pk__in=values))
    if not rows:
        return
    with transaction.atomic(), rates.held():
        before = newest_contents(list(values))
        for row in rows:
            for listing in (row, drafts[row.pk]):
                for name, value in values[row.pk].items():
                    setattr(listing, name, value)
        revisions = _revisions([drafts[row.pk] for row in rows], user)
        for row in rows:
            row.latest_revision_id = drafts[row.pk].latest_revision_id
            if row.live and not row.has_unpublished_changes:
                row.live_revision_id = row.latest_revision_id
        names = next(iter(values.values()))
        insert_many(Revision, revisions.values())
        _update(_priced(rows), [*names, "price_byn", "latest_revision", "live_revision"])
        _log(rows, "wagtail.edit", user)
        record([Change(row, "edit", differences(before.get(row.pk), revisions[row.pk].content)) for row in rows], user)
        public = [row.pk for row in rows if row.live]
        if public:
            publish_documents(public, bulk=len(public) > 1)


def change_state(
    listings: Sequence[Listing],
    values: Mapping[str, Any],
    *,
    user: User | None,
    action: str,
    wagtail_action: str,
    comment: str = "",
) -> None:
    """Moves listings to another place on their way: `values` are columns of their rows, content stays as it is."""
    if not listings:
        return
    ids = [listing.pk for listing in listings]
    public = [listing.pk for listing in listings if listing.live]
    with transaction.atomic():
        Listing.objects.filter(pk__in=ids).update(**values)
        fields = {
            listing.pk: {name: [getattr(listing, name), value] for name, value in values.items() if name in TOLD}
            for listing in listings
        }
        for listing in listings:
            for name, value in values.items():
                setattr(listing, name, value)
        _log(listings, wagtail_action, user)
        record([Change(listing, action, fields[listing.pk], comment) for listing in listings], user)
        if public:
            publish_documents(public, bulk=len(public) > 1)


def newest_drafts(listing_ids: Iterable[int]) -> dict[int, Listing]:
    """The newest content of listings as objects, by id: what an editor would see. Deleted ones are left out."""
    rows = Listing.objects.filter(pk__in=list(listing_ids)).select_related("latest_revision")
    drafts: dict[int, Listing] = {}
    pending: dict[int, Mapping[str, Any]] = {}
    for row in rows:
        drafts[row.pk] = row
        if row.has_unpublished_changes and row.latest_revision:
            pending[row.pk] = row.latest_revision.content
    prefetch_related_objects([row for pk, row in drafts.items() if pk not in pending], *CHILDREN)
    equipment = _by_id(Equipment, pending.values(), "equipment")
    payments = _by_id(PaymentType, pending.values(), "payment_types")
    for pk, content in pending.items():
        plain = {name: value for name, value in content.items() if name not in ("equipment", "payment_types")}
        draft: Listing = Listing.from_serializable_data(plain, check_fks=False)
        drafts[pk].keep_state(draft)
        draft.equipment = [equipment[key] for key in content.get("equipment", ()) if key in equipment]
        draft.payment_types = [payments[key] for key in content.get("payment_types", ()) if key in payments]
        drafts[pk] = draft
    return drafts


def newest_contents(listing_ids: Collection[int]) -> dict[int, Mapping[str, Any]]:
    """What the newest revision of each listing holds."""
    found = Listing.objects.filter(pk__in=listing_ids, latest_revision__isnull=False)
    return dict(found.values_list("pk", "latest_revision__content"))


def _by_id(model: type[models.Model], contents: Iterable[Mapping[str, Any]], name: str) -> dict[Any, Any]:
    return model._default_manager.in_bulk({key for content in contents for key in content.get(name, ())})


def _priced(listings: Sequence[Listing]) -> Sequence[Listing]:
    for listing in listings:
        listing.price_byn = rates.to_byn(listing.price, listing.currency)
    return listings


def _mark_live(listings: Sequence[Listing]) -> None:
    now = timezone.now()
    for listing in listings:
        listing.live, listing.has_unpublished_changes, listing.expired = True, False, False
        listing.live_revision_id = listing.latest_revision_id
        listing.first_published_at = listing.first_published_at or now
        listing.last_published_at = now


def _update(listings: Sequence[Listing], columns: list[str]) -> None:
    """One statement for many rows and columns, many times quicker than `bulk_update`'s CASE for each."""
    Listing.objects.bulk_create(listings, update_conflicts=True, unique_fields=["id"], update_fields=columns)


def _write_children(listings: Sequence[Listing]) -> None:
    """Equipment, payment types and photos: what a listing holds in memory, as rows."""
    _write_choices(Listing.equipment.through, "equipment", "equipment_id", listings)
    _write_choices(Listing.payment_types.through, "payment_types", "paymenttype_id", listings)
    _write_photos(listings)


def _write_choices(through: Any, name: str, column: str, listings: Sequence[Listing]) -> None:
    wanted = {(listing.pk, item.pk) for listing in listings for item in getattr(listing, name).all()}
    rows = through.objects.filter(listing__in=[listing.pk for listing in listings])
    known = {(listing_id, item_id): pk for pk, listing_id, item_id in rows.values_list("pk", "listing_id", column)}
    gone = [pk for pair, pk in known.items() if pair not in wanted]
    if gone:
        through.objects.filter(pk__in=gone).delete()
    fresh = sorted(wanted - known.keys())
    insert_many(through, (through(**{"listing_id": listing_id, column: item_id}) for listing_id, item_id in fresh))


def _write_photos(listings: Sequence[Listing]) -> None:
    known: dict[int, list[tuple[int, int]]] = {}
    rows = ListingPhoto.objects.filter(listing__in=[listing.pk for listing in listings]).order_by("sort_order", "pk")
    for listing_id, pk, image_id in rows.values_list("listing_id", "pk", "image_id"):
        known.setdefault(listing_id, []).append((pk, image_id))
    gone, fresh = [], []
    for listing in listings:
        has, photos = known.get(listing.pk, []), list(listing.photos.all())
        if [image_id for _pk, image_id in has] != [photo.image_id for photo in photos]:
            gone += [pk for pk, _image_id in has]
            fresh += [
                ListingPhoto(listing_id=listing.pk, image_id=photo.image_id, sort_order=place)
                for place, photo in enumerate(photos)
            ]
    if gone:
        ListingPhoto.objects.filter(pk__in=gone).delete()
    insert_many(ListingPhoto, fresh)


def _revisions(listings: Sequence[Listing], user: User | None) -> dict[int, Revision]:
    """Unsaved revisions by listing id, each of them already the listing's latest."""
    content_type = ContentType.objects.get_for_model(Listing)
    now = timezone.now()
    found = {}
    for listing, pk in zip(listings, next_ids(Revision, len(listings)), strict=True):
        listing.latest_revision_id = pk
        found[listing.pk] = Revision(
            pk=pk,
            content_type=content_type,
            base_content_type=content_type,
            object_id=str(listing.pk),
            object_str=str(listing),
            content=listing.serializable_data(),
            created_at=now,
            user=user,
        )
    return found


def _log(listings: Iterable[Listing], action: str, user: User | None) -> None:
    """Wagtail's own log: what its history pages show."""
    content_type, now = ContentType.objects.get_for_model(Listing), timezone.now()
    insert_many(
        ModelLogEntry,
        (
            ModelLogEntry(
                content_type=content_type,
                object_id=str(listing.pk),
                label=str(listing),
                action=action,
                timestamp=now,
                user=user,
                revision_id=listing.latest_revision_id,
                content_changed=True,
            )
            for listing in listings
        ),
    )


def _tell_of_publishing(listings: Sequence[Listing], user: User | None, action: str, comment: str) -> None:
    _log(listings, "wagtail.publish", user)
    record([Change(listing, action, comment=comment) for listing in listings], user)
    publish_documents([listing.pk for listing in listings], bulk=len(listings) > 1)
