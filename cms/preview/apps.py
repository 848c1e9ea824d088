from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class PreviewConfig(AppConfig):
    name = "cms.preview"
    label = "preview"
    verbose_name = _("Preview")

    def ready(self) -> None:
        from listings.models import Listing

        from .listing_draft import listing_document
        from .registry import register_preview

        register_preview(Listing, kind="listing", build=listing_document)
