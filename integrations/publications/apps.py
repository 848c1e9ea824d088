from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class PublicationsConfig(AppConfig):
    name = "integrations.publications"
    label = "publications"
    verbose_name = _("Publications")

    def ready(self) -> None:
        from integrations import marketplaces

        from . import signal_handlers, task_runs  # noqa: F401  registers the receiver

        marketplaces.load()
        task_runs.connect()
