"""Marketplaces: one adapter per file. A new one is imported in `load`, nothing else."""


def load() -> None:
    """Registers every adapter, then closes the registry. Called once, when Django starts."""
    from . import registry, telegram  # noqa: F401  the import registers

    registry.freeze()
