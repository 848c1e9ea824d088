"""Imports: the file, its rows as read and judged, feeds that bring files by themselves, photos to be fetched."""

import uuid
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.files.storage import FileSystemStorage
from django.core.validators import URLValidator
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from cms.images.models import CustomImage
from listings.exchange.states import AT_WORK, FeedSchedule, ImportState, PhotoState, RowOutcome

from .dealer import Dealer
from .listing import Listing


def private_storage() -> FileSystemStorage:
    """Beside the media, not in it: what a dealer uploads is nobody else's to download."""
    return FileSystemStorage(location=settings.DATA_DIR / "imports", base_url=None)


def file_path(job: "Import", filename: str) -> str:
    # The name that somebody gave a file is shown, and never becomes a path.
    return f"{job.uuid}/table"


def archive_path(job: "Import", filename: str) -> str:
    return f"{job.uuid}/photos.zip"


class Import(models.Model):
    """One file on its way in. Whatever a worker has to know stands here; a message only names the row."""

    uuid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    dealer = models.ForeignKey(Dealer, on_delete=models.CASCADE, related_name="imports", verbose_name=_("dealer"))
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, related_name="+", verbose_name=_("who")
    )
    feed = models.ForeignKey("Feed", on_delete=models.CASCADE, null=True, related_name="runs", verbose_name=_("feed"))
    created_at = models.DateTimeField(_("when"), auto_now_add=True, db_index=True)
    started_at = models.DateTimeField(_("started"), null=True)
    finished_at = models.DateTimeField(_("ended"), null=True)

    file = models.FileField(storage=private_storage, upload_to=file_path, blank=True)
    filename = models.CharField(_("file"), max_length=255, blank=True)
    archive = models.FileField(storage=private_storage, upload_to=archive_path, blank=True)
    archive_name = models.CharField(_("photo archive"), max_length=255, blank=True)
    kind = models.CharField(max_length=20, blank=True)
    encoding = models.CharField(max_length=20, blank=True)
    delimiter = models.CharField(max_length=1, blank=True)
    sheets = models.JSONField(default=list, help_text='[{"name", "header", "header_row"}, …]')
    sheet = models.CharField(max_length=255, blank=True)
    mapping = models.JSONField(default=dict, help_text="Column header to column name; what is not named is left out.")
    built_in = models.CharField(max_length=40, blank=True, help_text="A module of listings.exchange.mappings instead.")

    submit = models.BooleanField(_("submit new cars for moderation at once"), default=False)
    publish = models.BooleanField(_("publish at once"), default=False)
    archive_vanished = models.BooleanField(_("archive cars that are not in the file"), default=False)
    by_system = models.BooleanField(default=False, help_text="By command: no user whose rights would limit it.")
    direct = models.BooleanField(default=False, help_text="No dry run: what is right is written as it is read.")

    state = models.CharField(_("state"), max_length=12, choices=ImportState, default=ImportState.MAPPING)
    total = models.PositiveIntegerField(default=0, help_text="Rows in the file; an estimate until they are read.")
    position = models.PositiveIntegerField(default=0, help_text="Number of the last row that was read.")
    read = models.PositiveIntegerField(default=0, help_text="Rows read.")
    written = models.PositiveIntegerField(default=0, help_text="Rows done by the run.")
    vanished = models.PositiveIntegerField(default=0, help_text="Cars archived, or to be, as they are not in the file.")
    unmatched = models.JSONField(default=list, help_text="Photos of the archive that belong to no row.")
    cancel_requested = models.BooleanField(default=False)
    error = models.TextField(_("what went wrong"), blank=True)
    lease_holder = models.CharField(max_length=32, blank=True)
    lease_until = models.DateTimeField(null=True)
    pruned_at = models.DateTimeField(null=True, help_text="When file and rows were removed; the numbers stay.")
    counts = models.JSONField(default=dict, help_text="Outcome to number of rows, kept when the rows are removed.")

    class Meta:
        ordering = ["-created_at", "-pk"]
        verbose_name = _("import")
        verbose_name_plural = _("imports")
        indexes = [
            models.Index(fields=["lease_until"], condition=Q(state__in=["checking", "running"]), name="import_at_work")
        ]

    def __str__(self) -> str:
        return self.filename or str(self.uuid)

    @property
    def path(self) -> Path:
        return Path(self.file.path)

    @property
    def is_at_work(self) -> bool:
        return self.state in AT_WORK


class ImportRow(models.Model):
    """One row of the file: what stands in it, what is wrong with it, what became of it."""

    job = models.ForeignKey(Import, on_delete=models.CASCADE, related_name="rows")
    number = models.PositiveIntegerField(_("row"), help_text="As a spreadsheet counts.")
    cells = models.JSONField(default=dict, help_text="Column header to text, as in the file.")
    photos = models.JSONField(default=list, help_text="Addresses, where the file has them outside its columns.")
    corrections = models.JSONField(default=dict, help_text="Column name to text, typed in the browser.")
    title = models.CharField(max_length=140, blank=True)
    external_id = models.CharField(max_length=80, blank=True)
    vin = models.CharField(max_length=17, blank=True)
    stock_number = models.CharField(max_length=40, blank=True)
    outcome = models.CharField(_("result"), max_length=8, choices=RowOutcome)
    changes = models.JSONField(default=dict, help_text='{"price": [old, new]}')
    errors = models.JSONField(default=list, help_text='[{"column", "header", "value", "reason"}]')
    listing = models.ForeignKey(Listing, on_delete=models.SET_NULL, null=True, related_name="+")
    done_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ["number"]
        verbose_name = _("row of an import")
        verbose_name_plural = _("rows of imports")
        constraints = [models.UniqueConstraint(fields=["job", "number"], name="import_row_once")]
        indexes = [
            models.Index(fields=["job", "outcome", "number"], name="import_row_outcome"),
            models.Index(fields=["job", "external_id"], condition=~Q(external_id=""), name="import_row_external_id"),
            models.Index(fields=["job", "vin"], condition=~Q(vin=""), name="import_row_vin"),
        ]

    def __str__(self) -> str:
        return f"{self.number}: {self.title}"


class ImportMapping(models.Model):
    """How a dealer's files with these headers are meant; remembered from the last import."""

    dealer = models.ForeignKey(Dealer, on_delete=models.CASCADE, related_name="+", verbose_name=_("dealer"))
    signature = models.CharField(max_length=64, help_text="SHA-256 of the headers.")
    mapping = models.JSONField(default=dict)
    updated_at = models.DateTimeField(auto_now=True)

    class Meta:
        verbose_name = _("meaning of columns")
        verbose_name_plural = _("meanings of columns")
        constraints = [models.UniqueConstraint(fields=["dealer", "signature"], name="import_mapping_once")]

    def __str__(self) -> str:
        return f"{self.dealer}: {', '.join(self.mapping)}"


class Feed(models.Model):
    """An address from which a dealer's list of cars is fetched again and again."""

    dealer = models.ForeignKey(Dealer, on_delete=models.CASCADE, related_name="feeds", verbose_name=_("dealer"))
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, related_name="+", verbose_name=_("set up by")
    )
    name = models.CharField(_("name"), max_length=80)
    address = models.CharField(
        _("address"),
        max_length=500,
        validators=[URLValidator(schemes=["http", "https"])],
        help_text=_("XML of auto.ru or MaxPoster, CSV, XLSX, ODS or JSON."),
    )
    schedule = models.CharField(_("how often"), max_length=8, choices=FeedSchedule, default=FeedSchedule.HOURLY)
    at = models.TimeField(_("at"), null=True, blank=True, help_text=_("For once a day."))
    submit = models.BooleanField(_("submit new cars for moderation at once"), default=False)
    publish = models.BooleanField(_("publish at once"), default=False)
    archive_vanished = models.BooleanField(
        _("archive cars that are no longer in it"),
        default=False,
        help_text=_("Only if the feed always has all your cars. Cars that were never in it stay."),
    )
    enabled = models.BooleanField(_("switched on"), default=True)
    etag = models.CharField(max_length=200, blank=True, editable=False)
    last_modified = models.CharField(max_length=100, blank=True, editable=False)
    next_at = models.DateTimeField(_("next time"), null=True, editable=False)

    class Meta:
        ordering = ["dealer__name", "name"]
        verbose_name = _("feed")
        verbose_name_plural = _("feeds")
        constraints = [models.UniqueConstraint(fields=["dealer", "address"], name="feed_address_once")]

    def __str__(self) -> str:
        return self.name


class FeedListing(models.Model):
    """A listing that has been in a feed: only these can vanish from it."""

    feed = models.ForeignKey(Feed, on_delete=models.CASCADE, related_name="listings")
    listing = models.ForeignKey(Listing, on_delete=models.CASCADE, related_name="+")

    class Meta:
        constraints = [models.UniqueConstraint(fields=["feed", "listing"], name="feed_listing_once")]

    def __str__(self) -> str:
        return f"{self.feed_id}: {self.listing_id}"


class PhotoDownload(models.Model):
    """A photo that a file names for a listing, by address or in its archive. Remembered: none is fetched twice."""

    listing = models.ForeignKey(Listing, on_delete=models.CASCADE, related_name="photo_downloads")
    job = models.ForeignKey(Import, on_delete=models.SET_NULL, null=True, related_name="photo_downloads")
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, related_name="+")
    submit = models.BooleanField(default=False, help_text="The car waits for its photos to be submitted.")
    source = models.CharField(_("photo"), max_length=1000, help_text="Address, or name, size and CRC in the archive.")
    member = models.CharField(max_length=500, blank=True, help_text="Name in the archive of `job`; empty: an address.")
    position = models.PositiveSmallIntegerField(default=0)
    state = models.CharField(_("state"), max_length=8, choices=PhotoState, default=PhotoState.WAITING)
    attempts = models.PositiveSmallIntegerField(default=0)
    next_attempt_at = models.DateTimeField(null=True)
    error = models.CharField(_("what went wrong"), max_length=300, blank=True)
    image = models.ForeignKey(CustomImage, on_delete=models.SET_NULL, null=True, related_name="+")

    class Meta:
        ordering = ["position", "pk"]
        verbose_name = _("photo to be fetched")
        verbose_name_plural = _("photos to be fetched")
        constraints = [models.UniqueConstraint(fields=["listing", "source"], name="photo_source_once")]
        indexes = [
            models.Index(
                fields=["next_attempt_at"], condition=Q(state__in=["waiting", "stored", "dropped"]), name="photo_due"
            )
        ]

    def __str__(self) -> str:
        return self.source

    def save(self, *args: Any, **kwargs: Any) -> None:
        self.error = self.error[:300]
        super().save(*args, **kwargs)
