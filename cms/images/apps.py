from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class ImagesConfig(AppConfig):
    name = "cms.images"
    label = "images"
    verbose_name = _("Photos")

    def ready(self) -> None:
        import pillow_heif

        from . import signal_handlers  # noqa: F401  registers the receivers

        # iPhones upload HEIC; Pillow alone cannot open it.
        pillow_heif.register_heif_opener()
