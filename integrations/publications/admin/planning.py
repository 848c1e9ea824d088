"""“Plan a publication”: of the ticked cars, or of one from its own page. First the timetable, then the deed."""

from typing import Any, cast

from django import forms
from django.core.exceptions import ValidationError
from django.db.models import Model
from django.http import HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from wagtail.admin import messages

from integrations.publications import planning
from integrations.publications.models import Channel
from integrations.publications.planning import Slot, Timing
from listings.admin.bulk_actions import CONFIRMED, ListingBulkAction
from listings.models import Listing
from listings.places import PlaceAction

LISTED = 200
AT_ONCE, AT, SPREAD = "now", "at", "spread"


def moment_field(label: Any) -> forms.DateTimeField:
    widget = forms.DateTimeInput(attrs={"type": "datetime-local"}, format="%Y-%m-%dT%H:%M")
    return forms.DateTimeField(label=label, required=False, widget=widget, help_text=gettext_lazy("Minsk time."))


class PlanForm(forms.Form):
    channels = forms.ModelMultipleChoiceField(
        label=gettext_lazy("Channels"),
        queryset=Channel.objects.none(),
        widget=forms.CheckboxSelectMultiple,
        error_messages={"required": gettext_lazy("Tick at least one channel.")},
    )
    when = forms.ChoiceField(
        label=gettext_lazy("When"),
        choices=[
            (AT_ONCE, gettext_lazy("At once")),
            (AT, gettext_lazy("At a time")),
            (SPREAD, gettext_lazy("Spread evenly: a campaign")),
        ],
        initial=AT,
        widget=forms.RadioSelect,
    )
    start = moment_field(gettext_lazy("Time, or the beginning of the campaign"))
    end = moment_field(gettext_lazy("End of the campaign"))
    name = forms.CharField(label=gettext_lazy("Name of the campaign"), max_length=100, required=False)

    def __init__(self, *args: Any, user: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        allowed = [channel.pk for channel in planning.channels_to_plan(user)]
        field = cast(forms.ModelMultipleChoiceField, self.fields["channels"])
        field.queryset = Channel.objects.filter(pk__in=allowed).select_related("dealer")

    @property
    def timing(self) -> Timing:
        when = self.cleaned_data["when"]
        return Timing(
            self.cleaned_data["start"] if when != AT_ONCE else None,
            self.cleaned_data["end"] if when == SPREAD else None,
        )

    def clean(self) -> dict[str, Any]:
        values: dict[str, Any] = super().clean() or self.cleaned_data
        needed = {AT_ONCE: (), AT: ("start",), SPREAD: ("start", "end", "name")}[values.get("when", AT_ONCE)]
        for name in needed:
            if not values.get(name) and name not in self.errors:
                self.add_error(name, _("Fill this in."))
        if not self.errors:
            planning.check_timing(self.timing, timezone.now())
        return values


class PlanAction(ListingBulkAction):
    display_name = gettext_lazy("Plan a publication")
    action_type = "plan"
    aria_label = gettext_lazy("Plan the publication of the ticked cars")
    form_class = PlanForm
    action_priority = 64
    template_name = "publications/admin/plan.html"

    def check_perm(self, obj: Model) -> bool:
        """The cars are the user's: what is left is whether he may plan at all."""
        return planning.may_plan(self.request.user)

    def get_form_kwargs(self) -> dict[str, Any]:
        kwargs: dict[str, Any] = super().get_form_kwargs()
        return kwargs | {"user": self.request.user}

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        form = kwargs.get("form") or self.get_form()
        slots: list[Slot] = kwargs.pop("slots", [])
        order = sorted(slots, key=lambda slot: (not slot.refusal, slot.at or timezone.now()))
        return {
            "view": self,
            "action": self,
            "form": form,
            "number": len(self.cars),
            "cars": self.cars[:LISTED],
            "slots": order[:LISTED],
            "more": max(len(slots) - LISTED, 0),
            "refused": sum(bool(slot.refusal) for slot in slots),
            "going": sum(not slot.refusal for slot in slots),
            "runs_over": self._runs_over(form, slots),
            "header_icon": "date",
            "next": self.next_url,
            "submit_url": self.request.get_full_path(),
        }

    def _runs_over(self, form: PlanForm, slots: list[Slot]) -> bool:
        end = form.timing.end if slots else None
        return end is not None and any(slot.at and slot.at > end for slot in slots)

    def form_valid(self, form: forms.Form) -> HttpResponse:
        form = cast(PlanForm, form)
        try:
            channels = list(form.cleaned_data["channels"])
            slots = planning.timetable(self.cars, channels, form.timing, timezone.now())
            if CONFIRMED not in self.request.POST:
                return cast(HttpResponse, self.render_to_response(self.get_context_data(form=form, slots=slots)))
            campaign = planning.plan(slots, form.timing, self.request.user, name=form.cleaned_data["name"])
        except ValidationError as error:
            form.add_error(None, error)
            return cast(HttpResponse, self.form_invalid(form))
        count = sum(not slot.refusal for slot in slots)
        words = ngettext("%(count)d publication is planned.", "%(count)d publications are planned.", count)
        messages.success(self.request, words % {"count": count})
        return redirect("publications_campaign", campaign.pk) if campaign else redirect(self.next_url)


def plan_link(listing: Listing, user: Any) -> list[PlaceAction]:
    """For the hook `register_listing_links`: on the car's page, for who may plan it."""
    if not planning.may_plan(user):
        return []
    page = reverse("wagtail_bulk_action", args=["listings", "listing", "plan"])
    back = reverse("wagtailsnippets_listings_listing:edit", args=[listing.pk])
    return [PlaceAction(_("Plan a publication"), f"{page}?{urlencode({'id': listing.pk, 'next': back})}")]
