"""What a listing's fields accept, with messages that say what to do."""

import re
from datetime import date
from urllib.parse import parse_qs, urlsplit

from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

MIN_YEAR = 1930
MAX_MILEAGE_KM = 2_000_000
MIN_PRICE, MAX_PRICE = 100, 10_000_000
"""BYN. Below is a typing error, above is no car of ours; both would spoil filters and feeds."""

VIN_FORM = re.compile(r"[A-HJ-NPR-Z0-9]{17}")
VIDEO_HOSTS = {"youtube.com", "www.youtube.com", "m.youtube.com", "youtu.be"}


def validate_year(value: int) -> None:
    latest = date.today().year + 1
    if not MIN_YEAR <= value <= latest:
        raise ValidationError(
            _("Enter a year from %(first)s to %(last)s."), code="year", params={"first": MIN_YEAR, "last": latest}
        )


def validate_price(value: int) -> None:
    if not MIN_PRICE <= value <= MAX_PRICE:
        raise ValidationError(
            _("Enter a price from %(lowest)s to %(highest)s."),
            code="price",
            params={"lowest": MIN_PRICE, "highest": MAX_PRICE},
        )


def validate_mileage(value: int) -> None:
    if value > MAX_MILEAGE_KM:
        raise ValidationError(
            _("The mileage cannot be over %(highest)s km."), code="mileage", params={"highest": MAX_MILEAGE_KM}
        )


def validate_vin(value: str) -> None:
    """ISO 3779: 17 Latin letters and digits; I, O and Q are never used."""
    wrong = sorted({character for character in value if character in "IOQ"})
    if wrong:
        raise ValidationError(
            _("A VIN never contains %(letters)s: check whether it is 1 or 0."),
            code="vin_letters",
            params={"letters": ", ".join(wrong)},
        )
    if not VIN_FORM.fullmatch(value):
        raise ValidationError(_("A VIN has 17 Latin letters and digits; this one is not like that."), code="vin")


def validate_plain_text(value: str) -> None:
    if "<" in value or ">" in value:
        raise ValidationError(_("Write plain text here, without < and >."), code="markup")


def normalise_phone(value: str) -> str:
    """Removes spaces, brackets and dashes; Belarusian 8 0XX and 80XX become +375."""
    digits = re.sub(r"[\s()\-–.]", "", value)
    if re.fullmatch(r"80\d{9}", digits):
        return "+375" + digits[2:]
    return "+" + digits if re.fullmatch(r"375\d{9}", digits) else digits


def validate_phone(value: str) -> None:
    if not re.fullmatch(r"\+\d{8,15}", normalise_phone(value)):
        raise ValidationError(_("Enter a phone with its country code: +375 29 123-45-67."), code="phone")


def video_id(url: str) -> str | None:
    """The id of a YouTube video in any of the address forms that people paste."""
    parts = urlsplit(url)
    if parts.hostname not in VIDEO_HOSTS:
        return None
    candidates = [*parse_qs(parts.query).get("v", []), parts.path.rstrip("/").rsplit("/", 1)[-1]]
    return next((found for found in candidates if re.fullmatch(r"[\w-]{11}", found)), None)


def validate_video(value: str) -> None:
    if video_id(value) is None:
        raise ValidationError(_("Paste the address of a YouTube video."), code="video")
