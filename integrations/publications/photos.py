"""Bytes of a rendition, from wherever the media are stored."""

from urllib.parse import unquote, urlsplit

from django.core.files.storage import default_storage


def read_photo(url: str) -> bytes:
    """Reads by the address that stands in a document. Raises OSError whatever the storage raises."""
    root = unquote(urlsplit(default_storage.url("")).path)
    path = unquote(urlsplit(url).path)
    if not path.startswith(root):
        raise FileNotFoundError("The photo is not in the media storage.")
    try:
        with default_storage.open(path.removeprefix(root)) as file:
            content: bytes = file.read()
    except OSError:
        raise
    except Exception as error:
        # Each storage has its own kinds of failure; for us all of them mean "cannot be read now".
        raise OSError(type(error).__name__) from error
    return content
