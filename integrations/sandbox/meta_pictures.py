"""Pictures that the imitated Meta fetches by address, with Instagram's limits."""

import hashlib
import io
from dataclasses import dataclass
from pathlib import Path

import httpx
from PIL import Image, UnidentifiedImageError

from .meta_errors import GraphRefusal

MAX_BYTES = 8 * 1024 * 1024
SLIMMEST, BROADEST = 0.8, 1.91
WIDTHS = range(320, 1441)
FETCH_TIMEOUT = 20.0


@dataclass(frozen=True)
class Fetched:
    content: bytes = b""
    width: int = 0
    height: int = 0
    jpeg: bool = False

    @property
    def ratio(self) -> float:
        return self.width / self.height


def fetch(url: str) -> Fetched:
    """Raises GraphRefusal where there is no picture at the address."""
    try:
        answer = httpx.get(url, timeout=FETCH_TIMEOUT, trust_env=False)
    except (httpx.HTTPError, httpx.InvalidURL):
        raise unreachable(url) from None
    if answer.status_code != 200:
        raise unreachable(url)
    try:
        with Image.open(io.BytesIO(answer.content)) as image:
            image.load()
            return Fetched(answer.content, image.width, image.height, image.format == "JPEG")
    except (OSError, UnidentifiedImageError, Image.DecompressionBombError):
        raise GraphRefusal(36001, "The image format is not supported.", subcode=2207005) from None


def require_instagram_jpeg(picture: Fetched) -> None:
    """Raises GraphRefusal for what Instagram does not take."""
    if not picture.jpeg:
        raise GraphRefusal(36001, "The image format is not supported. Use JPEG.", subcode=2207005)
    if len(picture.content) > MAX_BYTES:
        raise GraphRefusal(36000, "The image is too large to download. It should be less than 8 MiB.", subcode=2207004)
    if not SLIMMEST <= picture.ratio <= BROADEST:
        words = f"The submitted image with aspect ratio {picture.ratio:.3f} is not within 4:5 to 1.91:1."
        raise GraphRefusal(36003, words, subcode=2207009)
    if picture.width not in WIDTHS:
        raise GraphRefusal(36000, "The image's width is not within 320 to 1440 pixels.", subcode=2207004)


def keep(content: bytes, folder: Path) -> str:
    """Its name in the folder of photos."""
    name = hashlib.sha256(content).hexdigest()[:32]
    (folder / "photos").mkdir(parents=True, exist_ok=True)
    (folder / "photos" / f"{name}.jpg").write_bytes(content)
    return name


def crop(content: bytes, ratio: float) -> bytes:
    """Around its middle, as a carousel is cropped to its first picture."""
    with Image.open(io.BytesIO(content)) as image:
        width, height = min(image.width, round(image.height * ratio)), min(image.height, round(image.width / ratio))
        left, top = (image.width - width) // 2, (image.height - height) // 2
        buffer = io.BytesIO()
        image.convert("RGB").crop((left, top, left + width, top + height)).save(buffer, "JPEG", quality=85)
    return buffer.getvalue()


def unreachable(url: str) -> GraphRefusal:
    return GraphRefusal(9004, f"The media could not be fetched from this URI: {url}", subcode=2207052)
