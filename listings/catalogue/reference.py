"""Reference data for readers: makes with their models, cities, dealers, rates, and the labels of all codes."""

import json
from functools import lru_cache
from typing import Any

from django.db.models import TextChoices
from django.utils.translation import override

from listings.models import CarModel, City, Dealer, Equipment, EquipmentGroup, Generation, Make, PaymentType
from listings.rates import current_rates
from listings.vocabulary import Body, Color, Condition, Country, Currency, Drive, Fuel, Gearbox, Oblast, SaleState

LOCALES = ("ru", "en")

VOCABULARIES: dict[str, type[TextChoices]] = {
    "fuel": Fuel,
    "gearbox": Gearbox,
    "drive": Drive,
    "body": Body,
    "color": Color,
    "condition": Condition,
    "sale_state": SaleState,
    "oblast": Oblast,
    "country": Country,
}


@lru_cache(maxsize=len(LOCALES))
def reference_json(locale: str, version: int) -> str:
    """The payload as text, made once per process and version."""
    return json.dumps(reference_payload(locale), ensure_ascii=False, separators=(",", ":"))


def reference_payload(locale: str) -> dict[str, Any]:
    """Nine queries, whatever the amount."""
    return {
        "makes": _makes(),
        "cities": list(City.objects.values("slug", "name", "oblast")),
        "dealers": [
            {
                "slug": dealer.slug,
                "name": dealer.name,
                "city": dealer.city.name,
                "phone": dealer.phone,
                "address": dealer.address,
                "hours": dealer.hours,
            }
            for dealer in Dealer.objects.select_related("city")
        ],
        "rates": {
            currency: {"rate": float(rate.rate), "date": rate.date.isoformat(), "source": rate.source.value}
            for currency, rate in sorted(current_rates().items())
            if currency != Currency.BYN
        },
        "labels": _labels(locale),
    }


def _makes() -> list[dict[str, Any]]:
    generations: dict[int, list[dict[str, Any]]] = {}
    for generation in Generation.objects.all():
        generations.setdefault(generation.model_id, []).append(
            {
                "slug": generation.slug,
                "name": generation.name,
                "year_from": generation.year_from,
                "year_to": generation.year_to,
            }
        )
    models: dict[int, list[dict[str, Any]]] = {}
    for pk, make_id, slug, name in CarModel.objects.order_by("name").values_list("pk", "make_id", "slug", "name"):
        model = {"slug": slug, "name": name, "generations": generations.get(pk, [])}
        models.setdefault(make_id, []).append(model)
    return [
        {"slug": make.slug, "name": make.name, "name_ru": make.name_ru, "models": models.get(make.pk, [])}
        for make in Make.objects.all()
    ]


def _labels(locale: str) -> dict[str, dict[str, str]]:
    name = "name_en" if locale == "en" else "name"
    with override(locale):
        labels = {
            field: {str(code): str(label) for code, label in choices.choices} for field, choices in VOCABULARIES.items()
        }
    labels["payment"] = dict(PaymentType.objects.values_list("code", name))
    labels["equipment_group"] = dict(EquipmentGroup.objects.values_list("code", name))
    labels["equipment"] = dict(Equipment.objects.values_list("code", name))
    return labels
