"""The fields that every channel has, whatever its platform: which cars it takes, how posts look, when they appear."""

from typing import Any

from django import forms
from django.utils.dates import WEEKDAYS
from django.utils.translation import gettext_lazy as _
from pydantic import ValidationError as RulesError

from integrations.marketplaces.post import DEFAULT_TEMPLATE, template_problems
from integrations.publications.models import Channel
from integrations.publications.rules import Rules
from listings.models import Dealer, Make
from listings.vocabulary import Condition

RULE = "rule_"
FIRST_RULE_ERROR = "rule_price_min"
"""Where a contradiction between rules is shown: prices are the only ones that can contradict."""
TEMPLATE_HEIGHT = 10
"""Lines."""
LONGEST_LIST = 8
"""Rows of a list that several are chosen from."""

Several = forms.SelectMultiple(attrs={"size": LONGEST_LIST})


class CommonChannelFields(forms.ModelForm):
    """Reads and writes `Channel.rules` and `window_days` as fields."""

    rule_makes = forms.MultipleChoiceField(label=_("Makes"), required=False, widget=Several)
    rule_dealers = forms.MultipleChoiceField(label=_("Dealers"), required=False, widget=Several)
    rule_conditions = forms.MultipleChoiceField(
        label=_("Condition"), required=False, choices=Condition.choices, widget=forms.CheckboxSelectMultiple
    )
    rule_price_min = forms.IntegerField(label=_("Price from, BYN"), required=False, min_value=0)
    rule_price_max = forms.IntegerField(label=_("Price up to, BYN"), required=False, min_value=0)
    rule_max_age = forms.IntegerField(
        label=_("Not older than, years"), required=False, min_value=0, max_value=100, help_text=_("By the model year.")
    )
    rule_max_mileage = forms.IntegerField(label=_("Mileage up to, km"), required=False, min_value=0)
    rule_needs_photo = forms.BooleanField(label=_("Only cars with photos"), required=False)
    window_days = forms.TypedMultipleChoiceField(
        label=_("Days"),
        required=False,
        coerce=int,
        choices=[(number, name) for number, name in WEEKDAYS.items()],
        widget=forms.CheckboxSelectMultiple,
        help_text=_("On which new posts appear. None ticked: every day. Changes and withdrawals never wait."),
    )

    class Meta:
        model = Channel
        fields = (
            "name", "dealer", "is_active", "automatic", "when_sold", "template", "photo_limit", "window_from",
            "window_to", "per_hour", "repost_days",
        )  # fmt: skip
        error_messages = {"name": {"unique": _("Another channel has this name already. Choose a different one.")}}
        widgets = {
            "template": forms.Textarea(
                attrs={"rows": TEMPLATE_HEIGHT, "data-template": "", "placeholder": DEFAULT_TEMPLATE}
            ),
            "window_from": forms.TimeInput(attrs={"type": "time"}, format="%H:%M"),
            "window_to": forms.TimeInput(attrs={"type": "time"}, format="%H:%M"),
        }

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._choices("rule_makes", Make.objects.order_by("name").values_list("slug", "name"))
        self._choices("rule_dealers", Dealer.objects.order_by("name").values_list("slug", "name"))
        for name in Rules.model_fields:
            self.fields[RULE + name].initial = self.instance.rules.get(name)
        self.fields["window_days"].initial = self.instance.window_days
        for name in ("photo_limit", "per_hour", "repost_days"):
            self.fields[name].widget.attrs["min"] = 1

    def clean_template(self) -> str:
        template: str = self.cleaned_data["template"].strip()
        problems = template_problems(template)
        if problems:
            raise forms.ValidationError([str(problem) for problem in problems])
        return template

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = super().clean() or self.cleaned_data
        start, end = cleaned.get("window_from"), cleaned.get("window_to")
        if start and end and start >= end:
            self.add_error("window_to", _("The window must end after it begins, on the same day."))
        for name in ("photo_limit", "per_hour", "repost_days"):
            if cleaned.get(name) == 0:
                self.add_error(name, _("At least 1, or leave it empty."))
        self.instance.rules = self._rules(cleaned)
        self.instance.window_days = cleaned.get("window_days", [])
        return cleaned

    def _rules(self, cleaned: dict[str, Any]) -> dict[str, Any]:
        values = {name: cleaned.get(RULE + name) for name in Rules.model_fields}
        given = {name: value for name, value in values.items() if value not in (None, [], "", False)}
        try:
            return Rules.model_validate(given).model_dump(mode="json", exclude_defaults=True)
        except RulesError as error:
            for problem in error.errors(include_url=False, include_input=False):
                field = RULE + str(problem["loc"][0]) if problem["loc"] else FIRST_RULE_ERROR
                cause = problem.get("ctx", {}).get("error")
                self.add_error(field, str(cause) if cause else _("This value does not fit. Correct it."))
            return {}

    def _choices(self, name: str, rows: Any) -> None:
        field = self.fields[name]
        assert isinstance(field, forms.MultipleChoiceField)  # noqa: S101  for the type checker
        field.choices = list(rows)
