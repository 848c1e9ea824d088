"""Routes for programs of dealers. They stand before the public ones: `/listings/bulk` is no car's key."""

from . import mass_api, reading, writing
from .routes import router

__all__ = ["mass_api", "reading", "router", "writing"]
