"""The page on which one sees how a channel is watched, and its buttons."""

from typing import Any

from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST
from django.views.generic import TemplateView
from wagtail.admin import messages
from wagtail.admin.views.generic.base import WagtailAdminTemplateMixin
from wagtail.log_actions import log

from integrations.feeds.remote import tells
from integrations.marketplaces.registry import get_adapter
from integrations.monitoring.doors import address_of, connect, is_entered_by_hand
from integrations.monitoring.drift import with_drift
from integrations.monitoring.models import ChannelWatch, Watch
from integrations.monitoring.visibility import visible_channels
from integrations.publications.accounts import webhook_secret
from integrations.publications.models import Channel, Publication


class ChannelWatchPage(WagtailAdminTemplateMixin, TemplateView):
    page_title = gettext_lazy("Events and checks")
    header_icon = "view"
    template_name = "monitoring/channel.html"

    def get_breadcrumbs_items(self) -> list[dict[str, Any]]:
        channels = {"url": reverse("channel:index"), "label": gettext_lazy("Channels")}
        return [*self.breadcrumbs_items, channels, {"url": "", "label": self.get_header_title()}]

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        channel = get_object_or_404(visible_channels(self.request.user), pk=self.kwargs["pk"])
        self.page_subtitle = channel.name
        adapter = get_adapter(channel.adapter)
        may_change = self.request.user.has_perm("publications.change_channel")
        webhooks = channel.webhooks.order_by("-received_at")
        context: dict[str, Any] = super().get_context_data(**kwargs)
        return context | {
            "channel": channel,
            "watch": ChannelWatch.objects.filter(channel=channel).first() or ChannelWatch(channel=channel),
            "capabilities": adapter.capabilities,
            "reports_on_all": tells(adapter),
            "may_change": may_change,
            # Who knows it can knock there: only for those who enter it on the platform.
            "address": address_of(channel) if may_change else "",
            "by_hand": is_entered_by_hand(adapter),
            "secret": webhook_secret(channel) if may_change and is_entered_by_hand(adapter) else "",
            "last_event": webhooks.values_list("received_at", flat=True).first(),
            "unread": webhooks.model.objects.set_aside().filter(channel=channel).count(),
            "alerts": list(channel.alerts.all()[:20]),
            "watched": Watch.objects.filter(publication__channel=channel, standing=True).count(),
            "drifting": with_drift(Publication.objects.filter(channel=channel), timezone.now()).count(),
            "drift_url": f"{reverse('monitoring_drift')}?channel={channel.pk}",
        }


@require_POST
def connect_events(request: HttpRequest, pk: int) -> HttpResponse:
    channel = get_object_or_404(visible_channels(request.user), pk=pk)
    try:
        connect(channel, request.user)  # type: ignore[arg-type]
    except ValidationError as error:
        messages.error(request, " ".join(error.messages))
    else:
        words = (
            _("Enter the address below on the platform.") if _by_hand(channel) else _("The platform sends events now.")
        )
        messages.success(request, words)
    return redirect("monitoring_channel", pk)


@require_POST
def choose_republishing(request: HttpRequest, pk: int) -> HttpResponse:
    """Whether posts that somebody removed on the platform are published again by themselves."""
    channel = get_object_or_404(visible_channels(request.user), pk=pk)
    if not request.user.has_perm("publications.change_channel"):
        return HttpResponse(status=403)
    wanted = request.POST.get("republish_gone") == "on"
    ChannelWatch.objects.update_or_create(channel=channel, defaults={"republish_gone": wanted})
    log(instance=channel, action="monitoring.republish", user=request.user, data={"on": wanted})
    messages.success(request, _("Saved."))
    return redirect("monitoring_channel", pk)


def _by_hand(channel: Channel) -> bool:
    return is_entered_by_hand(get_adapter(channel.adapter))
