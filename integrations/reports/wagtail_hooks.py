"""What reports add to the Wagtail admin."""

from django.http import HttpRequest
from django.urls import URLPattern, path, reverse_lazy
from django.utils.translation import gettext_lazy as _
from wagtail import hooks
from wagtail.admin.menu import MenuItem

from . import car_hooks, report_hooks
from .views import OverviewPage


@hooks.register("register_admin_urls")
def register_pages() -> list[URLPattern]:
    return [path("channels/overview/", OverviewPage.as_view(), name="reports_overview")]


class ForViewers(MenuItem):
    def is_shown(self, request: HttpRequest) -> bool:
        return bool(request.user.has_perm("publications.view_publication"))


@hooks.register("register_channels_menu_item")
def overview_item() -> MenuItem:
    return ForViewers(_("Platforms"), reverse_lazy("reports_overview"), name="platforms", icon_name="site", order=-1)


hooks.register("register_admin_urls", car_hooks.urls)
hooks.register("register_channels_menu_item", car_hooks.matrix_item)
hooks.register("register_channels_menu_item", car_hooks.golive_item)
hooks.register("register_listing_links", car_hooks.timeline_link)
hooks.register("register_log_actions", car_hooks.log_actions)
hooks.register("register_admin_urls", report_hooks.urls)
hooks.register("register_reports_menu_item", report_hooks.report_item)
hooks.register("register_reports_menu_item", report_hooks.mail_item)
