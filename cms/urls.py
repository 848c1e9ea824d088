"""Addresses of the CMS: the admin and the API. Visitors' pages are static files, not here."""

from django.conf import settings
from django.conf.urls.static import static
from django.urls import include, path
from wagtail import urls as wagtail_urls
from wagtail.admin import urls as admin_urls

from .api import api

urlpatterns = [
    path("admin/", include(admin_urls)),
    path("api/v1/", api.urls),
    path("", include("cms.ops.urls")),
    *static(settings.MEDIA_URL, document_root=settings.MEDIA_ROOT),
    path("", include(wagtail_urls)),
]
