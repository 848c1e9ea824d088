from wagtail import hooks
from wagtail.permissions import register_permission_policy

from .admin import LeadPermissionPolicy, LeadViewSet
from .models import Lead

register_permission_policy(Lead, LeadPermissionPolicy())


@hooks.register("register_admin_viewset")
def register_lead_viewset() -> LeadViewSet:
    return LeadViewSet()
