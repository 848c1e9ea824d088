"""The bulk action of the reference lists: tick doubles, choose which one stays."""

from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.shortcuts import redirect
from django.utils.translation import gettext_lazy as _
from wagtail.admin import messages
from wagtail.snippets.bulk_actions.snippet_bulk_action import SnippetBulkAction

from listings.merging import may_merge, merge

from .reference_rows import MERGEABLE, USED_BY, cars_in_words, with_cars


class MergeForm(forms.Form):
    keep: Any = forms.ModelChoiceField(
        queryset=None, label=_("Which one stays"), widget=forms.RadioSelect, empty_label=None
    )

    def __init__(self, *args: Any, rows: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.rows = rows
        keep: Any = self.fields["keep"]
        keep.queryset, keep.label_from_instance = rows, self._with_count

    def _with_count(self, row: Any) -> str:
        return f"{row} {cars_in_words(row.cars)}" if hasattr(row, "cars") else str(row)

    def clean(self) -> dict[str, Any]:
        values = super().clean() or self.cleaned_data
        if len(self.rows) < 2:
            raise ValidationError(_("Tick at least two entries that mean the same."))
        return values


class MergeBulkAction(SnippetBulkAction):
    display_name = _("Merge")
    action_type = "merge"
    aria_label = _("Merge the ticked entries into one")
    template_name = "listings/admin/merge.html"
    models = list(MERGEABLE)
    form_class = MergeForm
    action_priority = 20

    def check_perm(self, row: Any) -> bool:
        return may_merge(self.request.user, self.model)

    def get_form_kwargs(self) -> dict[str, Any]:
        keys = [row.pk for row in self.get_actionable_objects()[0]]
        rows = with_cars(self.model._default_manager.filter(pk__in=keys))
        if self.model in USED_BY:
            rows = rows.order_by("-cars")
        return super().get_form_kwargs() | {"rows": rows}

    def form_valid(self, form: Any) -> Any:
        keep = form.cleaned_data["keep"]
        try:
            moved = merge(keep, [row for row in form.rows if row != keep], self.request.user)
        except ValidationError as error:
            form.add_error(None, error)
            return self.form_invalid(form)
        parts = ", ".join(f"{name}: {count}" for name, count in moved.items())
        messages.success(
            self.request,
            _("Merged into “%(keep)s”. %(moved)s") % {"keep": keep, "moved": _("Moved: %s.") % parts if parts else ""},
        )
        return redirect(self.next_url)
