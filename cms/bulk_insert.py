"""Inserts many rows at once, as `bulk_create` does, in a fraction of its time on PostgreSQL.

`bulk_create` quotes every value into the text of one statement; COPY streams them. Half of the time of a large import
was that text.
"""

from collections.abc import Iterable
from typing import Any, TypeVar

from django.db import DEFAULT_DB_ALIAS, connection, connections, models

Row = TypeVar("Row", bound=models.Model)


def insert_many(model: type[Row], rows: Iterable[Row]) -> list[Row]:
    """Unsaved rows get their ids and are written. Errors are Django's: IntegrityError and the others."""
    rows = list(rows)
    # The connection itself: asking for it anew at every value takes longer than the value.
    database: Any = connections[DEFAULT_DB_ALIAS]
    if database.vendor != "postgresql" or len(rows) < 2:
        return model._default_manager.bulk_create(rows)
    fresh = [row for row in rows if row.pk is None]
    for row, pk in zip(fresh, next_ids(model, len(fresh)) if fresh else (), strict=True):
        row.pk = pk
    fields = [field for field in model._meta.concrete_fields if not field.generated]
    quote = database.ops.quote_name
    columns = ", ".join(quote(field.column) for field in fields)
    # Table and columns come from the model, never from outside.
    statement = f"COPY {quote(model._meta.db_table)} ({columns}) FROM STDIN"
    with database.cursor() as cursor, database.wrap_database_errors, cursor.copy(statement) as copy:
        for row in rows:
            copy.write_row([field.get_db_prep_save(field.pre_save(row, add=True), database) for field in fields])
    for row in rows:
        row._state.adding, row._state.db = False, database.alias
    return rows


def next_ids(model: type[models.Model], number: int) -> list[int]:
    """Ids for rows that have to name each other before they are written."""
    table = model._meta.db_table
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute(
                "SELECT nextval(pg_get_serial_sequence(%s, 'id')) FROM generate_series(1, %s)", [table, number]
            )
            return [pk for (pk,) in cursor.fetchall()]
        # SQLite lets one write at a time, and counts on from the highest id that it was given.
        cursor.execute("SELECT seq FROM sqlite_sequence WHERE name = %s", [table])
        last = (cursor.fetchone() or (0,))[0]
        return list(range(last + 1, last + 1 + number))
