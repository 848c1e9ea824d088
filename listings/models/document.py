"""The read side: one finished document per listing. API, site, feeds and adapters read nothing else."""

import json
from typing import Any

from django.db import models
from django.db.models import F
from django.utils.translation import gettext_lazy as _

from listings.vocabulary import SaleState

from .listing import Listing


class PublishedListingQuerySet(models.QuerySet["PublishedListing"]):
    def public(self) -> "PublishedListingQuerySet":
        return self.filter(is_public=True)


class PublishedListing(models.Model):
    """What the public sees of a listing. The row stays when it is withdrawn, emptied, as the memory of its address."""

    listing = models.OneToOneField(Listing, on_delete=models.SET_NULL, null=True, related_name="document")
    uuid = models.UUIDField(unique=True)
    slug = models.SlugField(max_length=200, unique=True)
    title = models.CharField(max_length=120)
    is_public = models.BooleanField(default=True)
    version = models.PositiveBigIntegerField(db_index=True)
    content_hash = models.CharField(max_length=64)
    card = models.TextField(help_text="JSON for lists.")
    detail = models.TextField(help_text="JSON for the car's page; contains the card.")
    vin = models.CharField(max_length=17, blank=True, help_text="In full, for feeds; the JSON has it masked.")
    search_words = models.TextField(blank=True, help_text="Stems of all words by which it is found.")

    # Columns for filters, facets and sorting.
    make = models.CharField(max_length=60)
    model = models.CharField(max_length=120)
    generation = models.CharField(max_length=160, blank=True)
    city = models.CharField(max_length=60)
    oblast = models.CharField(max_length=20)
    dealer = models.CharField(max_length=100)
    fuel = models.CharField(max_length=20)
    gearbox = models.CharField(max_length=20)
    drive = models.CharField(max_length=20)
    body = models.CharField(max_length=20)
    color = models.CharField(max_length=20)
    condition = models.CharField(max_length=20)
    sale_state = models.CharField(max_length=20, choices=SaleState)
    year = models.PositiveSmallIntegerField()
    price_byn = models.PositiveIntegerField()
    price_usd = models.PositiveIntegerField()
    price_eur = models.PositiveIntegerField(default=0)
    mileage_km = models.PositiveIntegerField()
    engine_cc = models.PositiveIntegerField(null=True)
    power_hp = models.PositiveSmallIntegerField(null=True)
    owners = models.PositiveSmallIntegerField(null=True)
    vat = models.BooleanField()
    exchange = models.BooleanField()
    leasing = models.BooleanField()
    customs_cleared = models.BooleanField()
    has_photo = models.BooleanField()
    payment_types = models.TextField(blank=True, help_text="Codes, separated by spaces.")
    equipment = models.TextField(blank=True, help_text="Codes, separated by spaces.")

    published_at = models.DateTimeField(_("first published"))
    updated_at = models.DateTimeField(_("changed"))
    removed_at = models.DateTimeField(_("withdrawn"), null=True)

    objects = models.Manager.from_queryset(PublishedListingQuerySet)()

    class Meta:
        verbose_name = _("published listing")
        verbose_name_plural = _("published listings")

    def __str__(self) -> str:
        return self.title

    @property
    def path(self) -> str:
        """Its address on the site; never changes."""
        return f"/cars/{self.slug}"

    @property
    def card_data(self) -> dict[str, Any]:
        return json.loads(self.card)

    @property
    def detail_data(self) -> dict[str, Any]:
        return json.loads(self.detail)


class Version(models.Model):
    """The number of the last committed change of something, for readers that keep a copy of it.

    Taken by UPDATE in the transaction that makes the change: the row lock makes commits follow the numbers,
    so that who has read up to N has missed nothing below N.
    """

    class Of(models.TextChoices):
        CATALOGUE = "catalogue"
        REFERENCE = "reference"

    name = models.CharField(max_length=20, primary_key=True, choices=Of)
    number = models.PositiveBigIntegerField(default=0)

    def __str__(self) -> str:
        return f"{self.name} {self.number}"

    @classmethod
    def current(cls, name: str) -> int:
        return cls.objects.filter(pk=name).values_list("number", flat=True).first() or 0

    @classmethod
    def numbers(cls) -> dict[str, int]:
        """All of them, in one query."""
        return dict.fromkeys(cls.Of.values, 0) | dict(cls.objects.values_list("name", "number"))

    @classmethod
    def take_next(cls, name: str) -> int:
        if not cls.objects.filter(pk=name).update(number=F("number") + 1):
            cls.objects.get_or_create(pk=name)
            cls.objects.filter(pk=name).update(number=F("number") + 1)
        return cls.current(name)
