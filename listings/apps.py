from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class ListingsConfig(AppConfig):
    name = "listings"
    verbose_name = _("Listings")

    def ready(self) -> None:
        from wagtail.permissions import register_permission_policy

        from . import dealer_handlers, signal_handlers  # noqa: F401  they register the receivers
        from .admin import import_policy
        from .models import ChangeLogEntry, Dealer, Listing
        from .moderation import notices  # noqa: F401  it registers a receiver
        from .permissions import DealerRowPolicy

        # Here and not with the admin's hooks: workers and the API load none of these.
        register_permission_policy(Listing, DealerRowPolicy(Listing))
        register_permission_policy(Dealer, DealerRowPolicy(Dealer, dealer="pk", agent=None))
        register_permission_policy(ChangeLogEntry, DealerRowPolicy(ChangeLogEntry, agent="listing__agent"))
        import_policy.register()
