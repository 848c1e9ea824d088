"""A dealer of the group: where its cars stand and whom to call."""

from typing import Any

from django.conf import settings
from django.contrib.auth.models import Group
from django.db import models, transaction
from django.utils.translation import gettext_lazy as _
from wagtail.models import Collection
from wagtail.search import index

from listings.dealers import ensure_collection, ensure_dealer_access
from listings.validators import normalise_phone, validate_phone, validate_plain_text
from listings.vocabulary import MemberRole

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
        editable=False,
        verbose_name=_("photo collection"),
        help_text=_("The dealer's photos are kept apart in this collection."),
    )
    group = models.OneToOneField(
        Group, on_delete=models.PROTECT, null=True, editable=False, related_name="dealer", verbose_name=_("group")
    )
    manager_group = models.OneToOneField(
        Group,
        on_delete=models.PROTECT,
        null=True,
        editable=False,
        related_name="managed_dealer",
        verbose_name=_("group of the managers"),
    )
    watermark = models.CharField(
        _("text on photos"),
        max_length=40,
        blank=True,
        validators=[validate_plain_text],
        help_text=_("Written into a corner of every photo on the site and in the channels. Leave empty for none."),
    )

    search_fields = [index.AutocompleteField("name"), index.SearchField("address"), index.FilterField("id")]

    class Meta:
        ordering = ["name"]
        verbose_name = _("dealer")
        verbose_name_plural = _("dealers")

    def __str__(self) -> str:
        return self.name

    def clean(self) -> None:
        self.phone = normalise_phone(self.phone)

    def save(self, *args: Any, **kwargs: Any) -> None:
        """With its collection and its groups: a dealer without them would have photos that nobody may see."""
        with transaction.atomic():
            ensure_collection(self)
            super().save(*args, **kwargs)
            ensure_dealer_access(self)


class DealerMember(models.Model):
    """Somebody who works at a dealer. Without such a row nobody sees any dealer's anything."""

    dealer = models.ForeignKey(Dealer, on_delete=models.CASCADE, related_name="members", verbose_name=_("dealer"))
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="dealer_members", verbose_name=_("user")
    )
    role = models.CharField(_("role"), max_length=20, choices=MemberRole, default=MemberRole.AGENT)

    class Meta:
        ordering = ["dealer__name", "user__last_name"]
        verbose_name = _("member of a dealer")
        verbose_name_plural = _("members of dealers")
        constraints = [models.UniqueConstraint(fields=["dealer", "user"], name="member_once_per_dealer")]

    def __str__(self) -> str:
        return f"{self.user} — {self.get_role_display()}"
