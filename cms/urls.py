"""Addresses of the CMS: the admin and the API. Visitors' pages are static files, not here."""

from django.conf import settings
from django.urls import URLPattern, URLResolver, include, path
from django.views.static import serve
from wagtail import urls as wagtail_urls
from wagtail.admin import urls as admin_urls

from .api import api

urlpatterns: list[URLPattern | URLResolver] = [
    path("admin/", include(admin_urls)),
    path("api/v1/", api.urls),
    path("", include("cms.ops.urls")),
    path("", include("integrations.monitoring.urls")),
    path("", include("integrations.feeds.urls")),
    path("", include(wagtail_urls)),
]
if settings.DEMO:
    # Elsewhere the web server in front of the CMS serves pictures.
    urlpatterns.insert(0, path("media/<path:path>", serve, {"document_root": settings.MEDIA_ROOT}))
