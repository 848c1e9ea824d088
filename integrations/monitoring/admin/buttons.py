"""Buttons of the report of differences. Each is a POST that calls one action and goes back."""

from collections.abc import Callable

from django.core.exceptions import PermissionDenied, ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST
from wagtail.admin import messages
from wagtail.admin.utils import get_valid_next_url_from_request

from integrations.monitoring import actions
from integrations.publications.admin.views import visible_publications

DECISIONS: dict[str, Callable[..., None]] = {
    "withdraw": actions.withdraw_again,
    "removed": actions.removed_by_hand,
}


@require_POST
def decide(request: HttpRequest, pk: int, verb: str) -> HttpResponse:
    rows = visible_publications(request.user).select_related("document__listing", "channel")
    publication = get_object_or_404(rows, pk=pk)
    action = DECISIONS.get(verb)
    if action is None:
        raise PermissionDenied
    try:
        action(publication, request.user)
    except ValidationError as error:
        messages.error(request, " ".join(error.messages))
    else:
        messages.success(request, _("Done. The state refreshes in a moment."))
    return redirect(get_valid_next_url_from_request(request) or reverse("monitoring_drift"))
