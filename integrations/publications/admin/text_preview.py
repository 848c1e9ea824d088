"""How a car would read in a channel, while somebody types the template."""

from django.conf import settings
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, JsonResponse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from integrations.marketplaces.base import InvalidPayload
from integrations.marketplaces.post import LONGEST_TEMPLATE, compose, template_problems
from integrations.marketplaces.registry import all_adapters
from integrations.marketplaces.text import units
from listings.models import PublishedListing


@require_POST
def preview_text(request: HttpRequest, adapter: str) -> JsonResponse:
    """{"text", "length", "limit", "problems", "car"}: lengths as the platform counts them."""
    if not any(request.user.has_perm(f"publications.{verb}_channel") for verb in ("add", "change")):
        raise PermissionDenied
    if adapter not in all_adapters():
        raise Http404
    limit = all_adapters()[adapter].capabilities.text_limit
    if limit is None:
        raise Http404
    template = request.POST.get("template", "")[: LONGEST_TEMPLATE + 1]
    problems = [str(problem) for problem in template_problems(template)]
    car = PublishedListing.objects.public().order_by("-pk").first()
    text = ""
    if car is None:
        problems.append(_("No car is published yet: there is nothing to show."))
    elif not problems:
        try:
            text = compose(car.detail_data, template, limit=limit, site_url=settings.SITE_URL, rich=False).plain
        except InvalidPayload as error:
            problems.append(str(error))
    answer = {"text": text, "length": units(text), "limit": limit, "problems": problems}
    return JsonResponse(answer | {"car": str(car.title) if car else ""})
