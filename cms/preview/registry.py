"""Which models can be previewed, and the functions that build their documents: the same that publishing uses."""

from collections.abc import Callable
from typing import Any

from django.db.models import Model

Builder = Callable[[Any], dict[str, Any]]

_builders: dict[type[Model], tuple[str, Builder]] = {}


class PreviewIncompleteError(Exception):
    """The draft lacks what its document cannot do without. The message says what to fill in."""


def register_preview(model: type[Model], *, kind: str, build: Builder) -> None:
    """`kind`: what the site calls it ("listing", "page"). Subclasses of the model are covered."""
    if model in _builders:
        raise ValueError(f"{model} has a preview already")
    _builders[model] = (kind, build)


def build_preview(instance: Model) -> tuple[str, dict[str, Any]]:
    """Kind and document of a draft in memory. Raises PreviewIncompleteError."""
    for model in type(instance).__mro__:
        if model in _builders:
            kind, build = _builders[model]
            return kind, build(instance)
    raise LookupError(f"{type(instance)} has no preview: call register_preview in its app's ready()")
