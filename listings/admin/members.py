"""Who works at a dealer: the page on which people are let in, and shown out."""

from typing import Any, cast

from django import forms
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import URLPattern, path, reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST
from wagtail.admin import messages
from wagtail.permissions import policy_registry

from listings.models import Dealer, DealerMember
from listings.people import NotYoursToLetInError, invite, let_in
from listings.vocabulary import MemberRole

from .headers import header

ROLES = [(role.value, role.label) for role in (MemberRole.AGENT, MemberRole.MANAGER)]
"""Programs get their own users with their tokens."""


class MemberForm(forms.Form):
    email = forms.EmailField(
        label=gettext_lazy("E-mail"),
        help_text=gettext_lazy("Who has no log-in yet gets a letter with a link to choose a password."),
    )
    first_name = forms.CharField(label=gettext_lazy("First name"), max_length=150)
    last_name = forms.CharField(label=gettext_lazy("Last name"), max_length=150)
    role = forms.ChoiceField(
        label=gettext_lazy("Role"),
        choices=ROLES,
        help_text=gettext_lazy("An agent sees his own cars and enquiries, a manager all of the dealer's."),
    )


def members(request: HttpRequest, pk: int) -> HttpResponse:
    dealer = _dealer(request, pk)
    form = MemberForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            member, is_new = let_in(dealer, cast(Any, request.user), **form.cleaned_data)
        except NotYoursToLetInError as error:
            form.add_error("email", str(error))
        else:
            messages.success(
                request, _("%(name)s works at %(dealer)s now.") % {"name": _name(member), "dealer": dealer}
            )
            if is_new:
                _send(request, member)
            return redirect("listing_dealer_members", pk)
    context = {
        "dealer": dealer,
        "members": people_of(dealer),
        "form": form,
    }
    above = {"url": reverse("wagtailsnippets_listings_dealer:edit", args=[pk]), "label": str(dealer)}
    context |= header(_("People of %s") % dealer, "group", above)
    return render(request, "listings/members/index.html", context)


@require_POST
def remove(request: HttpRequest, pk: int, member: int) -> HttpResponse:
    """The groups go with the membership, so that the very next request of the person is refused."""
    dealer = _dealer(request, pk)
    row = get_object_or_404(people_of(dealer), pk=member)
    if row.user_id == request.user.pk:
        messages.error(request, _("You cannot take your own access away: ask another manager or an administrator."))
    else:
        row.delete()
        messages.success(request, _("%s has no access to the dealer any more.") % _name(row))
    return redirect("listing_dealer_members", pk)


@require_POST
def invite_again(request: HttpRequest, pk: int, member: int) -> HttpResponse:
    dealer = _dealer(request, pk)
    row = get_object_or_404(people_of(dealer).filter(user__last_login=None), pk=member)
    _send(request, row)
    return redirect("listing_dealer_members", pk)


def people_of(dealer: Dealer) -> Any:
    return dealer.members.exclude(role=MemberRole.INTEGRATION).select_related("user")


def _dealer(request: HttpRequest, pk: int) -> Dealer:
    policy = policy_registry.get_by_type(Dealer)
    if not policy.user_has_permission(request.user, "change"):
        raise PermissionDenied
    dealer: Dealer = get_object_or_404(policy.instances_user_has_permission_for(request.user, "change"), pk=pk)
    return dealer


def _send(request: HttpRequest, member: DealerMember) -> None:
    if invite(member):
        messages.success(request, _("A letter with a link to choose a password went to %s.") % member.user.email)
    else:
        messages.error(request, _("The letter to %s could not be sent: try again later.") % member.user.email)


def _name(member: DealerMember) -> str:
    return member.user.get_full_name() or member.user.username


urlpatterns: list[URLPattern] = [
    path("listings/dealers/<int:pk>/people/", members, name="listing_dealer_members"),
    path("listings/dealers/<int:pk>/people/<int:member>/remove/", remove, name="listing_dealer_member_remove"),
    path("listings/dealers/<int:pk>/people/<int:member>/invite/", invite_again, name="listing_dealer_member_invite"),
]
