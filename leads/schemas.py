from typing import Literal

from ninja import Field, Schema


class LeadIn(Schema):
    """An enquiry. Field errors come back under these names."""

    name: str = Field(max_length=100)
    phone: str = Field(description="As people write it; Belarus is assumed without a country code.")
    consent: bool = Field(description="Must be true.")
    message: str = Field("", max_length=2000)
    listing: str | None = Field(None, description="uuid of the car.")
    page: str = Field("/", description="Address of the page with the form; utm tags are taken from it.")
    website: str = Field("", description="Leave empty.")


class LeadAccepted(Schema):
    status: Literal["accepted"]
