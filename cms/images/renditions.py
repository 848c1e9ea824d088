"""Which renditions a photo has on the site, and the photo's part of a published document.

A worker makes all of them after an upload. Publishing waits for none but the card's.
"""

from typing import Any

from wagtail.images.models import Filter

from .models import CustomImage

WIDTHS = (480, 960, 1600)
FORMATS = ("avif", "webp", "jpeg")
CARD_WIDTH = 960
"""Made at once on publish if a worker has not yet: JPEG for everything, WebP for the site."""


def photo_document(image: CustomImage, *, alt: str = "") -> dict[str, Any]:
    """The photo as JSON with the addresses of those renditions that exist; makes the card's if missing."""
    filters = _filters(image)
    renditions = image.find_existing_renditions(*filters.values())
    missing = [spec for spec in _card_filters(image) if spec not in renditions]
    renditions |= image.create_renditions(*missing)
    sources: dict[str, list[dict[str, Any]]] = {}
    for (kind, width), spec in filters.items():
        if spec in renditions:
            sources.setdefault(kind, []).append({"url": renditions[spec].url, "width": width})
    return {
        "id": image.pk,
        "alt": alt or image.description or image.title,
        "width": image.width,
        "height": image.height,
        "color": image.color or None,
        "focus": {"x": focus[0], "y": focus[1]} if (focus := image.focus) else None,
        "sources": sources,
    }


def make_renditions(image: CustomImage) -> None:
    """Makes all renditions of the image that are missing (seconds of work: for workers)."""
    image.get_renditions(*_filters(image).values())


def make_card_renditions(image: CustomImage) -> None:
    """Makes the two renditions that publishing cannot do without, if they are missing."""
    image.get_renditions(*_card_filters(image))


def drop_other_pictures(image: CustomImage) -> None:
    """Deletes renditions of what the file showed before, also one that somebody has made just now."""
    image.renditions.exclude(file__startswith=image.rendition_prefix).delete()


def drop_other_watermarks(image: CustomImage) -> None:
    """Deletes the site's renditions with a text that the photo does not carry any more."""
    current = {(spec.spec, spec.get_cache_key(image)) for spec in _filters(image).values()}
    for rendition in image.renditions.all():
        spec = rendition.filter_spec
        ours = spec.startswith("width-") and "|format-" in spec
        if ours and (spec, rendition.focal_point_key) not in current:
            rendition.delete()


def _filters(image: CustomImage) -> dict[tuple[str, int], Filter]:
    return {(kind, width): _filter(image, kind, width) for kind in FORMATS for width in _widths(image)}


def _card_filters(image: CustomImage) -> list[Filter]:
    card = min(_widths(image), key=lambda width: abs(width - CARD_WIDTH))
    return [_filter(image, "jpeg", card), _filter(image, "webp", card)]


def _widths(image: CustomImage) -> list[int]:
    """Never wider than the original; a small original has one rendition of its own width."""
    return [width for width in WIDTHS if width <= image.width] or [image.width]


def _filter(image: CustomImage, kind: str, width: int) -> Filter:
    mark = "|mark" if image.watermark else ""
    background = "|bgcolor-ffffff" if kind == "jpeg" else ""
    return Filter(spec=f"width-{width}{mark}|format-{kind}{background}")
