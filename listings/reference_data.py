"""Loads the reference data that ships with the product (listings/fixtures)."""

import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from django.db import models, transaction

from .models import (
    CarModel,
    City,
    Equipment,
    EquipmentGroup,
    ExchangeRate,
    Generation,
    Make,
    PaymentType,
    Trim,
    Version,
)

FIXTURES = Path(__file__).parent / "fixtures"


@dataclass(frozen=True)
class Loaded:
    """What happened to one kind of reference data."""

    kind: str
    created: int
    updated: int
    unchanged: int


def load_reference_data(*, force: bool = False) -> Iterator[Loaded]:
    """Adds what is missing; what is there belongs to the editors and stays, unless `force`.

    Each kind is one transaction with a constant number of queries. Nothing is ever deleted.
    """
    makes, groups = _read("makes"), _read("equipment")
    yield _load(Make, "slug", (_named(row, "models") for row in makes), force)
    ids = _ids(Make, "slug")
    rows = [row | {"make_id": ids[make["slug"]]} for make in makes for row in make["models"]]
    yield _load(CarModel, "slug", (_named(row, "generations") for row in rows), force)
    ids = _ids(CarModel, "slug")
    rows = [row | {"model_id": ids[model["slug"]]} for model in rows for row in model.get("generations", ())]
    yield _load(Generation, "slug", (_without(row, "trims") for row in rows), force)
    ids = _ids(Generation, "slug")
    rows = [
        row | {"generation_id": ids[generation["slug"]]} for generation in rows for row in generation.get("trims", ())
    ]
    yield _load(Trim, "slug", rows, force)
    yield _load(City, "slug", _read("cities"), force)
    yield _load(PaymentType, "code", _positioned(_read("payment_types")), force)
    yield _load(EquipmentGroup, "code", (_without(row, "items") for row in _positioned(groups)), force)
    group_ids = _ids(EquipmentGroup, "code")
    items = [item | {"group_id": group_ids[row["code"]]} for row in groups for item in _positioned(row["items"])]
    yield _load(Equipment, "code", items, force)
    if not ExchangeRate.objects.exists():
        yield _load(ExchangeRate, "currency", _read("exchange_rates"), force)


def _load(model: type[models.Model], key: str, rows: Iterable[dict[str, Any]], force: bool) -> Loaded:
    with transaction.atomic():
        known = {str(getattr(item, key)): item for item in model._default_manager.all()}
        fresh, changed = [], []
        names: set[str] = set()
        total = 0
        for row in rows:
            total += 1
            item = known.get(row[key])
            if item is None:
                fresh.append(model(**row))
            elif force and any(getattr(item, name) != value for name, value in row.items()):
                for name, value in row.items():
                    setattr(item, name, value)
                changed.append(item)
                names.update(row)
        model._default_manager.bulk_create(fresh, batch_size=500)
        if changed:
            model._default_manager.bulk_update(changed, sorted(names), batch_size=500)
        if fresh or changed:
            # Rows written in bulk send no signals.
            Version.take_next(Version.Of.REFERENCE)
    return Loaded(model._meta.model_name or "", len(fresh), len(changed), total - len(fresh) - len(changed))


def _named(row: dict[str, Any], children: str) -> dict[str, Any]:
    return _without(row, children) | {"aliases": "\n".join(row.get("aliases", ()))}


def _read(name: str) -> list[dict[str, Any]]:
    rows: list[dict[str, Any]] = json.loads((FIXTURES / f"{name}.json").read_text(encoding="utf-8"))
    return rows


def _ids(model: type[models.Model], key: str) -> dict[str, int]:
    return dict(model._default_manager.values_list(key, "pk"))


def _positioned(rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """The order in the file is the order of display."""
    return [row | {"position": number} for number, row in enumerate(rows, start=1)]


def _without(row: dict[str, Any], *names: str) -> dict[str, Any]:
    return {name: value for name, value in row.items() if name not in names}
