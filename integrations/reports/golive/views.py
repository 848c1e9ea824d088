"""The pages on which a channel is tried with a test car, and their buttons."""

from collections.abc import Callable
from typing import Any

from django.core.exceptions import PermissionDenied, ValidationError
from django.db.models import Max, OuterRef, Q, Subquery
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST
from django.views.generic import TemplateView
from wagtail.admin import messages
from wagtail.admin.views.generic.base import WagtailAdminTemplateMixin

from integrations.publications.models import Channel
from integrations.reports.models import GoLiveRun, GoLiveStage
from integrations.reports.people import Names

from . import runs as golive
from .stages import next_stage, stages_of

PAST_SHOWN = 20
LONGEST_ID = 10
"""Digits of a car's number."""


class _Page(WagtailAdminTemplateMixin, TemplateView):
    header_icon = "tasks"

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
        if not may_try(request.user):
            raise PermissionDenied
        return super().dispatch(request, *args, **kwargs)


def may_try(user: Any) -> bool:
    return any(user.has_perm(right) for right in ("reports.run_golive", "publications.change_channel"))


class GoLiveList(_Page):
    template_name = "reports/golive_list.html"
    page_title = gettext_lazy("Start of channels")

    def get_breadcrumbs_items(self) -> list[dict[str, Any]]:
        return [*self.breadcrumbs_items, {"url": "", "label": self.get_header_title()}]

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        context: dict[str, Any] = super().get_context_data(**kwargs)
        newest = GoLiveRun.objects.filter(channel=OuterRef("pk"), ended_at=None)
        channels = golive.channels_to_try(self.request.user).annotate(
            passed_at=Max("golive_runs__ended_at", filter=Q(golive_runs__passed=True)),
            under_way=Subquery(newest.values("title")[:1]),
        )
        return context | {"channels": channels.order_by("name")}


class GoLivePage(_Page):
    template_name = "reports/golive.html"
    page_title = gettext_lazy("Start of the channel")

    def get_breadcrumbs_items(self) -> list[dict[str, Any]]:
        above = {"url": reverse("reports_golive_list"), "label": gettext_lazy("Start of channels")}
        return [*self.breadcrumbs_items, above, {"url": "", "label": self.get_header_title()}]

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        user = self.request.user
        channel = get_object_or_404(golive.channels_to_try(user), pk=self.kwargs["pk"])
        self.page_subtitle = channel.name
        context: dict[str, Any] = super().get_context_data(**kwargs)
        run = open_run(channel)
        query = _typed(self.request.GET.get("q", ""))
        return context | {
            "channel": channel,
            "may_change": user.has_perm("publications.change_channel"),
            "stands_empty": golive.stands_empty(channel),
            "chosen": channel.choices.filter(wanted=True).count(),
            "run": run,
            "query": query,
            "cars": [] if run else golive.cars_to_try(channel, user, query),
            "past": past_runs(channel, user),
            **(self._progress(run) if run else {}),
        }

    def _progress(self, run: GoLiveRun) -> dict[str, Any]:
        stages = stages_of(run, self.request.user)
        codes = {stage.code: stage for stage in stages}
        row = run.channel.publications.filter(document__listing_id=run.listing_id).first() if run.listing_id else None
        return {
            "stages": stages,
            "next": next_stage(stages),
            "passed": sum(stage.passed for stage in stages),
            "publication": row,
            "may_send": not codes[GoLiveStage.SENT].passed or codes[GoLiveStage.WITHDRAWN].passed,
            "may_withdraw": row is not None and row.has_post,
            "may_edit": self.request.user.has_perm("listings.change_listing"),
        }


def _typed(text: str) -> str:
    """Without what PostgreSQL takes in no text."""
    return text.replace("\0", "").strip()[: golive.LONGEST_WORDS]


def open_run(channel: Channel) -> GoLiveRun | None:
    run = GoLiveRun.objects.filter(channel=channel, ended_at=None).select_related("listing").first()
    if run is not None:
        run.channel = channel
    return run


def past_runs(channel: Channel, reader: Any) -> list[dict[str, Any]]:
    """The newest ones, with what was kept of each stage."""
    names = Names(reader)
    runs = GoLiveRun.objects.filter(channel=channel).exclude(ended_at=None)
    rows = runs.select_related("started_by", "ended_by").prefetch_related("notes__by")[:PAST_SHOWN]
    return [
        {
            "run": run,
            "who": names.of(run.ended_by or run.started_by),
            "notes": [(note, names.of(note.by) if note.by_hand else "") for note in run.notes.all()],
        }
        for run in rows
    ]


# --- Buttons --------------------------------------------------------------------------------------
Button = Callable[[HttpRequest, Channel, GoLiveRun], str]


def _check(request: HttpRequest, channel: Channel, run: GoLiveRun) -> str:
    note = golive.check_access(run, request.user)  # type: ignore[arg-type]
    if not note.passed:
        raise ValidationError(note.words)
    return note.words


def _send(request: HttpRequest, channel: Channel, run: GoLiveRun) -> str:
    golive.send(run, request.user)  # type: ignore[arg-type]
    return _("The test car is on its way. Look again in a moment.")


def _withdraw(request: HttpRequest, channel: Channel, run: GoLiveRun) -> str:
    golive.withdraw(run, request.user)  # type: ignore[arg-type]
    return _("The test car is being withdrawn. Look again in a moment.")


def _vouch(request: HttpRequest, channel: Channel, run: GoLiveRun) -> str:
    told = {name: _typed(request.POST.get(name, "")) for name in ("stage", "words", "address")}
    golive.vouch(run, request.user, told.pop("stage"), **told)  # type: ignore[arg-type]
    return _("Written down.")


def _finish(request: HttpRequest, channel: Channel, run: GoLiveRun) -> str:
    golive.finish(run, request.user)  # type: ignore[arg-type]
    return _("The channel has passed. It can be let loose.")


def _stop(request: HttpRequest, channel: Channel, run: GoLiveRun) -> str:
    golive.stop(run, request.user)  # type: ignore[arg-type]
    return _("The try has ended.")


IN_RUN: dict[str, Button] = {
    "check": _check,
    "send": _send,
    "withdraw": _withdraw,
    "vouch": _vouch,
    "finish": _finish,
    "stop": _stop,
}


@require_POST
def act(request: HttpRequest, pk: int, verb: str) -> HttpResponse:
    channel = get_object_or_404(golive.channels_to_try(request.user), pk=pk)
    try:
        messages.success(request, _carry_out(request, channel, verb))
    except ValidationError as error:
        messages.error(request, " ".join(error.messages))
    return redirect("reports_golive", pk)


def _carry_out(request: HttpRequest, channel: Channel, verb: str) -> str:
    if verb == "start":
        number = request.POST.get("listing", "")
        known = number.isascii() and number.isdigit() and len(number) < LONGEST_ID
        golive.start(channel, request.user, int(number) if known else 0)  # type: ignore[arg-type]
        return _("The try has begun. Go through the list from above.")
    if verb == "switch-on":
        golive.switch_on_for_test(channel, request.user)  # type: ignore[arg-type]
        return _("The channel is on. Only cars that somebody puts in are published.")
    if verb == "let-loose":
        golive.let_loose(channel, request.user)  # type: ignore[arg-type]
        return _("New and changed cars go there by themselves now.")
    run, button = open_run(channel), IN_RUN.get(verb)
    if button is None:
        raise Http404
    if run is None:
        raise ValidationError(golive.ENDED)
    return button(request, channel, run)
