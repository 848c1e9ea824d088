"""A channel with what it takes and when; the switch that stops them all."""

from typing import TYPE_CHECKING

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from integrations.marketplaces.registry import get_adapter
from integrations.publications.rules import read_rules
from integrations.publications.vocabulary import WhenSold
from listings.models import Dealer, PublishedListing
from listings.vocabulary import SaleState

if TYPE_CHECKING:
    from .choice import Choice


class ChannelQuerySet(models.QuerySet["Channel"]):
    def active(self) -> "ChannelQuerySet":
        """Those that follow changes of listings, even while a problem pauses them."""
        return self.filter(is_active=True)

    def working(self) -> "ChannelQuerySet":
        return self.active().filter(paused_at=None)


class Channel(models.Model):
    """One account on one platform."""

    name = models.CharField(_("name"), max_length=100, unique=True, help_text=_("As your colleagues will see it."))
    adapter = models.CharField(_("platform"), max_length=40, editable=False)
    dealer = models.ForeignKey(
        Dealer,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="channels",
        verbose_name=_("dealer"),
        help_text=_("Only this dealer's cars are published here. Empty: the whole group's."),
    )
    settings = models.JSONField(default=dict, editable=False)
    credential = models.CharField(max_length=100, blank=True, editable=False, help_text="Reference in the store.")
    automatic = models.BooleanField(
        _("publishes by itself"),
        default=True,
        help_text=_("Off: only cars that somebody has put into this channel or into a campaign."),
    )
    rules = models.JSONField(default=dict, editable=False, help_text="See `rules.Rules`.")
    template = models.TextField(_("text of posts"), blank=True)
    photo_limit = models.PositiveSmallIntegerField(
        _("photos in a post"),
        null=True,
        blank=True,
        help_text=_("At most so many. Empty: as many as the platform takes."),
    )
    window_days = models.JSONField(default=list, editable=False, help_text="0 is Monday; empty: every day.")
    window_from = models.TimeField(_("from"), null=True, blank=True)
    window_to = models.TimeField(_("until"), null=True, blank=True)
    per_hour = models.PositiveSmallIntegerField(
        _("new posts an hour"), null=True, blank=True, help_text=_("At most so many. Empty: as the platform allows.")
    )
    repost_days = models.PositiveSmallIntegerField(
        _("publish anew after days"),
        null=True,
        blank=True,
        help_text=_("So that a car that has not been sold comes up again. Empty: never."),
    )
    when_sold = models.CharField(_("when a car is sold"), max_length=20, choices=WhenSold, default=WhenSold.MARK)
    is_active = models.BooleanField(
        _("switched on"),
        default=True,
        help_text=_("While it is off, nothing is published, changed or withdrawn here. Then all is caught up with."),
    )
    paused_at = models.DateTimeField(_("paused"), null=True, editable=False)
    paused_reason = models.TextField(_("why it is paused"), blank=True, editable=False)
    paused_by_hand = models.BooleanField(
        default=False, editable=False, help_text="True: only a person ends the pause, no check that succeeds."
    )
    failures = models.PositiveIntegerField(default=0, editable=False, help_text="Calls in a row that failed.")
    resting_until = models.DateTimeField(null=True, editable=False, help_text="No calls before: the platform is down.")
    webhook_token = models.CharField(max_length=64, unique=True, null=True, editable=False)  # noqa: DJ001  unique

    objects = models.Manager.from_queryset(ChannelQuerySet)()

    # It refers to no page or picture that an editor would look for.
    wagtail_reference_index_ignore = True

    class Meta:
        ordering = ["name"]
        verbose_name = _("channel")
        verbose_name_plural = _("channels")

    def __str__(self) -> str:
        return self.name

    @property
    def platform(self) -> str:
        return str(get_adapter(self.adapter).label)

    def accepts(self, document: PublishedListing, choice: "Choice | None" = None) -> bool:
        """Whether the document should stand here. `dealer` must be loaded."""
        if not document.is_public or (self.dealer is not None and self.dealer.slug != document.dealer):
            return False
        if document.sale_state == SaleState.SOLD and self.when_sold == WhenSold.WITHDRAW:
            return False
        # The rules hold for whoever chooses: a dealer's agent may not get round what the group has set.
        return (choice.wanted if choice else self.automatic) and read_rules(self.rules).take(document)


class MasterSwitch(models.Model):
    """One row while somebody has stopped all channels at once; none: they work."""

    paused_at = models.DateTimeField(_("stopped"))
    paused_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, related_name="+")
    reason = models.CharField(_("why"), max_length=200, blank=True)

    # It refers to no page or picture that an editor would look for.
    wagtail_reference_index_ignore = True

    class Meta:
        default_permissions = ()
        constraints = [models.CheckConstraint(condition=models.Q(pk=1), name="master_switch_is_one")]

    def __str__(self) -> str:
        return f"{self.paused_at:%d.%m.%Y %H:%M}"
