"""The form behind every upload in the admin: normalises the picture before anything is stored."""

from typing import Any

from django.core.files.base import File
from wagtail.images.forms import BaseImageForm

from .normalise import normalise_upload


class ImageUploadForm(BaseImageForm):
    """Wagtail's image form; a new file is replaced by its normalised form."""

    def clean_file(self) -> Any:
        file = self.cleaned_data["file"]
        if not isinstance(file, File) or "file" not in self.changed_data:
            return file
        file.seek(0)
        return normalise_upload(file, file.name or "photo")
