"""scripts/chaos: what is left after death, loss and failure, counted on the platforms' side."""

from .run import main

__all__ = ["main"]
