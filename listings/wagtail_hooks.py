"""What `listings` adds to the Wagtail admin."""

from typing import Any

from django.templatetags.static import static
from django.urls import URLPattern, path
from django.utils.html import format_html, format_html_join
from django.utils.translation import gettext_lazy as _
from wagtail import hooks
from wagtail.snippets.models import register_snippet

from .admin import bulk_actions, change_report, home, import_urls, members, photo_tools, rates, tokens, views
from .admin.closed_views import limit_home_panels
from .admin.feeds import FeedViewSet
from .admin.merge_action import MergeBulkAction
from .admin.photos import limit_tags
from .admin.row_guard import DeleteOwnRows
from .admin.viewsets import ListingViewSet, ReferenceGroup
from .moderation import urls as moderation_urls

limit_tags()
register_snippet(ListingViewSet)
register_snippet(ReferenceGroup)
hooks.register("register_bulk_action", MergeBulkAction)
bulk_actions.register()
hooks.register("register_bulk_action", DeleteOwnRows)
hooks.register("construct_homepage_panels", limit_home_panels)
hooks.register("register_admin_menu_item", tokens.menu_item)
hooks.register("register_admin_menu_item", import_urls.menu_item)
hooks.register("register_admin_viewset", FeedViewSet)
hooks.register("register_admin_menu_item", moderation_urls.menu_item)
hooks.register("register_reports_menu_item", change_report.menu_item)
hooks.register("construct_homepage_panels", moderation_urls.add_home_panels)
hooks.register("construct_homepage_panels", home.add_home_panel)


@hooks.register("register_admin_urls")
def register_admin_urls() -> list[URLPattern]:
    return [
        *tokens.urlpatterns,
        *import_urls.urlpatterns,
        *photo_tools.urlpatterns,
        *members.urlpatterns,
        *moderation_urls.urlpatterns,
        *change_report.urlpatterns,
        path("listings/rates/fetch/", rates.fetch_now, name="listing_fetch_rates"),
        path("listings/photos/", views.upload_photo, name="listing_upload_photo"),
        path("listings/options/<slug:field>/", views.dependent_options, name="listing_options"),
        path("listings/trims/<int:pk>/", views.trim_values, name="listing_trim"),
        path("listings/<int:pk>/places/", views.listing_places, name="listing_places"),
        path("listings/<int:pk>/sale/<slug:state>/", views.change_sale_state, name="listing_sale_state"),
    ]


@hooks.register("insert_global_admin_js")
def listing_form_script() -> str:
    scripts = format_html_join(
        "", '<script src="{}"></script>', ([static(f"listings/{name}.js")] for name in ("listing-form", "photo-tools"))
    )
    return scripts + format_html(
        '<script src="{}" data-some="{}" data-page="{}" data-list="{}"></script>',
        static("listings/bulk-words.js"),
        _("Selected: %(objects)s"),
        _("Selected on this page: %(objects)s"),
        _("All in the list are selected"),
    )


@hooks.register("insert_global_admin_css")
def listing_form_style() -> str:
    return format_html('<link rel="stylesheet" href="{}">', static("listings/listing-form.css"))


@hooks.register("register_log_actions")
def register_log_actions(actions: Any) -> None:
    actions.register_action("listings.merge", _("Merge"), _("Merged"))
    actions.register_action("listings.revoke_token", _("Revoke"), _("API token revoked"))
    actions.register_action("listings.price", _("Change price"), _("Price changed"))
    actions.register_action("listings.archive", _("Archive"), _("Archived"))
    actions.register_action("listings.restore", _("Restore from the archive"), _("Restored from the archive"))
    actions.register_action("listings.sale_state", _("Change sale state"), _("Sale state changed"))
