"""Small views behind the listing's edit page: photos, places, the sale axis."""

from typing import Any

from django.core.exceptions import PermissionDenied, ValidationError
from django.db.models import Model
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_GET, require_POST
from wagtail.images.forms import get_image_form
from wagtail.models import Collection
from wagtail.permissions import policy_registry

from cms.images.models import CustomImage
from listings.lifecycle import SALE, set_sale_state, single
from listings.models import CarModel, Dealer, Generation, Listing, Trim
from listings.places import PlaceAction, links_of, places_of
from listings.vocabulary import SaleState

SALE_VERBS = {
    SaleState.DUE_IN: _("Due in"),
    SaleState.AVAILABLE: _("Put back on sale"),
    SaleState.RESERVED: _("Reserve"),
    SaleState.SOLD: _("Mark as sold"),
}

DEPENDENT: dict[str, tuple[type[Model], str]] = {
    "model": (CarModel, "make"),
    "generation": (Generation, "model"),
    "trim": (Trim, "generation"),
}
"""Fields of the edit page whose choices follow another field."""


@require_POST
def upload_photo(request: HttpRequest) -> JsonResponse:
    """Stores one dropped file in the dealer's collection; answers what Wagtail's photo chooser expects."""
    collection = _collection_for(request)
    form = get_image_form(CustomImage)(
        {"title": _title(request), "collection": collection.pk},
        request.FILES,
        instance=CustomImage(uploaded_by_user=request.user),
        user=request.user,
    )
    if not form.is_valid():
        return JsonResponse(
            {"error": " ".join(message for found in form.errors.values() for message in found)}, status=422
        )
    image = form.save()
    preview = image.get_rendition("max-165x165")
    return JsonResponse(
        {
            "id": image.pk,
            "title": image.title,
            "edit_url": reverse("wagtailimages:edit", args=[image.pk]),
            "preview": {"url": preview.url, "width": preview.width, "height": preview.height},
            "default_alt_text": image.default_alt_text,
        }
    )


@require_GET
def dependent_options(request: HttpRequest, field: str) -> JsonResponse:
    """Ids and names for a dependent select: the models of a make, and so on. Public reference data."""
    if field not in DEPENDENT:
        raise Http404
    model, parent = DEPENDENT[field]
    rows = model._default_manager.filter(**{f"{parent}_id": _number(request.GET.get("parent"))})
    return JsonResponse(list(rows.values_list("pk", "name")), safe=False)


@require_GET
def trim_values(request: HttpRequest, pk: int) -> JsonResponse:
    """What a trim says of a car, by the listing's field. Public reference data."""
    return JsonResponse(get_object_or_404(Trim, pk=pk).known())


@require_GET
def listing_places(request: HttpRequest, pk: int) -> HttpResponse:
    """The fragment that the edit page shows and refreshes."""
    listing = _changeable(request, pk)
    actions = [
        PlaceAction(str(SALE_VERBS[state]), reverse("listing_sale_state", args=[listing.pk, state.value]))
        for state in SALE[SaleState(listing.sale_state)]
    ]
    context = {"listing": listing, "places": places_of(listing), "sale_actions": actions}
    context["links"] = links_of(listing, request.user)
    return render(request, "listings/admin/places.html", context)


@require_POST
def change_sale_state(request: HttpRequest, pk: int, state: str) -> HttpResponse:
    listing = _changeable(request, pk)
    try:
        single(set_sale_state([listing], SaleState(state), request.user))  # type: ignore[arg-type]
    except (ValueError, ValidationError) as error:
        return HttpResponse("; ".join(getattr(error, "messages", [str(error)])), status=422)
    return redirect(reverse(Listing.snippet_viewset.get_url_name("edit"), args=[listing.pk]))


def _changeable(request: HttpRequest, pk: int) -> Listing:
    """The listing, if this user may change it; otherwise it does not exist for him."""
    policy = policy_registry.get_by_type(Listing)
    return get_object_or_404(
        policy.instances_user_has_any_permission_for(request.user, ["change", "publish", "sell"]), pk=pk
    )


def _collection_for(request: HttpRequest) -> Collection:
    """The chosen dealer's collection, or the first into which the user may upload."""
    policy = policy_registry.get_by_type(CustomImage)
    allowed = policy.collections_user_has_permission_for(request.user, "add")
    dealer = Dealer.objects.filter(pk=_number(request.POST.get("dealer"))).first()
    collection: Any = allowed.filter(pk=dealer.collection_id).first() if dealer else None
    collection = collection or allowed.first()
    if collection is None:
        raise PermissionDenied
    return collection


def _number(text: str | None) -> int:
    return int(text) if text and text.isascii() and text.isdigit() and len(text) < 10 else 0


def _title(request: HttpRequest) -> str:
    file = request.FILES.get("file")
    return (file.name or "").rsplit(".", 1)[0][:255] if file else ""
