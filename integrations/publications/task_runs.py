"""What runs when: each task of the beat schedule with its last run, kept by Celery's own signals."""

import logging
import time
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from celery.schedules import BaseSchedule, crontab
from celery.schedules import schedule as every
from celery.signals import task_postrun, task_prerun
from django.conf import settings
from django.db import DatabaseError
from django.utils import timezone

from .models import TaskRun

logger = logging.getLogger(__name__)

GRACE = timedelta(minutes=2)
"""A task may start so much later than planned, or by a whole turn, before it counts as overdue."""
_started: dict[str, tuple[datetime, float]] = {}
"""Begun by this process: moment and monotonic clock, by the id of the message."""


@dataclass(frozen=True)
class Job:
    """A task of the schedule, as the page shows it."""

    key: str
    task: str
    schedule: BaseSchedule
    run: TaskRun | None
    next_at: datetime | None
    is_overdue: bool

    @property
    def seconds(self) -> float | None:
        """Between two runs; None: at set times."""
        return None if isinstance(self.schedule, crontab) else self.schedule.run_every.total_seconds()


def jobs(now: datetime) -> list[Job]:
    """One query."""
    runs = TaskRun.objects.in_bulk()
    return [_job(key, entry, runs.get(entry["task"]), now) for key, entry in settings.CELERY_BEAT_SCHEDULE.items()]


def _job(key: str, entry: dict[str, Any], run: TaskRun | None, now: datetime) -> Job:
    plan = entry["schedule"]
    plan = plan if isinstance(plan, BaseSchedule) else every(plan)
    if run is None:
        return Job(key, entry["task"], plan, None, None, False)
    # A task every five seconds may miss some turns: its grace is a turn, at least the common one.
    turn = timedelta(0) if isinstance(plan, crontab) else plan.run_every
    due = _next(plan, run.started_at)
    return Job(key, entry["task"], plan, run, due, now > due + max(GRACE, turn))


def _next(plan: Any, last: datetime) -> datetime:
    if not isinstance(plan, crontab):
        return last + timedelta(seconds=plan.run_every.total_seconds())
    local, ends, _now = plan.remaining_delta(timezone.localtime(last))
    return local + ends


# --- Recording ------------------------------------------------------------------------------------
def connect() -> None:
    """Once, when the apps are ready; only workers ever send these signals."""
    task_prerun.connect(_begun, dispatch_uid="publications.task_runs")
    task_postrun.connect(_ended, dispatch_uid="publications.task_runs")


def _begun(task_id: str, task: Any, **_rest: Any) -> None:
    if task.name in _scheduled():
        _started[task_id] = timezone.now(), time.monotonic()


def _ended(task_id: str, task: Any, retval: Any = None, state: str | None = None, **_rest: Any) -> None:
    begun = _started.pop(task_id, None)
    if begun is None:
        return
    error = "" if state == "SUCCESS" else type(retval).__name__ if isinstance(retval, BaseException) else str(state)
    values = {"started_at": begun[0], "seconds": time.monotonic() - begun[1], "error": error[:100]}
    try:
        TaskRun.objects.update_or_create(task=task.name, defaults=values)
    except DatabaseError:
        # The task is what counts, not the note of it.
        logger.warning("The run of %s was not noted", task.name, exc_info=True)


def _scheduled() -> set[str]:
    return {entry["task"] for entry in settings.CELERY_BEAT_SCHEDULE.values()}
