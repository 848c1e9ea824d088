"""A ZIP with photos: which of them belong to which row, by a folder or file name that is the car's number or VIN."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import PurePosixPath
from zipfile import BadZipFile, LargeZipFile, ZipFile, ZipInfo
from zlib import error as ZlibError

from django.db.models import QuerySet
from django.utils.translation import gettext as _

from listings import lifecycle
from listings.models import Import, ImportRow, Listing, PhotoDownload

from .errors import FileError
from .photos import MAX_PHOTOS, claim, write
from .staging import batches
from .states import PHOTO_DUE, PhotoState, RowOutcome

MEGABYTE = 1024 * 1024
MAX_PHOTO_BYTES = 30 * MEGABYTE
MAX_ENTRIES = 50_000
MAX_UNPACKED = 8 * 1024 * MEGABYTE
MAX_RATIO = 20
"""Pictures do not shrink; an archive that grows so much is a bomb."""
ALWAYS_FINE = 50 * MEGABYTE
MAX_NAME = 500
UTF8_NAME = 0x800
ENCRYPTED = 0x1
PICTURES = {".jpg", ".jpeg", ".png", ".webp", ".heic", ".heif", ".avif", ".gif", ".bmp", ".tif", ".tiff"}
COUNTER = re.compile(r"[\s_\-.(]+\d{1,3}\)?$")
"""What tells several photos of a car apart: "A-1042_3", "A-1042 (2)"."""
KEYS = ("external_id", "vin", "stock_number")
ARCHIVE_PROBLEMS = (
    BadZipFile,
    LargeZipFile,
    OSError,
    NotImplementedError,
    RuntimeError,
    ValueError,
    EOFError,
    ZlibError,
)


@dataclass
class Matches:
    """Entries by the id of their row, in the order of their names."""

    by_row: dict[int, list[ZipInfo]] = field(default_factory=dict)
    unmatched: list[str] = field(default_factory=list)


def check_archive(job: Import) -> None:
    """Raises FileError for what is no archive of photos, is locked, or is a bomb. Unpacks nothing."""
    try:
        with ZipFile(job.archive.path) as archive:
            entries = archive.infolist()
    except ARCHIVE_PROBLEMS as error:
        raise FileError(_("The archive of photos is damaged or is no ZIP.")) from error
    unpacked = sum(entry.file_size for entry in entries)
    packed = sum(entry.compress_size for entry in entries)
    bomb = unpacked > ALWAYS_FINE and unpacked > packed * MAX_RATIO
    if len(entries) > MAX_ENTRIES or unpacked > MAX_UNPACKED or bomb:
        raise FileError(
            _("The archive of photos would grow to %(size)d MB when it is unpacked: it is refused.")
            % {"size": unpacked // MEGABYTE}
        )
    if any(entry.flag_bits & ENCRYPTED for entry in entries):
        raise FileError(_("The archive of photos is protected by a password: save it without one."))
    if not any(_pictures(entries)):
        raise FileError(_("There are no pictures in the archive of photos."))


def unmatched(job: Import) -> list[str]:
    return match(job).unmatched


def want_photos(job: Import) -> list[str]:
    """Asks for the photos of rows that have become cars. Returns the names of those that belong to none."""
    matches = match(job)
    loaded = _with_cars(job)
    rows, known = _cars_and_photos(loaded, matches)
    new = set(loaded.filter(pk__in=matches.by_row, outcome=RowOutcome.CREATE).values_list("listing", flat=True))
    fresh, changed = [], []
    for row_id, listing_id in rows.items():
        for position, entry in enumerate(matches.by_row[row_id][:MAX_PHOTOS]):
            source = _source(entry)
            item = known.get((listing_id, source))
            if item is None:
                submit = job.submit and listing_id in new
                item = PhotoDownload(listing_id=listing_id, source=source, position=position, submit=submit)
                fresh.append(item)
            elif item.state in (PhotoState.FAILED, PhotoState.WAITING):
                changed.append(item)
            else:
                continue
            item.member = entry.filename
            claim(item, job, PhotoState.WAITING)
    write(fresh, changed)
    _submit_others(job, loaded)
    return matches.unmatched


def count_new(job: Import) -> int:
    """How many photos of the archive have not come yet to cars that are here already."""
    matches = match(job)
    rows, known = _cars_and_photos(_with_cars(job), matches)
    named = [
        (listing_id, _source(entry))
        for row_id, listing_id in rows.items()
        for entry in matches.by_row[row_id][:MAX_PHOTOS]
    ]
    return sum(key not in known or known[key].state == PhotoState.FAILED for key in named)


def _with_cars(job: Import) -> QuerySet[ImportRow]:
    return ImportRow.objects.filter(job=job, listing__isnull=False).exclude(outcome=RowOutcome.REFUSED)


def _cars_and_photos(
    loaded: QuerySet[ImportRow], matches: Matches
) -> tuple[dict[int, int], dict[tuple[int, str], PhotoDownload]]:
    """Cars by the id of the row for which the archive has photos, and what has been asked for them before."""
    rows = dict(loaded.filter(pk__in=matches.by_row).values_list("pk", "listing"))
    asked = PhotoDownload.objects.filter(listing__in=rows.values()).exclude(member="")
    return rows, {(item.listing_id, item.source): item for item in asked}


def _source(entry: ZipInfo) -> str:
    """What tells a photo from another of the same car, in every archive that has it."""
    return f"{shown_name(entry)}|{entry.file_size}|{entry.CRC:08x}"


def _submit_others(job: Import, loaded: QuerySet[ImportRow]) -> None:
    """New cars for which the archive had nothing do not wait any longer."""
    if not job.submit:
        return
    new = Listing.objects.filter(pk__in=loaded.filter(outcome=RowOutcome.CREATE).values("listing"), live=False)
    ids = new.exclude(photo_downloads__state__in=PHOTO_DUE).order_by("pk").values_list("pk", flat=True)
    for batch in batches(ids):
        lifecycle.submit(list(Listing.objects.filter(pk__in=batch)), job.user)


def match(job: Import) -> Matches:
    """Memory grows with the archive, not with the file: only keys that a name speaks of are kept."""
    with ZipFile(job.archive.path) as archive:
        entries = sorted(_pictures(archive.infolist()), key=lambda entry: _natural(shown_name(entry)))
    spoken = {token for entry in entries for token in _tokens(entry)}
    rows = _rows_by_key(job, spoken)
    found = Matches()
    for entry in entries:
        row_id = next((rows[token] for token in _tokens(entry) if rows.get(token)), None)
        if row_id is None:
            found.unmatched.append(shown_name(entry))
        else:
            found.by_row.setdefault(row_id, []).append(entry)
    return found


def shown_name(entry: ZipInfo) -> str:
    """Windows writes Russian names in the code page of DOS, and says so in no way."""
    if entry.flag_bits & UTF8_NAME:
        return entry.filename
    try:
        return entry.filename.encode("cp437").decode("cp866")
    except (UnicodeEncodeError, UnicodeDecodeError):
        return entry.filename


def _rows_by_key(job: Import, spoken: set[str]) -> dict[str, int | None]:
    """Key to row; a key of several rows is nobody's, unless it is the number in one and something less in another."""
    found: dict[str, int | None] = {}
    for name in KEYS:
        kind: dict[str, int | None] = {}
        named = job.rows.order_by("number").exclude(**{name: ""}).values_list("pk", name)
        for pk, value in named.iterator(chunk_size=2000):
            key = plain(value)
            if key in spoken and kind.setdefault(key, pk) != pk:
                kind[key] = None
        for key, row_id in kind.items():
            found.setdefault(key, row_id)
    return found


def _pictures(entries: list[ZipInfo]) -> Iterator[ZipInfo]:
    for entry in entries:
        path = PurePosixPath(entry.filename)
        hidden = any(part.startswith(".") or part == "__MACOSX" for part in path.parts)
        if not entry.is_dir() and not hidden and path.suffix.lower() in PICTURES and len(entry.filename) <= MAX_NAME:
            yield entry


def _tokens(entry: ZipInfo) -> list[str]:
    """What the name may mean, the surest first: the file's own name, without its counter, then its folders."""
    path = PurePosixPath(shown_name(entry).replace("\\", "/"))
    names = [path.stem, COUNTER.sub("", path.stem), *reversed(path.parts[:-1])]
    return list(dict.fromkeys(filter(None, map(plain, names))))


def plain(text: str) -> str:
    return re.sub(r"[\W_]", "", text.casefold())


def _natural(name: str) -> list[tuple[int, str]]:
    """ "2.jpg" comes before "10.jpg"."""
    return [(int(part), "") if part.isdecimal() else (-1, part) for part in re.split(r"(\d+)", name.casefold())]
