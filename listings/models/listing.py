"""A car for sale: a Wagtail snippet with drafts, revisions, workflow and live preview."""

import base64
import uuid
from typing import Any, ClassVar

from django.conf import settings
from django.contrib.contenttypes.fields import GenericRelation
from django.core.exceptions import ValidationError
from django.db import models, transaction
from django.utils.text import slugify
from django.utils.translation import gettext_lazy as _
from modelcluster.fields import ParentalKey, ParentalManyToManyField
from modelcluster.models import ClusterableModel
from wagtail.fields import RichTextField
from wagtail.models import (
    DraftStateMixin,
    LockableMixin,
    Orderable,
    RevisionMixin,
    WorkflowMixin,
)

from cms.images.models import CustomImage
from cms.preview.mixins import SnippetHeadlessPreviewMixin
from listings import rates, validators
from listings.vocabulary import Body, Color, Condition, Country, Currency, Drive, Fuel, Gearbox, SaleState

from .dealer import Dealer
from .reference import CarModel, City, Equipment, Generation, Make, PaymentType, Trim

SHORT_ID_LENGTH = 8


class ListingQuerySet(models.QuerySet["Listing"]):
    def public(self) -> "ListingQuerySet":
        """What the public may see. The only definition of it."""
        return self.filter(live=True)

    def with_document_parts(self) -> "ListingQuerySet":
        """Everything that a published document is made of, in a constant number of queries."""
        return self.select_related("dealer__city", "make", "model", "generation", "trim", "city").prefetch_related(
            "equipment__group", "payment_types", "photos__image__renditions"
        )


class Listing(
    WorkflowMixin,
    DraftStateMixin,
    LockableMixin,
    RevisionMixin,
    SnippetHeadlessPreviewMixin,
    ClusterableModel,
):
    """Publication (draft, live) is Wagtail's; sale (available, reserved, sold) is `sale_state`."""

    uuid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    slug = models.SlugField(max_length=200, unique=True, editable=False)
    title = models.CharField(
        _("title"),
        max_length=120,
        blank=True,
        validators=[validators.validate_plain_text],
        help_text=_("Leave empty: it is made of make, model and trim."),
    )
    dealer = models.ForeignKey(Dealer, on_delete=models.PROTECT, related_name="listings", verbose_name=_("dealer"))

    make = models.ForeignKey(Make, on_delete=models.PROTECT, related_name="listings", verbose_name=_("make"))
    model = models.ForeignKey(CarModel, on_delete=models.PROTECT, related_name="listings", verbose_name=_("model"))
    generation = models.ForeignKey(
        Generation, on_delete=models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("generation")
    )
    trim = models.ForeignKey(
        Trim, on_delete=models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("trim")
    )
    year = models.PositiveSmallIntegerField(_("year"), validators=[validators.validate_year])
    vin = models.CharField(
        "VIN",
        max_length=17,
        blank=True,
        validators=[validators.validate_vin],
        help_text=_("17 characters from the registration certificate. Visitors see it partly hidden."),
    )
    condition = models.CharField(_("condition"), max_length=20, choices=Condition, default=Condition.USED)
    mileage_km = models.PositiveIntegerField(_("mileage, km"), default=0, validators=[validators.validate_mileage])
    owners = models.PositiveSmallIntegerField(_("owners before"), null=True, blank=True)

    fuel = models.CharField(_("fuel"), max_length=20, choices=Fuel)
    engine_cc = models.PositiveIntegerField(_("engine, cm³"), null=True, blank=True)
    power_hp = models.PositiveSmallIntegerField(_("power, hp"), null=True, blank=True)
    battery_kwh = models.DecimalField(_("battery, kWh"), max_digits=5, decimal_places=1, null=True, blank=True)
    range_km = models.PositiveSmallIntegerField(_("range on one charge, km"), null=True, blank=True)
    gearbox = models.CharField(_("gearbox"), max_length=20, choices=Gearbox)
    drive = models.CharField(_("drive"), max_length=20, choices=Drive)
    body = models.CharField(_("body"), max_length=20, choices=Body)
    color = models.CharField(_("colour"), max_length=20, choices=Color)

    price = models.PositiveIntegerField(_("price"), validators=[validators.validate_price])
    currency = models.CharField(_("currency"), max_length=3, choices=Currency, default=Currency.BYN)
    old_price = models.PositiveIntegerField(
        _("price before the discount"),
        null=True,
        blank=True,
        validators=[validators.validate_price],
        help_text=_("In the same currency."),
    )
    price_byn = models.PositiveIntegerField(
        _("price, BYN"),
        editable=False,
        default=0,
        help_text="The price by the last rate: what lists are sorted and filtered by.",
    )
    vat = models.BooleanField(_("price includes VAT"), default=False)
    exchange = models.BooleanField(_("exchange possible"), default=False)
    leasing = models.BooleanField(_("leasing possible"), default=False)
    customs_cleared = models.BooleanField(_("customs cleared"), default=True)
    registration_country = models.CharField(
        _("registered in"), max_length=2, choices=Country, blank=True, default=Country.BELARUS
    )
    payment_types = ParentalManyToManyField(PaymentType, blank=True, verbose_name=_("payment types"))
    city = models.ForeignKey(City, on_delete=models.PROTECT, related_name="+", verbose_name=_("city"))

    equipment = ParentalManyToManyField(Equipment, blank=True, verbose_name=_("equipment"))
    video_url = models.URLField(
        _("video"), blank=True, validators=[validators.validate_video], help_text=_("Address of a YouTube video.")
    )
    contact_name = models.CharField(
        _("contact person"), max_length=80, blank=True, validators=[validators.validate_plain_text]
    )
    contact_phone = models.CharField(
        _("contact phone"),
        max_length=20,
        blank=True,
        validators=[validators.validate_phone],
        help_text=_("Leave empty to show the dealer's phone."),
    )
    text = RichTextField(_("description"), blank=True, features=["bold", "italic", "ol", "ul", "link"])

    agent = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("agent"),
        help_text=_("Who sells the car. An agent sees only his own cars."),
    )
    external_id = models.CharField(_("number in the dealer's system"), max_length=80, blank=True)
    stock_number = models.CharField(_("stock number"), max_length=40, blank=True)
    sale_state = models.CharField(
        _("sale"), max_length=20, choices=SaleState, default=SaleState.AVAILABLE, editable=False
    )
    archived_at = models.DateTimeField(_("archived"), null=True, blank=True, editable=False)
    created_at = models.DateTimeField(_("created"), auto_now_add=True)

    # Wagtail's mixins find their rows through these; they make deletion take the rows along.
    _revisions = GenericRelation("wagtailcore.Revision", related_query_name="listing")
    workflow_states = GenericRelation(
        "wagtailcore.WorkflowState",
        content_type_field="base_content_type",
        object_id_field="object_id",
        related_query_name="listing",
        for_concrete_model=False,
    )

    objects: ClassVar[Any] = models.Manager.from_queryset(ListingQuerySet)()

    ROW_STATE = (
        *("live", "has_unpublished_changes", "first_published_at", "last_published_at", "expired"),
        *("locked", "locked_at", "locked_by", "sale_state", "archived_at"),
    )
    """Where the car stands: true of the row, whatever a revision of its content remembers."""

    class Meta:
        ordering = ["-pk"]
        verbose_name = _("listing")
        verbose_name_plural = _("listings")
        indexes = [
            models.Index(fields=["dealer", "live"], name="listing_dealer_live"),
            models.Index(fields=["vin"], name="listing_vin"),
            models.Index(fields=["agent"], name="listing_agent"),
        ]
        permissions = [
            ("access_all_dealers", _("Can see and work with every dealer's cars, enquiries and figures")),
            ("archive_listing", _("Can take a car off the site into the archive")),
            ("import_listing", _("Can import cars from files and feeds")),
            ("sell_listing", _("Can reserve and sell cars")),
        ]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(price__gte=validators.MIN_PRICE, price__lte=validators.MAX_PRICE),
                name="listing_price_sane",
            ),
            models.UniqueConstraint(
                fields=["vin"],
                condition=~models.Q(vin="") & models.Q(archived_at__isnull=True) & ~models.Q(sale_state=SaleState.SOLD),
                name="listing_vin_once_among_active",
                violation_error_message=_("Another car on sale has this VIN."),
            ),
            models.CheckConstraint(
                condition=~models.Q(live=True, archived_at__isnull=False), name="listing_archived_is_not_public"
            ),
            models.CheckConstraint(
                condition=models.Q(mileage_km__lte=validators.MAX_MILEAGE_KM), name="listing_mileage_sane"
            ),
            models.UniqueConstraint(
                fields=["dealer", "external_id"], condition=~models.Q(external_id=""), name="listing_external_id_once"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.title}, {self.year}"

    @property
    def revisions(self) -> Any:
        return self._revisions

    def clean(self) -> None:
        super().clean()
        self._check_parts_fit()
        self.fill_in()

    def _check_parts_fit(self) -> None:
        """A model is of its make, a generation of its model, a trim of its generation."""
        problems = {}
        if self.make_id and self.model_id and self.model.make_id != self.make_id:
            problems["model"] = _("This model is of another make: choose the model again.")
        if self.generation and self.generation.model_id != self.model_id:
            problems["generation"] = _("This generation is of another model: choose the generation again.")
        if self.trim and self.trim.generation_id != self.generation_id:
            problems["trim"] = _("This trim is of another generation: choose the trim again.")
        if self.old_price and self.price and self.old_price <= self.price:
            problems["old_price"] = _("The price before the discount must be higher than the price.")
        if problems:
            raise ValidationError(problems)

    def fill_in(self) -> None:
        """Derives what is left empty: title, address, phone form. Imports call it instead of `clean`."""
        self.vin = self.vin.strip().upper()
        if self.price:
            self.price_byn = rates.to_byn(self.price, self.currency)
        for name, value in self.trim.known().items() if self.trim else ():
            if getattr(self, name) in ("", None):
                setattr(self, name, value)
        if self.contact_phone:
            self.contact_phone = validators.normalise_phone(self.contact_phone)
        if not self.title and self.make_id and self.model_id:
            self.title = listing_title(self.make, self.model, self.trim)
        if self.first_published_at is None and self.make_id and self.model_id and self.year:
            # Free to change until the first publishing; never after, because others link to it.
            self.slug = listing_slug(self.model, self.year, self.uuid)

    def save(self, *args: Any, **kwargs: Any) -> None:
        if not self.slug:
            self.fill_in()
        if self.price and not kwargs.get("update_fields"):
            self.price_byn = rates.to_byn(self.price, self.currency)
        super().save(*args, **kwargs)

    def keep_state(self, other: "Listing") -> None:
        """Gives another object of the same car this one's place in the database and on its way to the public."""
        other.pk, other.slug = self.pk, self.slug
        other.latest_revision_id, other.live_revision_id = self.latest_revision_id, self.live_revision_id
        for name in self.ROW_STATE:
            setattr(other, name, getattr(self, name))
        other._state.adding = False

    def with_content_json(self, content: Any) -> "Listing":
        found: Listing = super().with_content_json(content)
        self.keep_state(found)
        return found

    def save_revision(self, user: Any = None, clean: bool = True, **kwargs: Any) -> Any:
        """Wagtail's, and an entry in the change log. The row of a car that is not public is its newest content."""
        before = self.latest_revision.content if self.latest_revision_id else None
        if clean:
            self.full_clean()
        with transaction.atomic():
            if not self.live:
                self.save()
            revision = super().save_revision(user=user, clean=False, **kwargs)
            found = changes().differences(before, revision.content)
            if found:
                self._record("edit" if before else "create", user, found)
        return revision

    def publish(self, revision: Any, user: Any = None, **kwargs: Any) -> None:
        """Wagtail's publish, in one transaction with the document and all that follows from it."""
        with transaction.atomic():
            super().publish(revision, user=user, **kwargs)
            self._record("publish", user)

    def unpublish(self, *args: Any, user: Any = None, **kwargs: Any) -> None:
        with transaction.atomic():
            super().unpublish(*args, user=user, **kwargs)
            self._record("unpublish", user)

    def delete(self, *args: Any, **kwargs: Any) -> tuple[int, dict[str, int]]:
        with transaction.atomic():
            self._record("delete", changes().current_user())
            return super().delete(*args, **kwargs)

    def _record(self, action: str, user: Any, fields: Any = None) -> None:
        log = changes()
        log.record([log.Change(self, action, fields or {})], user)


def changes() -> Any:
    """The change log, which is written about this model and so imports it."""
    from listings import changes

    return changes


class ListingPhoto(Orderable):
    """A photo of a listing; the first one is shown in lists."""

    listing = ParentalKey(Listing, on_delete=models.CASCADE, related_name="photos")
    image = models.ForeignKey(
        CustomImage, on_delete=models.PROTECT, related_name="listing_photos", verbose_name=_("photo")
    )

    class Meta(Orderable.Meta):
        verbose_name = _("photo")
        verbose_name_plural = _("photos")


def listing_title(make: Make, model: CarModel, trim: Trim | None) -> str:
    return " ".join(part for part in (make.name, model.name, trim.name if trim else "") if part)[:120]


def listing_slug(model: CarModel, year: int, listing_uuid: uuid.UUID) -> str:
    """`bmw-x5-2018-<short id>`: readable, and unique without asking the database."""
    short_id = base64.b32encode(listing_uuid.bytes).decode().lower()[:SHORT_ID_LENGTH]
    return f"{slugify(model.slug)}-{year}-{short_id}"
