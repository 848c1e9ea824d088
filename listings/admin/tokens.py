"""Tokens of the API in the admin: made, shown once, revoked. A dealer's manager keeps those of his own dealer."""

from datetime import datetime, time
from typing import Any, cast

from django import forms
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import URLPattern, path, reverse, reverse_lazy
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.cache import never_cache
from wagtail.admin import messages
from wagtail.admin.menu import MenuItem
from wagtail.admin.widgets import AdminDateInput

from listings.dealer_api.tokens import grantable, issue, revoke
from listings.models import ApiToken, Dealer
from listings.permissions import own_rows
from listings.vocabulary import Scope

from .headers import header

RIGHT = "listings.add_apitoken"


class TokenForm(forms.Form):
    name = forms.CharField(
        max_length=80,
        label=gettext_lazy("Name"),
        help_text=gettext_lazy("Which program uses it: “1C in the Minsk office”."),
    )
    dealer = forms.ModelChoiceField(queryset=Dealer.objects.none(), label=gettext_lazy("Dealer"))
    scopes = forms.MultipleChoiceField(
        label=gettext_lazy("The program may"), widget=forms.CheckboxSelectMultiple, initial=[Scope.LISTINGS_READ]
    )
    until = forms.DateField(
        required=False,
        label=gettext_lazy("Valid until"),
        help_text=gettext_lazy("The last day. Empty: until you revoke it."),
        widget=AdminDateInput,
    )

    def __init__(self, *args: Any, user: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        scopes = cast(forms.MultipleChoiceField, self.fields["scopes"])
        scopes.choices = [(scope.value, scope.label) for scope in grantable(user)]
        dealers = own_dealers_of(user)
        cast(Any, self.fields["dealer"]).queryset = dealers
        mine = list(dealers[:2])
        if len(mine) == 1:
            self.fields["dealer"].initial = mine[0]
            self.fields["dealer"].widget = forms.HiddenInput()

    def clean_until(self) -> datetime | None:
        day = self.cleaned_data["until"]
        if day is None:
            return None
        end = timezone.make_aware(datetime.combine(day, time.max))
        if end <= timezone.now():
            raise forms.ValidationError(_("This day is over: choose a later one."))
        return end


def own_dealers_of(user: Any) -> QuerySet[Dealer]:
    """Dealers whose tokens the user keeps. Not an agent's."""
    return Dealer.objects.filter(own_rows(user, dealer="pk", agent=None)).order_by("name")


def own_tokens(user: Any) -> QuerySet[ApiToken]:
    return ApiToken.objects.filter(own_rows(user, agent=None)).select_related("dealer", "created_by")


def index(request: HttpRequest) -> HttpResponse:
    _require(request)
    context = {"tokens": own_tokens(request.user)} | header(_("API tokens"), "key")
    return render(request, "listings/tokens/index.html", context)


@never_cache
def add(request: HttpRequest) -> HttpResponse:
    """The page that answers a right form shows the secret, for the only time."""
    _require(request)
    form = TokenForm(request.POST or None, user=request.user)
    context: dict[str, Any] = {"form": form} | header(_("New API token"), "key", _above())
    if request.method == "POST" and form.is_valid():
        values = form.cleaned_data
        context["issued"] = issue(
            values["name"],
            values["dealer"],
            values["scopes"],
            request.user,  # type: ignore[arg-type]
            expires_at=values["until"],
        )
        return render(request, "listings/tokens/issued.html", context)
    return render(request, "listings/tokens/add.html", context)


def revoke_token(request: HttpRequest, pk: int) -> HttpResponse:
    """Asks first: there is no way back."""
    _require(request)
    token = get_object_or_404(own_tokens(request.user), pk=pk)
    if request.method != "POST":
        context = {"token": token} | header(_("Revoke the token “%s”?") % token, "key", _above())
        return render(request, "listings/tokens/revoke.html", context)
    revoke(token, request.user)  # type: ignore[arg-type]
    messages.success(request, _("The token “%s” has been revoked: its program is refused from now on.") % token)
    return redirect(reverse("listing_tokens"))


def _above() -> dict[str, Any]:
    return {"url": reverse("listing_tokens"), "label": _("API tokens")}


def _require(request: HttpRequest) -> None:
    if not request.user.has_perm(RIGHT):
        raise PermissionDenied


class TokenMenuItem(MenuItem):
    def is_shown(self, request: HttpRequest) -> bool:
        return request.user.has_perm(RIGHT)


def menu_item() -> Any:
    return TokenMenuItem(
        gettext_lazy("API tokens"), reverse_lazy("listing_tokens"), name="api-tokens", icon_name="key", order=700
    )


urlpatterns: list[URLPattern] = [
    path("listings/tokens/", index, name="listing_tokens"),
    path("listings/tokens/add/", add, name="listing_token_add"),
    path("listings/tokens/<int:pk>/revoke/", revoke_token, name="listing_token_revoke"),
]
