"""A dealer of the group: where its cars stand and whom to call."""

from django.db import models
from django.utils.translation import gettext_lazy as _
from wagtail.models import Collection
from wagtail.search import index

from listings.validators import normalise_phone, validate_phone

from .reference import City


class Dealer(index.Indexed, models.Model):
    name = models.CharField(_("name"), max_length=100, unique=True)
    slug = models.SlugField(_("address part"), max_length=100, unique=True)
    city = models.ForeignKey(City, on_delete=models.PROTECT, verbose_name=_("city"))
    address = models.CharField(_("street and house"), max_length=200)
    phone = models.CharField(_("phone"), max_length=20, validators=[validate_phone])
    email = models.EmailField(_("e-mail for enquiries"))
    hours = models.CharField(_("opening hours"), max_length=200, blank=True)
    latitude = models.FloatField(_("latitude"), null=True, blank=True)
    longitude = models.FloatField(_("longitude"), null=True, blank=True)
    about = models.TextField(_("about the dealer"), blank=True)
    collection = models.ForeignKey(
        Collection,
        on_delete=models.PROTECT,
        verbose_name=_("photo collection"),
        help_text=_("The dealer's photos are kept apart in this collection."),
    )

    search_fields = [index.AutocompleteField("name"), index.SearchField("address")]

    class Meta:
        ordering = ["name"]
        verbose_name = _("dealer")
        verbose_name_plural = _("dealers")

    def __str__(self) -> str:
        return self.name

    def clean(self) -> None:
        self.phone = normalise_phone(self.phone)
