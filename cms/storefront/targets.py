"""Where the site's files go. A target knows nothing of listings or rendering."""

import gzip
import os
import secrets
import shutil
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Protocol

from django.conf import settings

from .paths import UnsafePath, normalise

try:
    import brotli
except ImportError:  # a platform without the extension: visitors get gzip
    brotli = None

GONE_MARKER = ".gone"
TEMPORARY_SUFFIX = ".tmp"
SPECIAL_FILES = {"/404": "404.html", "/410": "410.html"}

# Pages change often and are small: strong, not extreme. 5 costs 1 ms for a car page, 11 costs 60 ms.
BROTLI_QUALITY = 5
GZIP_LEVEL = 6

# A temporary file older than this belongs to a process that died.
ABANDONED_SECONDS = 3_600


class Target(Protocol):
    """A place that serves the site."""

    def put(self, path: str, variants: dict[str, bytes]) -> None: ...
    def remove(self, path: str, *, gone: bool) -> None: ...
    def has(self, path: str) -> bool: ...
    def paths(self) -> Iterator[str]: ...


def compress(body: bytes) -> dict[str, bytes]:
    """The page and its ready-compressed forms, by file name suffix."""
    variants = {"": body, ".gz": gzip.compress(body, GZIP_LEVEL, mtime=0)}
    if brotli:
        variants[".br"] = brotli.compress(body, quality=BROTLI_QUALITY)
    return variants


class FolderTarget:
    """A folder that a web server serves. Each file is whole at any moment: written aside, then renamed."""

    def __init__(self, root: Path) -> None:
        self.root = root

    def put(self, path: str, variants: dict[str, bytes]) -> None:
        """Writes a page with all its forms; the gone marker goes last, so no half page is ever shown."""
        file = self.file_for(path)
        file.parent.mkdir(parents=True, exist_ok=True)
        self._check_inside(file)
        for suffix, body in variants.items():
            _replace(file.with_name(file.name + suffix), body)
        (file.parent / GONE_MARKER).unlink(missing_ok=True)

    def remove(self, path: str, *, gone: bool) -> None:
        """Takes a page away. `gone` leaves a marker by which the server answers 410 instead of 404."""
        file = self.file_for(path)
        self._check_inside(file)
        marker = file.parent / GONE_MARKER
        if gone:
            file.parent.mkdir(parents=True, exist_ok=True)
            _replace(marker, b"")
        else:
            marker.unlink(missing_ok=True)
        for suffix in ("", ".gz", ".br"):
            file.with_name(file.name + suffix).unlink(missing_ok=True)
        if not gone:
            self._remove_empty_folders(file.parent)

    def has(self, path: str) -> bool:
        file = self.file_for(path)
        return file.is_file() and not (file.parent / GONE_MARKER).exists()

    def paths(self) -> Iterator[str]:
        """Addresses of all pages in the folder."""
        for folder, folders, files in os.walk(self.root):
            relative = Path(folder).relative_to(self.root).as_posix()
            folders[:] = [name for name in folders if not name.startswith((".", "_"))]
            if "index.html" in files:
                yield "/" if relative == "." else f"/{relative}"

    def file_for(self, path: str) -> Path:
        """The page's file. Raises UnsafePath for anything that is not a plain address of the site."""
        if normalise(path) != path:
            raise UnsafePath(f"Not in its stored spelling: {path[:80]!r}")
        if path in SPECIAL_FILES:
            return self.root / SPECIAL_FILES[path]
        return self.root / path.lstrip("/") / "index.html"

    def copy_assets(self, source: Path) -> int:
        """Copies the renderer's public files. Old ones stay: pages written before still ask for them."""
        count = 0
        for folder, _folders, files in os.walk(source):
            into = self.root / Path(folder).relative_to(source)
            into.mkdir(parents=True, exist_ok=True)
            for name in files:
                destination = into / name
                temporary = _temporary(destination)
                shutil.copyfile(Path(folder, name), temporary)
                temporary.replace(destination)
                count += 1
        return count

    def remove_abandoned(self) -> int:
        """Removes what killed processes left half written."""
        count = 0
        for file in self.root.rglob(f".*{TEMPORARY_SUFFIX}"):
            if time.time() - file.stat().st_mtime > ABANDONED_SECONDS:
                file.unlink(missing_ok=True)
                count += 1
        return count

    def _check_inside(self, file: Path) -> None:
        """A symbolic link inside the folder must not lead a write out of it."""
        if not file.parent.resolve().is_relative_to(self.root.resolve()):
            raise UnsafePath(f"Leads out of the site's folder: {file.parent.name[:80]!r}")

    def _remove_empty_folders(self, folder: Path) -> None:
        while folder != self.root and folder.is_relative_to(self.root):
            try:
                folder.rmdir()
            except OSError:  # not empty, or another process was quicker
                return
            folder = folder.parent


def _temporary(file: Path) -> Path:
    return file.with_name(f".{file.name[:100]}.{secrets.token_hex(6)}{TEMPORARY_SUFFIX}")


def _replace(file: Path, body: bytes) -> None:
    temporary = _temporary(file)
    try:
        temporary.write_bytes(body)
        os.replace(temporary, file)
    except BaseException:
        temporary.unlink(missing_ok=True)
        raise


def site_target() -> FolderTarget:
    """The target of this deployment."""
    return FolderTarget(Path(settings.SITE_ROOT))
