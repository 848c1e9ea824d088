"""When each periodic task last ran, and how it ended."""

from django.db import models
from django.utils.translation import gettext_lazy as _


class TaskRun(models.Model):
    """One row for each task of the beat schedule, written over by each run."""

    task = models.CharField(max_length=100, primary_key=True)
    started_at = models.DateTimeField(_("last run"))
    seconds = models.FloatField()
    error = models.CharField(max_length=100, blank=True, help_text="Kind of the exception; empty: it went well.")

    class Meta:
        default_permissions = ()

    def __str__(self) -> str:
        return self.task
