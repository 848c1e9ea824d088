"""What the pages of single cars and of starting a channel add to the Wagtail admin; registered in `wagtail_hooks`."""

from django.http import HttpRequest
from django.urls import URLPattern, path, reverse_lazy
from django.utils.translation import gettext_lazy as _
from wagtail.admin.menu import MenuItem

from .matrix_views import MatrixPage
from .timeline_views import TimelinePage, timeline_link

__all__ = ["matrix_item", "timeline_link", "urls"]


def urls() -> list[URLPattern]:
    return [
        path("channels/matrix/", MatrixPage.as_view(), name="reports_matrix"),
        path("channels/matrix/<int:pk>/", TimelinePage.as_view(), name="reports_timeline"),
    ]


class ForViewers(MenuItem):
    def is_shown(self, request: HttpRequest) -> bool:
        return bool(request.user.has_perm("publications.view_publication"))


def matrix_item() -> MenuItem:
    url = reverse_lazy("reports_matrix")
    return ForViewers(_("Cars by channels"), url, name="cars-by-channels", icon_name="table", order=5)
