"""Shapes of imports by API."""

from datetime import datetime
from typing import Any

from ninja import Field, Schema

from listings.exchange.states import ImportState, RowOutcome


class ImportOptions(Schema):
    submit: bool = Field(False, description="Submit new cars for moderation at once.")
    publish: bool = Field(False, description="Publish at once; only for who may.")
    archive_vanished: bool = Field(False, description="Archive your cars that are not in the file.")


class ImportOut(Schema):
    id: str
    filename: str
    created_at: datetime
    state: ImportState
    label: str = Field(description="The state in words.")
    total: int = Field(description="Rows in the file; an estimate until they are read.")
    read: int
    written: int
    percent: int | None
    counts: dict[str, int] = Field(description="Rows by outcome: create, change, same, refused.")
    photos: dict[str, int] = Field(description="Photos by state: waiting, done, failed.")
    error: str
    sheets: list[str]
    sheet: str
    header: list[str]
    mapping: dict[str, str] = Field(description="Column header to field.")


class ImportList(Schema):
    items: list[ImportOut]


class ImportMeaning(Schema):
    mapping: dict[str, str] = Field(max_length=500)
    sheet: str | None = Field(None, max_length=255)


class Decision(Schema):
    proceed: bool


class ImportRowOut(Schema):
    number: int = Field(description="As a spreadsheet counts.")
    outcome: RowOutcome
    title: str
    external_id: str
    vin: str
    changes: dict[str, Any]
    errors: list[dict[str, Any]]
    listing_id: int | None


class ImportRows(Schema):
    count: int
    limit: int
    offset: int
    items: list[ImportRowOut]
