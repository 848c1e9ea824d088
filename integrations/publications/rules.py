"""Which cars a channel takes, whoever puts them there."""

from datetime import date
from typing import Annotated, Any, Self

from django.utils.translation import gettext_lazy as _
from pydantic import BaseModel, ConfigDict, Field, StringConstraints, model_validator

from listings.models import PublishedListing
from listings.vocabulary import Condition

Slug = Annotated[str, StringConstraints(max_length=100, pattern=r"^[-\w]+$")]
Amount = Annotated[int, Field(ge=0, le=100_000_000)]


class RulesContradict(ValueError):
    """Raised with words for people."""


class Rules(BaseModel):
    """Empty means "any". Read from `Channel.rules`; edited as fields of the channel's form."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    makes: tuple[Slug, ...] = ()
    dealers: tuple[Slug, ...] = ()
    conditions: tuple[Condition, ...] = ()
    price_min: Amount | None = None
    price_max: Amount | None = None
    """Belarusian roubles."""
    max_age: Annotated[int, Field(ge=0, le=100)] | None = None
    """Years since the model year."""
    max_mileage: Amount | None = None
    """Kilometres."""
    needs_photo: bool = False

    @model_validator(mode="after")
    def price_range_is_one(self) -> Self:
        if self.price_min is not None and self.price_max is not None and self.price_min > self.price_max:
            raise RulesContradict(_("The lowest price is higher than the highest."))
        return self

    def take(self, document: PublishedListing, today: date | None = None) -> bool:
        year = (today or date.today()).year
        return all(
            (
                not self.makes or document.make in self.makes,
                not self.dealers or document.dealer in self.dealers,
                not self.conditions or document.condition in self.conditions,
                self.price_min is None or document.price_byn >= self.price_min,
                self.price_max is None or document.price_byn <= self.price_max,
                self.max_age is None or document.year >= year - self.max_age,
                self.max_mileage is None or document.mileage_km <= self.max_mileage,
                document.has_photo or not self.needs_photo,
            )
        )


def read_rules(stored: dict[str, Any]) -> Rules:
    """What the database holds was validated when it was saved."""
    return Rules.model_validate(stored)
