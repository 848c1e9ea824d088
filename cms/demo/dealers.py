"""The demo's dealers, made as the admin makes them."""

from listings.models import City, Dealer

from .source import find, read


def load_dealers() -> dict[str, Dealer]:
    """Dealers by slug. Missing ones are added, the others stay as they are."""
    known = {dealer.slug: dealer for dealer in Dealer.objects.select_related("city", "collection")}
    dealers = {}
    for data in read("dealers.toml")["dealer"]:
        slug = data["slug"]
        dealers[slug] = known.get(slug) or _add_dealer(data)
    return dealers


def _add_dealer(data: dict[str, str]) -> Dealer:
    values = data | {"city": find(City, slug=data["city"]), "about": data["about"].strip()}
    dealer = Dealer(**values)
    dealer.full_clean()
    dealer.save()
    return dealer
