"""/api/v1: assembled from each app's `api.py`. Errors are problem+json (RFC 9457)."""

from ninja import NinjaAPI

api = NinjaAPI(title="Avtofamily", version="1")
