"""What reports add to the Wagtail admin."""

from typing import Any

from django.http import HttpRequest
from django.urls import URLPattern, path, reverse_lazy
from django.utils.translation import gettext_lazy as _
from wagtail import hooks
from wagtail.admin.menu import MenuItem

from integrations.publications.admin.viewers import ForViewers

from .cars.matrix_views import MatrixPage
from .cars.timeline_views import TimelinePage, timeline_link
from .dashboard.views import OverviewPage
from .golive import views as golive
from .mail import views as mail
from .summary.views import PublicationReportPage

hooks.register("register_listing_links", timeline_link)


@hooks.register("register_admin_urls")
def register_pages() -> list[URLPattern]:
    by_mail = "reports/publications/e-mail/"
    return [
        path("channels/overview/", OverviewPage.as_view(), name="reports_overview"),
        path("channels/matrix/", MatrixPage.as_view(), name="reports_matrix"),
        path("channels/matrix/<int:pk>/", TimelinePage.as_view(), name="reports_timeline"),
        path("channels/launch/", golive.GoLiveList.as_view(), name="reports_golive_list"),
        path("channels/launch/<int:pk>/", golive.GoLivePage.as_view(), name="reports_golive"),
        path("channels/launch/<int:pk>/<slug:verb>/", golive.act, name="reports_golive_act"),
        path("reports/publications/", PublicationReportPage.as_view(), name="reports_publications"),
        path(by_mail, mail.SubscriptionsPage.as_view(), name="reports_subscriptions"),
        path(f"{by_mail}new/", mail.SubscriptionPage.as_view(), name="reports_subscribe"),
        path(f"{by_mail}<int:pk>/", mail.SubscriptionPage.as_view(), name="reports_subscription"),
        path(f"{by_mail}<int:pk>/stop/", mail.StopPage.as_view(), name="reports_subscription_stop"),
        path(f"{by_mail}<int:pk>/do/<slug:verb>/", mail.act, name="reports_subscription_act"),
    ]


@hooks.register("register_channels_menu_item")
def overview_item() -> MenuItem:
    return ForViewers(_("Platforms"), reverse_lazy("reports_overview"), name="platforms", icon_name="site", order=-1)


@hooks.register("register_channels_menu_item")
def matrix_item() -> MenuItem:
    url = reverse_lazy("reports_matrix")
    return ForViewers(_("Cars by channels"), url, name="cars-by-channels", icon_name="table", order=5)


class ForTriers(MenuItem):
    def is_shown(self, request: HttpRequest) -> bool:
        return golive.may_try(request.user)


@hooks.register("register_channels_menu_item")
def golive_item() -> MenuItem:
    url = reverse_lazy("reports_golive_list")
    return ForTriers(_("Start of channels"), url, name="start-of-channels", icon_name="tasks", order=70)


@hooks.register("register_reports_menu_item")
def report_item() -> MenuItem:
    url = reverse_lazy("reports_publications")
    return ForViewers(_("Reports of publications"), url, name="publication-reports", icon_name="table", order=150)


@hooks.register("register_reports_menu_item")
def mail_item() -> MenuItem:
    url = reverse_lazy("reports_subscriptions")
    return ForViewers(_("Reports by e-mail"), url, name="reports-by-mail", icon_name="mail", order=155)


@hooks.register("register_log_actions")
def register_log_actions(actions: Any) -> None:
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
