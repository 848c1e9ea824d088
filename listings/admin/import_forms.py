"""The forms of an import: the file with its options, and what its columns mean."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from listings.exchange.columns import BY_NAME, COLUMNS, FROM_TRIM, HEADERS
from listings.models import Import

from .import_policy import PUBLISH, dealers_to_import_for

PREFIX = "column-"
KEYS = ("external_id", "vin")
"""By one of them a car is found again."""
TABLES = ".xlsx,.ods,.csv,.tsv,.txt,.xml,.json"
"""Only a help in the file dialog: what a file is, is seen from its content."""


class DealerFields:
    """What the forms of files and of feeds have in common: the dealer, and what is to happen to new cars."""

    fields: dict[str, forms.Field]

    def limit(self, user: Any, instance: Any) -> None:
        dealers = dealers_to_import_for(user)
        self.fields["dealer"].queryset = dealers  # type: ignore[attr-defined]
        mine = list(dealers[:2])
        if len(mine) == 1:
            # Who works for one dealer is not asked for which.
            instance.dealer = mine[0]
            del self.fields["dealer"]
        # Who publishes has no need of a moderator; who does not cannot publish.
        del self.fields["submit" if user.has_perm(PUBLISH) else "publish"]


class UploadForm(DealerFields, forms.ModelForm):
    file = forms.FileField(label=gettext_lazy("List of cars"), widget=forms.FileInput(attrs={"accept": TABLES}))
    archive = forms.FileField(
        label=gettext_lazy("Photos in a ZIP archive"),
        required=False,
        widget=forms.FileInput(attrs={"accept": ".zip"}),
        help_text=gettext_lazy(
            "Not needed if the list has addresses of photos. Name each folder or file after the car's number, VIN or "
            "stock number: “A-1042/1.jpg”, “A-1042_2.jpg”."
        ),
    )

    class Meta:
        model = Import
        fields = ["dealer", "file", "archive", "submit", "publish", "archive_vanished"]
        help_texts = {
            "submit": gettext_lazy("Otherwise they stay drafts, and you submit them yourself."),
            "publish": gettext_lazy("Without a moderator."),
            "archive_vanished": gettext_lazy("Only if the file has all your cars. Nothing is deleted."),
        }

    def __init__(self, *args: Any, user: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.limit(user, self.instance)

    def clean(self) -> dict[str, Any]:
        values = super().clean() or {}
        values.setdefault("dealer", self.instance.dealer if self.instance.dealer_id else None)
        return values


@dataclass(frozen=True)
class ColumnOfFile:
    """A line of the mapping page."""

    field: str
    header: str
    samples: list[str]
    chosen: str
    error: str = ""


@dataclass(frozen=True)
class Required:
    """What every new car needs: one of the fields, and whether the file has it."""

    label: str
    fields: str
    is_filled: bool


class ColumnsForm:
    """What each column of the file means. Fields are numbered: a header can be any text."""

    def __init__(self, samples: Mapping[str, list[str]], mapping: Mapping[str, str], data: Any = None) -> None:
        self.samples = samples
        self.mapping = {
            header: self._column(data.get(f"{PREFIX}{number}")) if data is not None else mapping.get(header, "")
            for number, header in enumerate(samples)
        }
        self.problems = self._problems() if data is not None else {}

    def is_valid(self) -> bool:
        return not self.problems

    @property
    def chosen(self) -> dict[str, str]:
        """Column header to column name, without the columns that are left out."""
        return {header: name for header, name in self.mapping.items() if name}

    def lines(self) -> Iterator[ColumnOfFile]:
        for number, (header, values) in enumerate(self.samples.items()):
            yield ColumnOfFile(f"{PREFIX}{number}", header, values, self.mapping[header], self.problems.get(header, ""))

    def required(self) -> list[Required]:
        filled = {BY_NAME[name].field for name in self.chosen.values()}
        brought = set(FROM_TRIM) if "trim" in filled else set()
        key = _("%(first)s or %(second)s") % {"first": HEADERS["external_id"], "second": HEADERS["vin"]}
        return [
            Required(key, " ".join(KEYS), not filled.isdisjoint(KEYS)),
            *(
                Required(column.header, column.field, column.field in filled or column.name in brought)
                for column in COLUMNS
                if column.required
            ),
        ]

    def _column(self, name: str | None) -> str:
        return name if name in BY_NAME else ""

    def _problems(self) -> dict[str, str]:
        """Two columns cannot fill the same field."""
        taken: dict[str, str] = {}
        problems = {}
        for header, name in self.chosen.items():
            column = BY_NAME[name]
            first = taken.setdefault(column.field, header)
            if first != header:
                problems[header] = _("“%(column)s” is taken from the column “%(first)s” already.") % {
                    "column": HEADERS[column.field],
                    "first": first,
                }
        return problems
