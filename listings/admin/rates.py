"""The button on the list of exchange rates."""

from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST
from wagtail.admin import messages
from wagtail.permissions import policy_registry

from listings.models import ExchangeRate
from listings.national_bank import ask_bank


@require_POST
def fetch_now(request: HttpRequest) -> HttpResponse:
    if not policy_registry.get_by_type(ExchangeRate).user_has_permission(request.user, "add"):
        raise PermissionDenied
    fetch = ask_bank()
    if fetch.problem:
        messages.error(request, _("%s The last known rates stay in use.") % fetch.problem)
    else:
        messages.success(request, _("The rates are received."))
    return redirect(reverse(ExchangeRate.snippet_viewset.get_url_name("list")))  # type: ignore[attr-defined]
