"""What the listing's edit page does with one photo: covers number plates, says what must stay in sight."""

import json
import math
from typing import Any

from django.db.models import Q, QuerySet
from django.http import HttpRequest, JsonResponse
from django.shortcuts import get_object_or_404
from django.urls import URLPattern, path
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST
from wagtail.admin.panels import Panel
from wagtail.permissions import policy_registry

from cms.images.covering import Area, cover
from cms.images.models import CustomImage
from listings.models import Listing

MAX_AREAS = 20
FOCUS_PART = 0.2
"""Wagtail wants an area, not a point: a fifth of the shorter side around it."""


class PhotoToolsPanel(Panel):
    """Two buttons under a photo; photo-tools.js opens their dialog."""

    class BoundPanel(Panel.BoundPanel):
        template_name = "listings/admin/photo_tools.html"


@require_GET
def photo(request: HttpRequest, pk: int) -> JsonResponse:
    """What the dialog shows."""
    image = _changeable(request, pk)
    return JsonResponse({"picture": _preview(image, "max-1600x1200"), "focus": image.focus})


@require_POST
def cover_areas(request: HttpRequest, pk: int) -> JsonResponse:
    """Covers `{"areas": [[x, y, width, height], …]}`, in fractions of the picture, for good."""
    image = _changeable(request, pk)
    rows = _body(request).get("areas")
    if not isinstance(rows, list) or not 0 < len(rows) <= MAX_AREAS:
        return _refused(_("Mark from 1 to %(limit)d places to cover.") % {"limit": MAX_AREAS})
    areas = [Area(*row) for row in rows if _fractions(row, 4) and row[2] > 0 and row[3] > 0]
    if len(areas) < len(rows):
        return _refused(_("A marked place lies outside the photo. Mark it anew."))
    try:
        image = cover(image, areas, user=request.user)
    except OSError:
        return _refused(_("The file of this photo cannot be read. Upload the photo anew."))
    return JsonResponse({"picture": _preview(image, "max-1600x1200"), "preview": _preview(image, "max-165x165")})


@require_POST
def set_focus(request: HttpRequest, pk: int) -> JsonResponse:
    """Sets `{"focus": [x, y]}`, in fractions of the picture; null: the middle."""
    image = _changeable(request, pk)
    point = _body(request).get("focus", False)
    if point is not None and not _fractions(point, 2):
        return _refused(_("This point lies outside the photo. Choose another one."))
    side = round(min(image.width, image.height) * FOCUS_PART) if point else None
    image.focal_point_x, image.focal_point_y = (
        (round(point[0] * image.width), round(point[1] * image.height)) if point else (None, None)
    )
    image.focal_point_width = image.focal_point_height = side
    image.save(update_fields=["focal_point_x", "focal_point_y", "focal_point_width", "focal_point_height"])
    return JsonResponse({"focus": image.focus})


def _changeable(request: HttpRequest, pk: int) -> CustomImage:
    """A photo that the user may change, or may choose and has on a car of his; any other does not exist for him."""
    policy = policy_registry.get_by_type(CustomImage)
    listings = policy_registry.get_by_type(Listing).instances_user_has_any_permission_for(request.user, ["change"])
    chosen: QuerySet[CustomImage] = policy.instances_user_has_any_permission_for(request.user, ["choose"])
    changed = policy.instances_user_has_any_permission_for(request.user, ["change"])
    on_own_car = Q(pk__in=chosen.filter(listing_photos__listing__in=listings).values("pk"))
    found: CustomImage = get_object_or_404(
        CustomImage.objects.filter(Q(pk__in=changed.values("pk")) | on_own_car), pk=pk
    )
    return found


def _body(request: HttpRequest) -> dict[str, Any]:
    try:
        body = json.loads(request.body)
    except ValueError:
        return {}
    return body if isinstance(body, dict) else {}


def _fractions(row: Any, count: int) -> bool:
    return (
        isinstance(row, list)
        and len(row) == count
        and all(type(value) in {int, float} and math.isfinite(value) and 0 <= value <= 1 for value in row)
    )


def _refused(message: str) -> JsonResponse:
    return JsonResponse({"error": message}, status=422)


def _preview(image: CustomImage, spec: str) -> dict[str, Any]:
    rendition = image.get_rendition(spec)
    return {"url": rendition.url, "width": rendition.width, "height": rendition.height}


urlpatterns: list[URLPattern] = [
    path("listings/photos/<int:pk>/", photo, name="listing_photo"),
    path("listings/photos/<int:pk>/cover/", cover_areas, name="listing_photo_cover"),
    path("listings/photos/<int:pk>/focus/", set_focus, name="listing_photo_focus"),
]
