"""Buttons and pages of a channel's file."""

from typing import Any

from django.core.exceptions import PermissionDenied, ValidationError
from django.http import Http404, HttpRequest, HttpResponse, StreamingHttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_GET, require_POST
from django.views.generic import TemplateView
from wagtail.admin import messages
from wagtail.admin.views.generic.base import WagtailAdminTemplateMixin

from integrations.credentials.store import CredentialsUnavailable, CredentialsUnreadable
from integrations.feeds import actions, remote
from integrations.feeds.addresses import exchange_address
from integrations.feeds.checking import check_feed
from integrations.feeds.entries import feed_adapter, feed_of, is_feed
from integrations.feeds.serving import FeedBroken, Told, open_file
from integrations.marketplaces.base import AdapterError
from integrations.marketplaces.feed import LONGEST_ADDRESS
from integrations.monitoring.visibility import visible_channels
from integrations.publications.admin.views import visible_publications
from integrations.publications.models import Channel

STORE_IS_AWAY = gettext_lazy("The store of access data does not answer. Try again in a few minutes.")
BROKEN = gettext_lazy("The channel's settings are not complete. Fill them in and save.")


@require_POST
def exchange(request: HttpRequest, pk: int) -> HttpResponse:
    channel = _channel(request, pk, change=True)
    try:
        exchange_address(channel, request.user)  # type: ignore[arg-type]
    except (CredentialsUnavailable, CredentialsUnreadable):
        messages.error(request, STORE_IS_AWAY)
    else:
        messages.success(request, _("The old address has stopped working. Enter the new one on the platform."))
    return redirect("channel:edit", pk)


@require_POST
def announce(request: HttpRequest, pk: int) -> HttpResponse:
    channel = _channel(request, pk, change=True)
    if not remote.can_be_told(feed_adapter(channel)):
        raise Http404
    act = remote.ask_to_fetch if request.POST.get("now") else remote.announce
    try:
        act(channel)
    except AdapterError as error:
        messages.error(request, str(error))
    except (CredentialsUnavailable, CredentialsUnreadable):
        messages.error(request, STORE_IS_AWAY)
    else:
        messages.success(request, _("The platform knows."))
    return redirect("channel:edit", pk)


@require_GET
def preview(request: HttpRequest, pk: int) -> StreamingHttpResponse | HttpResponse:
    """The file as it is now, without an entry in its log."""
    channel = _channel(request, pk)
    try:
        file = open_file(feed_of(channel))
    except FeedBroken:
        messages.error(request, BROKEN)
        return redirect("channel:edit", pk)
    response = StreamingHttpResponse(file.pieces(Told()), content_type=feed_adapter(channel).file.content_type)
    response["Cache-Control"] = "private, no-store"
    return response


class FeedCheckPage(WagtailAdminTemplateMixin, TemplateView):
    page_title = gettext_lazy("Check of the file")
    header_icon = "view"
    template_name = "feeds/admin/check.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        channel = _channel(self.request, self.kwargs["pk"])
        self.page_subtitle = channel.name
        context: dict[str, Any] = super().get_context_data(**kwargs)
        try:
            report = check_feed(feed_of(channel))
        except FeedBroken:
            report = None
        may_change = self.request.user.has_perm("publications.change_channel")
        return context | {"channel": channel, "report": report, "broken": BROKEN, "may_change": may_change}


@require_POST
def seen_there(request: HttpRequest, pk: int) -> HttpResponse:
    rows = visible_publications(request.user).select_related("document__listing", "channel")
    publication = get_object_or_404(rows, pk=pk)
    address = request.POST.get("address", "")[:LONGEST_ADDRESS]
    try:
        actions.seen_there(publication, request.user, address=address)  # type: ignore[arg-type]
    except ValidationError as error:
        messages.error(request, " ".join(error.messages))
    else:
        messages.success(request, _("Saved."))
    return redirect("publication:inspect", pk)


def _channel(request: HttpRequest, pk: int, *, change: bool = False) -> Channel:
    channel = get_object_or_404(visible_channels(request.user), pk=pk)
    if not is_feed(channel):
        raise Http404
    if change and not request.user.has_perm("publications.change_channel"):
        raise PermissionDenied
    return channel
