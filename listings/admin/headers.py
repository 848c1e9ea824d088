"""The head of those pages of the admin that are no class of Wagtail's."""

from typing import Any

from wagtail.admin.views.generic.base import WagtailAdminTemplateMixin


def header(title: str, icon: str, *above: dict[str, Any]) -> dict[str, Any]:
    """For templates below `wagtailadmin/generic/base.html`: the title, and the way to it from the home page."""
    items = [*WagtailAdminTemplateMixin.breadcrumbs_items, *above, {"url": "", "label": title}]
    return {"breadcrumbs_items": items, "header_title": title, "header_icon": icon}
