"""The API by which a dealer's own program keeps its cars: tokens, upsert, mass changes, photos, imports, changes."""
