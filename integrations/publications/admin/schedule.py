"""“Schedule”: what is planned for the next days by day and channel, and what runs inside."""

from collections.abc import Iterable
from datetime import date, timedelta
from itertools import groupby
from typing import Any

from celery.schedules import crontab
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from django.views.generic import TemplateView
from wagtail.admin.views.generic.base import WagtailAdminTemplateMixin

from integrations.publications.campaigns import Entry, entries_of, visible_choices
from integrations.publications.task_runs import Job, jobs

DAYS = 14
MOST = 1000
"""Entries that the page lists."""

TASKS = {
    "publish-scheduled": gettext_lazy("Publishes cars and pages on the date set for them"),
    "sweep-renditions": gettext_lazy("Prepares sizes of photos"),
    "purge-renditions": gettext_lazy("Removes sizes of photos that nobody needs"),
    "sweep-storefront": gettext_lazy("Brings changes to the site"),
    "sweep-publications": gettext_lazy("Hands publications that are due to the workers"),
    "renew-posts": gettext_lazy("Publishes old posts anew, as their channels want"),
    "prune-attempts": gettext_lazy("Forgets old attempts of publishing"),
    "fetch-rates": gettext_lazy("Fetches the exchange rates"),
    "refresh-credentials": gettext_lazy("Renews access to platforms before it runs out"),
    "prune-credentials": gettext_lazy("Forgets access data that are not used any more"),
    "sweep-webhooks": gettext_lazy("Processes messages of platforms"),
    "watch-platforms": gettext_lazy("Looks at the platforms: do posts stand, what are their figures"),
    "raise-alerts": gettext_lazy("Warns when a channel breaks"),
    "sweep-feed-states": gettext_lazy("Asks what the platforms say of the files with cars"),
    "prune-feed-pulls": gettext_lazy("Forgets old fetches of the files with cars"),
    "prune-monitoring": gettext_lazy("Forgets old observations"),
    "send-reports": gettext_lazy("Sends reports by e-mail"),
    "sweep-imports": gettext_lazy("Goes on with imports of cars"),
    "sweep-photos": gettext_lazy("Fetches photos of imported cars"),
    "pull-feeds": gettext_lazy("Fetches the dealers' lists of cars"),
    "prune-imports": gettext_lazy("Removes files of old imports"),
    "sweep-notices": gettext_lazy("Sends notices of new enquiries"),
}
"""What the tasks of the beat schedule do, by their key; one that is not here shows its key."""


class SchedulePage(WagtailAdminTemplateMixin, TemplateView):
    template_name = "publications/admin/schedule.html"
    page_title = gettext_lazy("Schedule")
    header_icon = "calendar-alt"

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
        if not request.user.has_perm("publications.view_publication"):
            raise PermissionDenied
        return super().dispatch(request, *args, **kwargs)

    def get_breadcrumbs_items(self) -> list[dict[str, Any]]:
        return [*self.breadcrumbs_items, {"url": "", "label": self.get_header_title()}]

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        context: dict[str, Any] = super().get_context_data(**kwargs)
        now = timezone.now()
        choices = visible_choices(self.request.user).filter(
            wanted=True, not_before__gt=now, not_before__lte=now + timedelta(days=DAYS)
        )
        ids = list(choices.order_by("not_before").values_list("pk", flat=True)[: MOST + 1])
        entries = [entry for entry in entries_of(choices.filter(pk__in=ids[:MOST])) if not entry.is_published]
        # What runs inside is the business of those who keep the channels.
        tasks = jobs(now) if self.request.user.has_perm("publications.view_channel") else []
        return context | {
            "days": list(by_day(entries)),
            "is_cut": len(ids) > MOST,
            "jobs": [(TASKS.get(job.key, job.key), frequency(job), job) for job in tasks],
        }


def by_day(entries: list[Entry]) -> Iterable[tuple[date, list[tuple[str, list[Entry]]]]]:
    """Each day with its channels, each of them with what is planned there."""

    def day(entry: Entry) -> date:
        return timezone.localdate(entry.choice.not_before)

    def channel(entry: Entry) -> str:
        return entry.choice.channel.name

    for moment, of_day in groupby(sorted(entries, key=day), key=day):
        in_channels = groupby(sorted(of_day, key=channel), key=channel)
        yield moment, [(name, list(rows)) for name, rows in in_channels]


def frequency(job: Job) -> str:
    if job.seconds is None:
        return _clock(job.schedule)
    seconds = round(job.seconds)
    if seconds % 60:
        return ngettext("every %d second", "every %d seconds", seconds) % seconds
    return ngettext("every %d minute", "every %d minutes", seconds // 60) % (seconds // 60)


def _clock(plan: crontab) -> str:
    minutes, hours = sorted(plan.minute), sorted(plan.hour)
    if len(minutes) == 1 and len(hours) == 24:
        return _("every hour at minute %d") % minutes[0]
    if len(minutes) == 1 and len(hours) == 1:
        return _("every day at %s") % f"{hours[0]:02}:{minutes[0]:02}"
    return str(plan)
