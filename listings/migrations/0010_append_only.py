"""The change log refuses to be changed by anybody, SQL by hand included. PostgreSQL only: SQLite empties tables row by row."""

from django.db import migrations

CREATE = """
CREATE FUNCTION listings_change_log_is_append_only() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'The change log is append-only.';
END $$;
CREATE TRIGGER listings_change_log_append_only BEFORE UPDATE OR DELETE ON listings_changelogentry
    FOR EACH ROW EXECUTE FUNCTION listings_change_log_is_append_only();
"""
DROP = """
DROP TRIGGER listings_change_log_append_only ON listings_changelogentry;
DROP FUNCTION listings_change_log_is_append_only();
"""


def run(sql):
    def on_postgresql(apps, schema_editor):
        if schema_editor.connection.vendor == "postgresql":
            schema_editor.execute(sql)

    return on_postgresql


class Migration(migrations.Migration):
    dependencies = [("listings", "0003_inventory")]
    operations = [migrations.RunPython(run(CREATE), run(DROP))]
