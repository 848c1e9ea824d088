"""Routes for programs of dealers. They stand before the public ones: `/listings/bulk` is no car's key."""

from importlib import import_module

from .routes import name_scopes, router

__all__ = ["router"]

# The first address that fits is taken: those with words before those with keys.
for module in ("mass_api", "photos", "writing", "reading", "imports"):
    import_module(f"{__package__}.{module}")
name_scopes(router)
