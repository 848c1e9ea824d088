"""Reference data by the names that foreign files use: loaded once per import, asked without queries."""

from django.utils.translation import gettext as _

from listings.models import CarModel, City, ExchangeRate, Make

from .errors import CellError


class ReferenceLookup:
    """Finds makes, models and cities by any of their names."""

    def __init__(self) -> None:
        self._makes = {_plain(word): make for make in Make.objects.all() for word in make.words() if word}
        self._models = {
            (model.make_id, _plain(word)): model
            for model in CarModel.objects.select_related("make")
            for word in model.words()
            if word
        }
        self._cities = {city.slug: city for city in City.objects.all()}
        self.usd_rate = ExchangeRate.objects.filter(currency="USD").values_list("rate", flat=True).first()

    def make(self, column: str, name: str) -> Make:
        make = self._makes.get(_plain(name))
        if make is None:
            raise CellError(column, name, _("There is no such make in the reference data."))
        return make

    def model(self, column: str, make: Make, name: str) -> CarModel:
        model = self._models.get((make.pk, _plain(name)))
        if model is None:
            raise CellError(column, name, _("%s has no such model in the reference data.") % make.name)
        return model

    def city(self, column: str, slug: str) -> City:
        city = self._cities.get(slug)
        if city is None:
            raise CellError(column, slug, _("There is no such city in the reference data."))
        return city


def _plain(name: str) -> str:
    """Letter case, ё, spaces and dashes differ between files and mean nothing."""
    return "".join(name.casefold().replace("ё", "е").split()).replace("-", "")
