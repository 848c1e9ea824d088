"""Reference data by the names that foreign files use: loaded once per import, asked without queries."""

import re
from collections.abc import Iterable, Mapping
from typing import Any

from django.utils.translation import gettext as _

from listings.models import CarModel, City, Equipment, ExchangeRate, Generation, Make, PaymentType, Trim

from .errors import CellError

NAMES = ("name", "slug", "code", "name_ru", "name_en", "name_be")
CITY_PREFIX = re.compile(r"^(?:г|гор|город|г\.?\s?п|аг|пос)(?:\.\s*|\s+)", re.IGNORECASE)


class Names:
    """Rows by any of their names. A name of several rows finds none of them, unless it is the proper name of one."""

    def __init__(self, rows: Iterable[Any], parent: str = "") -> None:
        self._rows: dict[tuple[Any, str], Any] = {}
        self._unclear: set[tuple[Any, str]] = set()
        rows = list(rows)
        for name in NAMES:
            self._add((row, getattr(row, parent, None), [getattr(row, name, "")]) for row in rows)
        self._add((row, getattr(row, parent, None), getattr(row, "aliases", "").splitlines()) for row in rows)

    def _add(self, entries: Iterable[tuple[Any, Any, list[str]]]) -> None:
        """One kind of names: those of an earlier kind come first, two rows of the same kind are unclear."""
        kind: dict[tuple[Any, str], Any] = {}
        for row, parent, words in entries:
            for word in filter(None, words):
                key = (parent, plain(word))
                if kind.setdefault(key, row) is not row and key not in self._rows:
                    self._unclear.add(key)
        for key, row in kind.items():
            self._rows.setdefault(key, row)

    def find(self, column: str, name: str, parent: Any, unknown: str) -> Any:
        """The row. Raises CellError with `unknown` as its reason."""
        key = (parent, plain(name))
        if key in self._unclear:
            raise CellError(column, name, _("Several entries have this name: write the address part of one."))
        row = self._rows.get(key)
        if row is None:
            raise CellError(column, name, unknown)
        return row

    def unclear(self, row: Any, parent: Any = None) -> bool:
        """Whether the row's proper name would not find it."""
        key = (parent, plain(row.name))
        return key in self._unclear or self._rows.get(key) != row


class ReferenceLookup:
    """Finds makes, models, generations, trims, cities, payment types and equipment by any of their names."""

    def __init__(self) -> None:
        self.makes = Names(Make.objects.all())
        self.models = Names(CarModel.objects.select_related("make"), "make_id")
        self.generations = Names(Generation.objects.all(), "model_id")
        trims = list(Trim.objects.select_related("generation"))
        self.trims = Names(trims, "generation_id")
        self.cities = Names(City.objects.all())
        self.payment_types = Names(PaymentType.objects.all())
        self.equipment = Names(Equipment.objects.all())
        self._model_trims: dict[tuple[int, str], list[Trim]] = {}
        for trim in trims:
            self._model_trims.setdefault((trim.generation.model_id, plain(trim.name)), []).append(trim)
        self.usd_rate = ExchangeRate.objects.filter(currency="USD").values_list("rate", flat=True).first()

    def make(self, column: str, name: str) -> Make:
        return self.makes.find(column, name, None, _("There is no such make in the reference data."))

    def model(self, column: str, make: Make, name: str) -> CarModel:
        unknown = _("%s has no such model in the reference data.") % make.name
        try:
            return self.models.find(column, name, make.pk, unknown)
        except CellError:
            # Many write the make into the model's column once more.
            if plain(name).startswith(plain(make.name)) and len(name) > len(make.name):
                return self.models.find(column, name[len(make.name) :].strip(), make.pk, unknown)
            raise

    def generation(self, column: str, model: CarModel, name: str) -> Generation:
        unknown = _("%s has no such generation in the reference data.") % model.name
        return self.generations.find(column, name, model.pk, unknown)

    def trim(self, column: str, model: CarModel, generation: Generation | None, name: str) -> Trim:
        """Of the generation, or of the only generation of the model that has one of this name."""
        unknown = _("%s has no such trim in the reference data.") % (generation or model).name
        if generation:
            return self.trims.find(column, name, generation.pk, unknown)
        found = self._model_trims.get((model.pk, plain(name)), [])
        if len(found) > 1:
            raise CellError(column, name, _("Several generations have this trim: write the generation as well."))
        if not found:
            raise CellError(column, name, unknown)
        return found[0]

    def city(self, column: str, name: str) -> City:
        unknown = _("There is no such city in the reference data.")
        try:
            return self.cities.find(column, name, None, unknown)
        except CellError as error:
            bare = CITY_PREFIX.sub("", name.strip())
            if bare == name:
                raise
            try:
                return self.cities.find(column, bare, None, unknown)
            except CellError:
                raise error from None

    def fill(self, cells: Mapping[str, str], values: dict[str, Any], errors: list[CellError]) -> None:
        """Adds what the cells name to a listing's values, and to the errors what is not there."""
        for column, find in (("city", self.city), ("payment_types", self._payments), ("equipment", self._items)):
            if column in cells:
                try:
                    values[column] = find(column, cells[column])
                except CellError as error:
                    errors.append(error)
        try:
            self._fill_car(cells, values)
        except CellError as error:
            errors.append(error)

    def _fill_car(self, cells: Mapping[str, str], values: dict[str, Any]) -> None:
        """Make, model, generation and trim, each within the one before. Raises at the first that is not there."""
        if "make" in cells:
            values["make"] = self.make("make", cells["make"])
        if "model" in cells:
            values["model"] = self.model("model", self._parent(values, "make", cells, "model"), cells["model"])
        if "generation" in cells:
            model = self._parent(values, "model", cells, "generation")
            values["generation"] = self.generation("generation", model, cells["generation"])
        if "trim" in cells:
            model = self._parent(values, "model", cells, "trim")
            trim = self.trim("trim", model, values.get("generation"), cells["trim"])
            values["trim"], values["generation"] = trim, trim.generation

    @staticmethod
    def _parent(values: Mapping[str, Any], parent: str, cells: Mapping[str, str], column: str) -> Any:
        if parent not in values:
            raise CellError(column, cells[column], _("Make and model must stand in the same row."))
        return values[parent]

    def _payments(self, column: str, text: str) -> list[PaymentType]:
        return _listed(self.payment_types, column, text, _("There is no such payment type in the reference data."))

    def _items(self, column: str, text: str) -> list[Equipment]:
        return _listed(self.equipment, column, text, _("There is no such equipment in the reference data."))


def _listed(names: Names, column: str, text: str, unknown: str) -> list[Any]:
    """The rows that a cell lists, separated by semicolons, lines or commas. Raises one error for all unknown."""
    found, wrong = [], []
    for part in filter(None, (part.strip() for part in re.split(r"[;\n|]", text))):
        try:
            found.append(names.find(column, part, None, unknown))
        except CellError:
            for name in filter(None, (name.strip() for name in part.split(","))):
                try:
                    found.append(names.find(column, name, None, unknown))
                except CellError:
                    wrong.append(name)
    if wrong:
        raise CellError(column, ", ".join(wrong), unknown)
    return list(dict.fromkeys(found))


def plain(name: str) -> str:
    """Letter case, ё, spaces and dashes differ between files and mean nothing."""
    return "".join(name.casefold().replace("ё", "е").split()).replace("-", "")
