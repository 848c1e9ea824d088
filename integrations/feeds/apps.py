from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class FeedsConfig(AppConfig):
    name = "integrations.feeds"
    label = "feeds"
    verbose_name = _("Files for platforms")

    def ready(self) -> None:
        from . import signal_handlers  # noqa: F401  it connects itself
