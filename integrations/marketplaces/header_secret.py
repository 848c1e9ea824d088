"""A secret that travels in a header: what cannot stand in one is refused when it is typed, not when it is sent."""

from typing import Annotated

from pydantic import AfterValidator, SecretStr


def _fits_a_header(value: SecretStr) -> SecretStr:
    """Raises ValueError, which never quotes it."""
    text = value.get_secret_value()
    if not text.isascii() or not text.isprintable() or text != text.strip():
        raise ValueError("only printable ASCII")
    return value


HeaderSecret = Annotated[SecretStr, AfterValidator(_fits_a_header)]
