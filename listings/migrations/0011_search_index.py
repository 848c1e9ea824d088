"""An index for the office's search in the middle of titles and numbers. PostgreSQL only: SQLite reads all rows.

The expression is that of `listings.admin.filters.SearchedText`, in capitals as `icontains` compares.
"""

from django.db import DatabaseError, migrations, transaction

EXTENSION = "CREATE EXTENSION IF NOT EXISTS pg_trgm"
CREATE = """
CREATE INDEX listing_search ON listings_listing USING gin (
    upper(' ' || title || ' ' || vin || ' ' || stock_number || ' ' || external_id) gin_trgm_ops
)
"""
ADVICE = (
    "The search for cars needs PostgreSQL's extension pg_trgm, and this database user may not install it. "
    "As a superuser, run in this database: CREATE EXTENSION pg_trgm; (it comes with PostgreSQL, in Debian's package "
    "postgresql, in others' postgresql-contrib). Then migrate again."
)


def create(apps, schema_editor):
    if schema_editor.connection.vendor != "postgresql":
        return
    try:
        with transaction.atomic(using=schema_editor.connection.alias):
            schema_editor.execute(EXTENSION)
    except DatabaseError as error:
        raise RuntimeError(ADVICE) from error
    schema_editor.execute(CREATE)


def drop(apps, schema_editor):
    """The extension stays: others may use it."""
    if schema_editor.connection.vendor == "postgresql":
        schema_editor.execute("DROP INDEX listing_search")


class Migration(migrations.Migration):
    dependencies = [("listings", "0010_append_only")]
    operations = [migrations.RunPython(create, drop)]
