"""Pictures for the demo, drawn by our own code: cars of every body and colour, covers, the opening picture."""

from .cars import VIEWS, draw_car
from .covers import draw_cover, draw_hero

__all__ = ["VIEWS", "draw_car", "draw_cover", "draw_hero"]
