from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class PagesConfig(AppConfig):
    name = "cms.pages"
    label = "pages"
    verbose_name = _("Pages")

    def ready(self) -> None:
        from cms.preview.registry import register_preview

        from . import signal_handlers  # noqa: F401  registers the receivers
        from .documents import page_document
        from .models import SitePage

        register_preview(SitePage, kind="page", build=page_document)
