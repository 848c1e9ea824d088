"""What the pages of single cars and of starting a channel add to the Wagtail admin; registered in `wagtail_hooks`."""

from typing import Any

from django.http import HttpRequest
from django.urls import URLPattern, path, reverse_lazy
from django.utils.translation import gettext_lazy as _
from wagtail.admin.menu import MenuItem

from .golive_views import GoLiveList, GoLivePage, act, may_try
from .matrix_views import MatrixPage
from .timeline_views import TimelinePage, timeline_link

__all__ = ["golive_item", "log_actions", "matrix_item", "timeline_link", "urls"]


def urls() -> list[URLPattern]:
    return [
        path("channels/matrix/", MatrixPage.as_view(), name="reports_matrix"),
        path("channels/matrix/<int:pk>/", TimelinePage.as_view(), name="reports_timeline"),
        path("channels/launch/", GoLiveList.as_view(), name="reports_golive_list"),
        path("channels/launch/<int:pk>/", GoLivePage.as_view(), name="reports_golive"),
        path("channels/launch/<int:pk>/<slug:verb>/", act, name="reports_golive_act"),
    ]


class ForViewers(MenuItem):
    def is_shown(self, request: HttpRequest) -> bool:
        return bool(request.user.has_perm("publications.view_publication"))


def matrix_item() -> MenuItem:
    url = reverse_lazy("reports_matrix")
    return ForViewers(_("Cars by channels"), url, name="cars-by-channels", icon_name="table", order=5)


class ForTriers(MenuItem):
    def is_shown(self, request: HttpRequest) -> bool:
        return may_try(request.user)


def golive_item() -> MenuItem:
    url = reverse_lazy("reports_golive_list")
    return ForTriers(_("Start of channels"), url, name="start-of-channels", icon_name="tasks", order=70)


def log_actions(actions: Any) -> None:
    for name, label in {
        "switch_on_for_test": _("Switched on for a try"),
        "start": _("Try with a test car begun"),
        "send": _("Test car sent"),
        "withdraw": _("Test car withdrawn"),
        "vouch": _("Seen by a person in a try"),
        "pass": _("Try with a test car passed"),
        "stop": _("Try with a test car ended without a result"),
        "let_loose": _("Channel let loose after a try"),
    }.items():
        actions.register_action(f"golive.{name}", label, label)
