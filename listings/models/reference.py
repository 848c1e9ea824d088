"""Reference data: what a listing's fields choose from. `load_reference_data` fills it, editors add to it."""

from typing import Any

from django.core.validators import MinValueValidator
from django.db import models
from django.utils.translation import gettext_lazy as _
from wagtail.search import index

from listings.vocabulary import Body, Currency, Drive, Fuel, Gearbox, Oblast, RateSource


class ReferenceRow(models.Model):
    """A thing with a name, and the other names under which people and files know it."""

    aliases = models.TextField(
        _("other names"),
        blank=True,
        help_text=_("One per line. Imports and the search know it by these names too."),
    )

    class Meta:
        abstract = True

    def words(self) -> list[str]:
        """Every name under which it is looked for."""
        names = [getattr(self, name, "") for name in ("name", "name_ru", "name_be", "name_en")]
        return [*dict.fromkeys(name for name in names if name), *self.aliases.splitlines()]

    def code_in_addresses(self) -> str:
        """What filters and the API call it by."""
        code: str = getattr(self, "slug", "") or getattr(self, "code", "")
        return code


class Make(index.Indexed, ReferenceRow):
    name = models.CharField(_("name"), max_length=60, unique=True, help_text=_("As written on the car: BMW."))
    name_ru = models.CharField(_("name in Russian"), max_length=60, blank=True)
    slug = models.SlugField(_("address part"), max_length=60, unique=True)
    country = models.CharField(_("country"), max_length=2, blank=True)

    search_fields = [index.AutocompleteField("name"), index.AutocompleteField("name_ru"), index.SearchField("aliases")]

    class Meta:
        ordering = ["name"]
        verbose_name = _("make")
        verbose_name_plural = _("makes")

    def __str__(self) -> str:
        return self.name


class CarModel(index.Indexed, ReferenceRow):
    make = models.ForeignKey(Make, on_delete=models.PROTECT, related_name="models", verbose_name=_("make"))
    name = models.CharField(_("name"), max_length=60)
    name_ru = models.CharField(_("name in Russian"), max_length=60, blank=True)
    slug = models.SlugField(_("address part"), max_length=120, unique=True)

    search_fields = [
        index.AutocompleteField("name"),
        index.SearchField("name_ru"),
        index.SearchField("aliases"),
        index.RelatedFields("make", [index.SearchField("name"), index.AutocompleteField("name")]),
        index.FilterField("make"),
    ]

    class Meta:
        ordering = ["make__name", "name"]
        verbose_name = _("model")
        verbose_name_plural = _("models")
        constraints = [models.UniqueConstraint(fields=["make", "name"], name="model_name_once_per_make")]

    def __str__(self) -> str:
        return f"{self.make} {self.name}"


class Generation(ReferenceRow):
    model = models.ForeignKey(CarModel, on_delete=models.PROTECT, related_name="generations", verbose_name=_("model"))
    name = models.CharField(_("name"), max_length=60)
    slug = models.SlugField(_("address part"), max_length=160, unique=True)
    year_from = models.PositiveSmallIntegerField(_("made from"))
    year_to = models.PositiveSmallIntegerField(_("made until"), null=True, blank=True)

    class Meta:
        ordering = ["model__slug", "year_from", "name"]
        verbose_name = _("generation")
        verbose_name_plural = _("generations")

    def __str__(self) -> str:
        return f"{self.model} {self.name} ({self.year_from}–{self.year_to or ''})"


TRIM_FILLS = ("fuel", "engine_cc", "power_hp", "gearbox", "drive", "body")
"""Fields of a listing that its trim knows."""


class Trim(ReferenceRow):
    """A version of a generation, as the maker sells it: "xDrive30d"."""

    generation = models.ForeignKey(
        Generation, on_delete=models.PROTECT, related_name="trims", verbose_name=_("generation")
    )
    name = models.CharField(_("name"), max_length=80)
    slug = models.SlugField(_("address part"), max_length=200, unique=True)
    fuel = models.CharField(_("fuel"), max_length=20, choices=Fuel, blank=True)
    engine_cc = models.PositiveSmallIntegerField(_("engine, cm³"), null=True, blank=True)
    power_hp = models.PositiveSmallIntegerField(_("power, hp"), null=True, blank=True)
    gearbox = models.CharField(_("gearbox"), max_length=20, choices=Gearbox, blank=True)
    drive = models.CharField(_("drive"), max_length=20, choices=Drive, blank=True)
    body = models.CharField(_("body"), max_length=20, choices=Body, blank=True)

    class Meta:
        ordering = ["generation__slug", "name"]
        verbose_name = _("trim")
        verbose_name_plural = _("trims")

    def __str__(self) -> str:
        return f"{self.generation} {self.name}"

    def known(self) -> dict[str, Any]:
        """What the trim says of a car, by the listing's field."""
        return {name: getattr(self, name) for name in TRIM_FILLS if getattr(self, name) not in ("", None)}


class City(index.Indexed, ReferenceRow):
    name = models.CharField(_("name"), max_length=60)
    name_be = models.CharField(_("name in Belarusian"), max_length=60, blank=True)
    slug = models.SlugField(_("address part"), max_length=60, unique=True)
    oblast = models.CharField(_("region"), max_length=20, choices=Oblast)
    latitude = models.FloatField(_("latitude"), null=True, blank=True)
    longitude = models.FloatField(_("longitude"), null=True, blank=True)

    search_fields = [index.AutocompleteField("name"), index.SearchField("name_be")]

    class Meta:
        ordering = ["name"]
        verbose_name = _("city")
        verbose_name_plural = _("cities")

    def __str__(self) -> str:
        return self.name


class PaymentType(ReferenceRow):
    code = models.SlugField(_("code"), max_length=40, unique=True)
    name = models.CharField(_("name"), max_length=80)
    name_en = models.CharField(_("name in English"), max_length=80)
    position = models.PositiveSmallIntegerField(_("position"), default=0)

    class Meta:
        ordering = ["position", "name"]
        verbose_name = _("payment type")
        verbose_name_plural = _("payment types")

    def __str__(self) -> str:
        return self.name


class EquipmentGroup(ReferenceRow):
    code = models.SlugField(_("code"), max_length=40, unique=True)
    name = models.CharField(_("name"), max_length=80)
    name_en = models.CharField(_("name in English"), max_length=80)
    position = models.PositiveSmallIntegerField(_("position"), default=0)

    class Meta:
        ordering = ["position", "name"]
        verbose_name = _("equipment group")
        verbose_name_plural = _("equipment groups")

    def __str__(self) -> str:
        return self.name


class Equipment(ReferenceRow):
    group = models.ForeignKey(EquipmentGroup, on_delete=models.PROTECT, related_name="items", verbose_name=_("group"))
    code = models.SlugField(_("code"), max_length=40, unique=True)
    name = models.CharField(_("name"), max_length=80)
    name_en = models.CharField(_("name in English"), max_length=80)
    position = models.PositiveSmallIntegerField(_("position"), default=0)

    class Meta:
        ordering = ["group__position", "position", "name"]
        verbose_name = _("equipment item")
        verbose_name_plural = _("equipment")

    def __str__(self) -> str:
        return self.name


class ExchangeRate(models.Model):
    """BYN for one unit of a currency on a day. The last one known is used."""

    currency = models.CharField(_("currency"), max_length=3, choices=Currency)
    date = models.DateField(_("date"))
    rate = models.DecimalField(
        _("BYN for one unit"), max_digits=10, decimal_places=4, validators=[MinValueValidator(0.0001)]
    )
    source = models.CharField(_("source"), max_length=10, choices=RateSource, default=RateSource.TYPED, editable=False)

    class Meta:
        ordering = ["-date", "currency"]
        verbose_name = _("exchange rate")
        verbose_name_plural = _("exchange rates")
        constraints = [models.UniqueConstraint(fields=["currency", "date"], name="one_rate_per_currency_and_day")]

    def __str__(self) -> str:
        return f"{self.currency} {self.date}: {self.rate}"


class RateFetch(models.Model):
    """One question to the National Bank, and what came of it."""

    at = models.DateTimeField(auto_now_add=True)
    problem = models.CharField(max_length=300, blank=True, help_text="Why there are no new rates; empty: there are.")

    class Meta:
        ordering = ["-at", "-pk"]

    def __str__(self) -> str:
        return f"{self.at:%Y-%m-%d %H:%M} {self.problem}"
