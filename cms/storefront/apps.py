from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class StorefrontConfig(AppConfig):
    name = "cms.storefront"
    label = "storefront"
    verbose_name = _("Public site")

    def ready(self) -> None:
        from . import signal_handlers  # noqa: F401  registers the receivers
