"""`manage.py fill_catalogue 30000`: generated listings, to measure and try the product at size."""

import random
from argparse import ArgumentParser
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from listings.bulk import create_listings
from listings.models import CarModel, City, Dealer, Equipment, Listing, PaymentType
from listings.vocabulary import Body, Color, Condition, Drive, Fuel, Gearbox

BATCH = 500
POPULAR_MODELS = 300
"""Few models have many cars and many have few, as in life."""
WORDS = (
    *("один", "владелец", "сервисная", "книжка", "обслуживался", "официальный", "дилер", "замена", "масла", "новая"),
    *("резина", "зимние", "шины", "без", "аварий", "родной", "пробег", "торг", "возможен", "обмен", "семейный"),
    *("автомобиль", "гаражное", "хранение", "вложений", "не", "требует", "камера", "парктроник"),
)


class Command(BaseCommand):
    help = "Creates and publishes generated listings until there are COUNT of them. For demo and measuring only."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("count", type=int)

    def handle(self, *args: Any, count: int, **options: Any) -> None:
        if not settings.DEMO:
            raise CommandError("Generated listings are for a demo; set DEMO=true if this is one.")
        stock = GeneratedStock(dealer(), seed=Listing.objects.count())
        missing = count - Listing.objects.public().count()
        for start in range(0, missing, BATCH):
            create_listings([stock.listing() for _ in range(min(BATCH, missing - start))], user=None, publish=True)
            self.stdout.write(f"\r{start + BATCH} of {missing} listings", ending="")
            self.stdout.flush()
        self.stdout.write("")


def dealer() -> Dealer:
    city = City.objects.filter(slug="minsk").first()
    if city is None:
        raise CommandError("There is no reference data: run load_reference_data first.")
    found = Dealer.objects.filter(slug="generated").first()
    return found or Dealer.objects.create(
        slug="generated", name="Generated", city=city, address="—", phone="+375290000000",
        email="generated@example.com",
    )  # fmt: skip


class GeneratedStock:
    """An endless row of plausible cars, the same for the same seed."""

    def __init__(self, dealer: Dealer, seed: int) -> None:
        self.dice = random.Random(seed)  # noqa: S311  cars, not secrets
        self.dealer = dealer
        models = list(CarModel.objects.select_related("make").order_by("slug"))
        self.models = random.Random(1).sample(models, len(models))[:POPULAR_MODELS]  # noqa: S311
        self.weights = [1 / rank for rank in range(1, len(self.models) + 1)]
        self.cities = list(City.objects.all())
        self.equipment = list(Equipment.objects.select_related("group"))
        self.payments = list(PaymentType.objects.all())

    def listing(self) -> Listing:
        dice = self.dice
        model = dice.choices(self.models, self.weights)[0]
        year = dice.randint(1995, 2026)
        fuel = dice.choices(list(Fuel), [50, 35, 4, 1, 4, 2, 4])[0]
        electric = fuel == Fuel.ELECTRIC
        age = 2026 - year
        listing = Listing(
            dealer=self.dealer,
            city=dice.choice(self.cities),
            make=model.make,
            model=model,
            year=year,
            condition=Condition.USED if age else Condition.NEW,
            mileage_km=age * dice.randint(5, 25) * 1000,
            fuel=fuel,
            engine_cc=None if electric else dice.choice([999, 1395, 1598, 1968, 1998, 2493, 2993]),
            power_hp=dice.randint(60, 400),
            gearbox=Gearbox.REDUCER if electric else dice.choice(list(Gearbox)[:4]),
            drive=dice.choice(list(Drive)),
            body=dice.choice(list(Body)),
            color=dice.choice(list(Color)),
            price=max(1500, int(80_000 / 1.13**age * dice.uniform(0.5, 2))),
            owners=dice.randint(1, 4),
            vat=dice.random() < 0.2,
            exchange=dice.random() < 0.3,
            leasing=dice.random() < 0.4,
            text=f"<p>{' '.join(dice.choices(WORDS, k=25))}</p>",
        )
        listing.photos = []
        listing.equipment = dice.sample(self.equipment, dice.randint(3, 20))
        listing.payment_types = dice.sample(self.payments, dice.randint(1, 4))
        listing.fill_in()
        return listing
