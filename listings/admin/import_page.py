"""What the page of an import says at each moment: how far it is, which rows there are, what can be done next."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from django.core.paginator import Paginator
from django.db.models import QuerySet
from django.urls import reverse
from django.utils.formats import number_format
from django.utils.functional import cached_property
from django.utils.translation import gettext as _
from django.utils.translation import ngettext, pgettext
from wagtail.admin.paginator import WagtailPaginator

from listings.exchange import jobs, photo_archive
from listings.exchange.states import ENDED, ImportState, PhotoState, RowOutcome
from listings.exchange.vanishing import known_listings
from listings.models import Import, ImportRow, Listing
from listings.models.settings import InventorySettings

from .import_rows import ShownRow, shown_rows, word_lists

ROWS_PER_PAGE = 50
SHOWN_PHOTOS = 50
"""Failed or unmatched photos that are listed; the report has all."""
WITH_ROWS = (ImportState.CHECKED, ImportState.WAITING, ImportState.RUNNING, *ENDED)


@dataclass(frozen=True)
class Tab:
    outcome: RowOutcome
    label: str
    count: int
    is_current: bool


class RowPaginator(WagtailPaginator):
    @property
    def items_count_label(self) -> str:
        return ngettext("%(number)s row", "%(number)s rows", self.count) % {"number": _number(self.count)}


class ImportPage:
    """The template's view of an import. `counts` and `photos` come from one question to the job."""

    def __init__(self, job: Import, query: Mapping[str, str]) -> None:
        self.job = job
        self.progress = jobs.progress(job)
        self.counts: dict[str, int] = dict.fromkeys(RowOutcome.values, 0) | self.progress["counts"]
        self.current = self._current_tab(query.get("show", ""))
        self._page_number = query.get("p")

    def context(self) -> dict[str, Any]:
        page = self.page() if self.has_rows else None
        rows: list[ShownRow] = shown_rows(self.job, page.object_list) if page else []
        return {
            "page": self,
            "job": self.job,
            "rows": rows,
            "words": word_lists(rows),
            "page_obj": page,
            "elided_page_range": page.paginator.get_elided_page_range(page.number) if page else (),
            "tabs": self.tabs(),
        }

    # --- How far it is -------------------------------------------------------------------------------------

    @property
    def is_moving(self) -> bool:
        """Whether somebody works on it now, so that the page follows by itself."""
        return self.job.is_at_work or self.job.state == ImportState.PULLING

    @property
    def photos_are_moving(self) -> bool:
        return not self.is_moving and bool(self.progress["photos"].get(PhotoState.WAITING))

    @property
    def percent(self) -> int | None:
        """None while nobody can tell."""
        found: int | None = self.progress["percent"]
        return found

    def text(self) -> str:
        """One sentence for people and screen readers."""
        job, total = self.job, _number(self.job.total)
        if job.state == ImportState.PULLING:
            return _("The file is being fetched.")
        if job.state == ImportState.CHECKING:
            values = {"read": _number(self.progress["read"]), "total": total}
            return (_("%(read)s of %(total)s rows checked.") if job.total else _("%(read)s rows checked.")) % values
        if job.state == ImportState.RUNNING:
            return _("%(written)s of %(total)s rows done.") % {
                "written": _number(self.progress["written"]),
                "total": total,
            }
        return str(job.get_state_display())

    def as_json(self) -> dict[str, Any]:
        return {
            "state": self.job.state,
            "percent": self.percent,
            "text": self.text(),
            "counts": {name: _number(count) for name, count in self.counts.items()},
            "photos": self.photos_text(),
            "moving": self.is_moving or self.photos_are_moving,
        }

    # --- Its rows ------------------------------------------------------------------------------------------

    @property
    def has_rows(self) -> bool:
        return self.job.state in WITH_ROWS and self.job.pruned_at is None and any(self.counts.values())

    def tabs(self) -> list[Tab]:
        names = tab_names(self.job)
        return [Tab(outcome, names[outcome], self.counts[outcome], outcome == self.current) for outcome in RowOutcome]

    def page(self) -> Any:
        rows: QuerySet[ImportRow] = self.job.rows.filter(outcome=self.current).select_related("listing")
        paginator: Paginator[ImportRow] = RowPaginator(rows, ROWS_PER_PAGE)
        return paginator.get_page(self._page_number)

    def _current_tab(self, wanted: str) -> RowOutcome:
        """The one that is asked for; else that with work in it; else the first that is not empty."""
        if wanted in RowOutcome.values:
            return RowOutcome(wanted)
        order = (RowOutcome.REFUSED, RowOutcome.CREATE, RowOutcome.CHANGE, RowOutcome.SAME)
        return next((outcome for outcome in order if self.counts[outcome]), RowOutcome.CREATE)

    # --- What can be done ----------------------------------------------------------------------------------

    @property
    def to_load(self) -> int:
        return self.counts[RowOutcome.CREATE] + self.counts[RowOutcome.CHANGE]

    @property
    def can_load(self) -> bool:
        return self.job.state == ImportState.CHECKED and bool(self.to_load or self.job.vanished or self.new_photos)

    @cached_property
    def new_photos(self) -> int:
        """Photos for cars of which the list changes nothing else."""
        if self.to_load or not self.job.archive or self.job.state != ImportState.CHECKED:
            return 0
        try:
            return photo_archive.count_new(self.job)
        except photo_archive.ARCHIVE_PROBLEMS:
            return 0

    @property
    def load_label(self) -> str:
        if self.new_photos:
            return _("Load photos: %(number)s") % {"number": _number(self.new_photos)}
        if not self.to_load:
            return _("Archive cars that are not in the file")
        text = ngettext("Load %(number)s car", "Load %(number)s cars", self.to_load)
        return text % {"number": _number(self.to_load)}

    @property
    def can_stop(self) -> bool:
        return self.job.is_at_work and not self.job.cancel_requested

    @property
    def is_stopping(self) -> bool:
        return self.job.is_at_work and self.job.cancel_requested

    @property
    def can_drop(self) -> bool:
        return self.job.state in (ImportState.MAPPING, ImportState.CHECKED)

    @property
    def can_change_columns(self) -> bool:
        return self.job.state == ImportState.CHECKED and not self.job.built_in

    @property
    def can_resume(self) -> bool:
        return self.job.state in (ImportState.CANCELLED, ImportState.FAILED) and self.job.pruned_at is None

    @property
    def has_report(self) -> bool:
        return self.has_rows and self.job.state in (ImportState.CHECKED, *ENDED)

    @property
    def has_ended(self) -> bool:
        return self.job.state in ENDED

    @property
    def cars_url(self) -> str:
        """The list of cars, of this import only."""
        return f"{reverse(Listing.snippet_viewset.get_url_name('list'))}?loaded={self.job.pk}"

    @property
    def shows_cars(self) -> bool:
        return self.has_ended and self.has_rows and bool(self.to_load)

    def summary(self) -> str:
        """What the numbers mean for the next step."""
        refused = self.counts[RowOutcome.REFUSED]
        if self.job.state == ImportState.CHECKED:
            if not self.can_load:
                return (
                    _("Nothing can be loaded yet: correct the rows here.")
                    if refused
                    else _("Everything in the file is here already.")
                )
            if not refused:
                return _("Nothing is changed yet. Look at the rows, then load them.")
            return _(
                "Nothing is changed yet. Rows left out: %(number)s. Correct them here, and they are loaded with the "
                "others."
            ) % {"number": _number(refused)}
        return " ".join(self._afterwards(refused)) if self.job.state == ImportState.DONE else ""

    def _afterwards(self, refused: int) -> Iterator[str]:
        if refused:
            text = _("Rows that were not loaded: %(number)s. Correct them here, and each is loaded at once.")
            yield text % {"number": _number(refused)}
        if self.counts[RowOutcome.CREATE] and not self.job.submit and not self.job.publish:
            yield _("New cars were loaded as drafts: show them, tick them and submit them for moderation.")

    # --- Cars that are not in the file ---------------------------------------------------------------------

    def vanishing(self) -> str:
        """The question that a feed asks before it archives too many."""
        return _(
            "The file would take %(vanished)s of %(all)s cars into the archive. That is more than %(limit)s %%: the "
            "file may be broken or cut off."
        ) % {
            "vanished": _number(self.job.vanished),
            "all": _number(known_listings(self.job).count()),
            "limit": InventorySettings.load().max_archive_percent,
        }

    # --- Photos --------------------------------------------------------------------------------------------

    def photos_text(self) -> str:
        photos = self.progress["photos"]
        if not any(photos.values()):
            return ""
        return _("Photos: %(done)s in the cars, %(waiting)s to come, %(failed)s failed.") % {
            "done": _number(photos.get("done", 0)),
            "waiting": _number(photos.get("waiting", 0)),
            "failed": _number(photos.get("failed", 0)),
        }

    def failed_photos(self) -> Any:
        failed = self.job.photo_downloads.filter(state=PhotoState.FAILED)
        return failed.select_related("listing")[:SHOWN_PHOTOS]

    def unmatched(self) -> list[str]:
        return list(self.job.unmatched[:SHOWN_PHOTOS])

    def more_unmatched(self) -> int:
        return max(len(self.job.unmatched) - SHOWN_PHOTOS, 0)


def tab_names(job: Import) -> dict[RowOutcome, str]:
    """Before the run what would happen, after it what did."""
    if job.state == ImportState.DONE or (job.state in ENDED and job.written):
        return {
            RowOutcome.CREATE: pgettext("rows of an import", "Created"),
            RowOutcome.CHANGE: pgettext("rows of an import", "Changed"),
            RowOutcome.SAME: pgettext("rows of an import", "Unchanged"),
            RowOutcome.REFUSED: pgettext("rows of an import", "Refused"),
        }
    return {
        RowOutcome.CREATE: pgettext("rows of an import", "New"),
        RowOutcome.CHANGE: pgettext("rows of an import", "Will change"),
        RowOutcome.SAME: pgettext("rows of an import", "Unchanged"),
        RowOutcome.REFUSED: pgettext("rows of an import", "Refused"),
    }


def counts_text(job: Import) -> str:
    """For the list of imports: "120 new, 3 refused". Nothing while it is not known."""
    names = tab_names(job)
    found = [(names[outcome], job.counts.get(outcome, 0)) for outcome in RowOutcome]
    return ", ".join(f"{name.lower()}: {_number(count)}" for name, count in found if count)


def _number(value: int) -> str:
    return str(number_format(value, use_l10n=True, force_grouping=True))
