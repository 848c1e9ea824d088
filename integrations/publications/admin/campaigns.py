"""The list of campaigns, and the timetable of one."""

from collections import Counter
from datetime import datetime
from typing import Any

from django.core.exceptions import PermissionDenied, ValidationError
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.utils.formats import date_format
from django.utils.functional import cached_property
from django.utils.timezone import localtime
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from django.views.decorators.http import require_POST
from django.views.generic import TemplateView
from wagtail.admin import messages
from wagtail.admin.views.generic.base import WagtailAdminTemplateMixin

from integrations.publications import campaigns
from integrations.publications.models import Campaign, Choice
from integrations.publications.planning import may_plan

from .planning import moment_field

PER_PAGE = 20
ENTRIES_PER_PAGE = 100


class CampaignsPage(WagtailAdminTemplateMixin, TemplateView):
    template_name = "publications/admin/campaigns.html"
    page_title = gettext_lazy("Campaigns")
    header_icon = "date"

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
        if not request.user.has_perm("publications.view_publication"):
            raise PermissionDenied
        return super().dispatch(request, *args, **kwargs)

    def get_breadcrumbs_items(self) -> list[dict[str, Any]]:
        return [*self.breadcrumbs_items, {"url": "", "label": self.get_header_title()}]

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        context: dict[str, Any] = super().get_context_data(**kwargs)
        rows = campaigns.visible_campaigns(self.request.user).select_related("dealer", "created_by")
        page = Paginator(rows, PER_PAGE).get_page(self.request.GET.get("p"))
        choices = campaigns.visible_choices(self.request.user).filter(campaign__in=[row.pk for row in page])
        published: Counter[int | None] = Counter()
        failed: Counter[int | None] = Counter()
        total: Counter[int | None] = Counter()
        for entry in campaigns.entries_of(choices):
            total[entry.choice.campaign_id] += 1
            published[entry.choice.campaign_id] += entry.is_published
            failed[entry.choice.campaign_id] += entry.has_failed
        lines = [(row, total[row.pk], published[row.pk], failed[row.pk]) for row in page]
        return context | {"lines": lines, "page_obj": page}


class CampaignPage(CampaignsPage):
    template_name = "publications/admin/campaign.html"

    def get_page_title(self) -> str:
        return self.campaign.name

    @cached_property
    def campaign(self) -> Campaign:
        rows = campaigns.visible_campaigns(self.request.user).select_related("dealer", "created_by")
        return get_object_or_404(rows, pk=self.kwargs["pk"])

    def get_breadcrumbs_items(self) -> list[dict[str, Any]]:
        above = {"url": reverse("publications_campaigns"), "label": _("Campaigns")}
        return [*self.breadcrumbs_items, above, {"url": "", "label": self.get_header_title()}]

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        campaign = self.campaign
        context: dict[str, Any] = TemplateView.get_context_data(self, **kwargs)
        found = campaigns.entries_of(campaigns.visible_choices(self.request.user).filter(campaign=campaign))
        page = Paginator(found, ENTRIES_PER_PAGE).get_page(self.request.GET.get("p"))
        return context | {
            "campaign": campaign,
            "page_obj": page,
            "total": len(found),
            "published": sum(entry.is_published for entry in found),
            "failed": sum(entry.has_failed for entry in found),
            "open": sum(entry.is_open for entry in found),
            "may_change": may_plan(self.request.user),
        }


@require_POST
def stop_campaign(request: HttpRequest, pk: int) -> HttpResponse:
    campaign = get_object_or_404(campaigns.visible_campaigns(request.user), pk=pk)
    try:
        count = campaigns.stop(campaign, request.user)  # type: ignore[arg-type]
    except ValidationError as error:
        messages.error(request, " ".join(error.messages))
    else:
        words = ngettext(
            "The campaign is stopped: %(count)d publication stays out.",
            "The campaign is stopped: %(count)d publications stay out.",
            count,
        )
        messages.success(request, words % {"count": count})
    return redirect("publications_campaign", pk)


@require_POST
def change_entry(request: HttpRequest, pk: int, verb: str) -> HttpResponse:
    choices = campaigns.visible_choices(request.user).select_related("channel__dealer", "listing", "campaign")
    choice = get_object_or_404(choices, pk=pk, campaign__in=campaigns.visible_campaigns(request.user))
    try:
        messages.success(request, _change(choice, request, verb))
    except ValidationError as error:
        messages.error(request, " ".join(error.messages))
    return redirect("publications_campaign", choice.campaign_id or 0)


def _change(choice: Choice, request: HttpRequest, verb: str) -> str:
    if verb == "drop":
        campaigns.drop(choice, request.user)  # type: ignore[arg-type]
        return _("It is left out.")
    if verb != "move":
        raise PermissionDenied
    typed: datetime | None = moment_field("").clean(request.POST.get("at", ""))
    if typed is None:
        raise ValidationError(_("Choose the time."))
    moment = campaigns.move(choice, request.user, typed)  # type: ignore[arg-type]
    return _("It is planned for %(when)s.") % {"when": date_format(localtime(moment), "j E, H:i")}
