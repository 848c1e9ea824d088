"""Adding pictures without a form: demo, import, tests."""

from typing import IO

from django.db import transaction
from wagtail.models import Collection

from .models import CustomImage
from .normalise import normalise_upload


def add_image(
    file: IO[bytes], name: str, *, title: str, collection: Collection | None = None, user: object | None = None
) -> CustomImage:
    """Normalises and stores a picture; its renditions are made by a worker. Raises ValidationError."""
    image = CustomImage(title=title, uploaded_by_user=user, file=normalise_upload(file, name))
    if collection is not None:
        image.collection = collection
    image._set_image_file_metadata()
    with transaction.atomic():
        image.save()
    return image
