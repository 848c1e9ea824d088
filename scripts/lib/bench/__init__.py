"""scripts/bench: measures on real services, on this machine, and compares within one run."""

from .run import main

__all__ = ["main"]
