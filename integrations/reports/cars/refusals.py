"""Why a car is not in a channel, in words: the first reason that a person can do something about."""

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext_lazy

from integrations.marketplaces.base import Words
from integrations.publications.models import Channel, Choice
from integrations.publications.rules import Rules, read_rules
from integrations.publications.vocabulary import WhenSold
from listings.models import PublishedListing
from listings.vocabulary import SaleState

RULES: dict[str, Words] = {
    "makes": pgettext_lazy("rule", "make"),
    "dealers": pgettext_lazy("rule", "dealer"),
    "conditions": pgettext_lazy("rule", "condition"),
    "price_min": pgettext_lazy("rule", "low price"),
    "price_max": pgettext_lazy("rule", "high price"),
    "max_age": pgettext_lazy("rule", "age"),
    "max_mileage": pgettext_lazy("rule", "mileage"),
    "needs_photo": pgettext_lazy("rule", "no photos"),
}
"""What each rule of a channel objects to."""
NEVER_SENT = gettext_lazy("never sent: older than the channel")


def why_absent(channel: Channel, document: PublishedListing, choice: Choice | None) -> str:
    """`channel.dealer` must be loaded. Empty: nothing keeps the car out, it was just never sent."""
    if choice is not None and not choice.wanted:
        return _("a person has left it out")
    return _of_the_car(channel, document) or _of_the_channel(channel, document, choice)


def _of_the_car(channel: Channel, document: PublishedListing) -> str:
    if not document.is_public:
        return _("not public")
    sold = document.sale_state == SaleState.SOLD and channel.when_sold == WhenSold.WITHDRAW
    return _("sold") if sold else ""


def _of_the_channel(channel: Channel, document: PublishedListing, choice: Choice | None) -> str:
    if channel.dealer is not None and channel.dealer.slug != document.dealer:
        return _("another dealer's channel")
    objections = broken_rules(read_rules(channel.rules), document)
    if objections:
        return _("rules: %(rules)s") % {"rules": ", ".join(objections)}
    if choice is None and not channel.automatic:
        return _("only by hand")
    return "" if channel.is_active else _("the channel is switched off")


def broken_rules(rules: Rules, document: PublishedListing) -> list[str]:
    """Each rule is tried alone."""
    alone = {name: Rules().model_copy(update={name: getattr(rules, name)}) for name in Rules.model_fields}
    return [str(RULES.get(name, name)) for name, rule in alone.items() if not rule.take(document)]
