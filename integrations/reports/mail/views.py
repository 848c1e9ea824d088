"""“Reports by e-mail” in the admin: the list, ordering and changing one, and its buttons."""

from datetime import datetime
from typing import Any, cast

from django import forms
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.functional import cached_property
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST
from django.views.generic.edit import FormMixin
from wagtail.admin import messages

from cms.users.models import User
from integrations.publications.admin.viewers import ViewersPage
from integrations.reports.models import ReportSubscription
from integrations.reports.summary.filters import channels_of
from integrations.reports.vocabulary import Every
from listings.permissions import own_dealers

from . import mailing, subscriptions

HOURS = [(hour, f"{hour:02}:00") for hour in range(24)]


class PersonField(forms.ModelChoiceField):
    def label_from_instance(self, obj: Any) -> str:
        return f"{obj.get_full_name() or obj.username} ({obj.email})"


class SubscriptionForm(forms.ModelForm[ReportSubscription]):
    class Meta:
        model = ReportSubscription
        fields = ("user", "dealer", "channel", "group_by", "every", "weekday", "hour")
        labels = {"weekday": gettext_lazy("Weekday, if once a week"), "hour": gettext_lazy("Hour (Minsk time)")}

    hour = forms.TypedChoiceField(choices=HOURS, coerce=int, initial=9, label=gettext_lazy("Hour (Minsk time)"))

    def __init__(self, *args: Any, user: User, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        dealers = own_dealers(user).order_by("name")
        self._choose("dealer", dealers)
        self._choose("channel", channels_of(user))
        if len(dealers[:2]) < 2:
            del self.fields["dealer"]
        if subscriptions.may_manage_others(user):
            self.fields["user"] = PersonField(
                subscriptions.recipients(), empty_label=None, label=gettext_lazy("Recipient")
            )
            self.fields["user"].initial = user.pk
        else:
            del self.fields["user"]

    def _choose(self, name: str, queryset: Any) -> None:
        field = cast(forms.ModelChoiceField, self.fields[name])
        field.queryset = queryset
        field.empty_label = gettext_lazy("All")


class SubscriptionsPage(ViewersPage):
    template_name = "reports/subscriptions.html"
    page_title = gettext_lazy("Reports by e-mail")
    header_icon = "mail"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        context: dict[str, Any] = super().get_context_data(**kwargs)
        rows = list(subscriptions.manageable(self.request.user))
        return context | {
            "rows": [(row, mailing.what_of(row), when_of(row)) for row in rows],
            "of_others": any(row.user_id != self.request.user.pk for row in rows),
        }


class SubscriptionPage(FormMixin[SubscriptionForm], ViewersPage):
    """Orders a report or, with a number, changes one."""

    template_name = "reports/subscription.html"
    form_class = SubscriptionForm
    header_icon = "mail"

    @cached_property
    def subscription(self) -> ReportSubscription | None:
        pk = self.kwargs.get("pk")
        return None if pk is None else get_object_or_404(subscriptions.manageable(self.request.user), pk=pk)

    def get_page_title(self) -> str:
        return _("Change the report by e-mail") if self.subscription else _("Get a report by e-mail")

    def get_breadcrumbs_items(self) -> list[dict[str, Any]]:
        items = super().get_breadcrumbs_items()
        mine = {"url": reverse("reports_subscriptions"), "label": SubscriptionsPage.page_title}
        return [*items[:-1], mine, items[-1]]

    def get_initial(self) -> dict[str, Any]:
        """What was chosen on the page of the report."""
        names = ("dealer", "channel", "group_by")
        return {name: value for name in names if (value := self.request.GET.get(name))}

    def get_form_kwargs(self) -> dict[str, Any]:
        kwargs: dict[str, Any] = super().get_form_kwargs()
        instance = self.subscription or ReportSubscription(user=cast(User, self.request.user))
        return kwargs | {"user": self.request.user, "instance": instance}

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        form = self.get_form()
        if not form.is_valid():
            return self.form_invalid(form)
        try:
            subscriptions.subscribe(form.instance, cast(User, request.user), timezone.now())
        except ValidationError as error:
            form.add_error(None, error)
            return self.form_invalid(form)
        messages.success(request, _("Saved. The next e-mail: %(when)s.") % {"when": _moment(form.instance.next_at)})
        return redirect("reports_subscriptions")


class StopPage(ViewersPage):
    """Where the link in the e-mail leads: stopping needs a press of a button."""

    template_name = "reports/subscription_stop.html"
    page_title = gettext_lazy("Stop a report by e-mail")
    header_icon = "mail"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        context: dict[str, Any] = super().get_context_data(**kwargs)
        row = get_object_or_404(subscriptions.manageable(self.request.user), pk=self.kwargs["pk"])
        return context | {"row": row, "what": mailing.what_of(row), "when": when_of(row)}


@require_POST
def act(request: HttpRequest, pk: int, verb: str) -> HttpResponse:
    user, now = cast(User, request.user), timezone.now()
    row = get_object_or_404(subscriptions.manageable(user), pk=pk)
    try:
        if verb == "now":
            _sent(request, mailing.send_now(row, user, now), user)
        elif verb == "stop":
            subscriptions.stop(row, user)
            messages.success(request, _("The report does not come any more."))
        elif verb == "resume":
            subscriptions.resume(row, user, now)
            messages.success(request, _("Saved. The next e-mail: %(when)s.") % {"when": _moment(row.next_at)})
    except ValidationError as error:
        messages.error(request, " ".join(error.messages))
    return redirect("reports_subscriptions")


def when_of(row: ReportSubscription) -> str:
    """How often, in words."""
    hour = f"{row.hour:02}:00"
    if row.every == Every.WEEK:
        return _("%(weekday)s, %(hour)s: of the seven days before") % {
            "weekday": row.get_weekday_display(), "hour": hour,
        }  # fmt: skip
    if row.every == Every.MONTH:
        return _("on the first of the month, %(hour)s: of the month before") % {"hour": hour}
    return _("every day, %(hour)s: of yesterday") % {"hour": hour}


def _moment(moment: datetime) -> str:
    return date_format(timezone.localtime(moment), "j E Y, H:i")


def _sent(request: HttpRequest, error: str, user: User) -> None:
    if error:
        messages.error(request, error)
    else:
        messages.success(request, _("Sent to %(email)s.") % {"email": user.email})
