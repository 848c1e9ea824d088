"""The change log: who changed what, when, from which value to which, by which way in. Rows are only added."""

from typing import Any, Never

from django.conf import settings
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from listings.vocabulary import Way

from .dealer import Dealer
from .listing import Listing


class AppendOnlyError(TypeError):
    """Somebody tried to change the past."""


class ChangeLogQuerySet(models.QuerySet["ChangeLogEntry"]):
    def update(self, **kwargs: Any) -> Never:
        raise AppendOnlyError

    def delete(self) -> Never:
        raise AppendOnlyError

    def bulk_update(self, *args: Any, **kwargs: Any) -> Never:
        raise AppendOnlyError


class ChangeLogEntry(models.Model):
    """One act on one listing. Its references are no constraints: the entry outlives what it tells of."""

    listing = models.ForeignKey(
        Listing, on_delete=models.DO_NOTHING, db_constraint=False, related_name="change_log", verbose_name=_("car")
    )
    title = models.CharField(_("car"), max_length=140, help_text="As it was called then.")
    dealer = models.ForeignKey(
        Dealer, on_delete=models.DO_NOTHING, db_constraint=False, related_name="+", verbose_name=_("dealer")
    )
    at = models.DateTimeField(_("when"), default=timezone.now, db_index=True)
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.DO_NOTHING,
        db_constraint=False,
        null=True,
        related_name="+",
        verbose_name=_("who"),
    )
    user_name = models.CharField(_("who"), max_length=150, blank=True)
    way = models.CharField(_("way in"), max_length=10, choices=Way)
    action = models.CharField(_("action"), max_length=40)
    fields = models.JSONField(
        _("changes"), default=dict, help_text='{"price": [old, new], …}; values as people read them.'
    )
    comment = models.TextField(_("comment"), blank=True)

    objects = models.Manager.from_queryset(ChangeLogQuerySet)()

    class Meta:
        ordering = ["-at", "-pk"]
        verbose_name = _("change")
        verbose_name_plural = _("change log")
        indexes = [
            models.Index(fields=["listing", "-at"], name="change_of_listing"),
            models.Index(fields=["dealer", "-at"], name="change_of_dealer"),
        ]

    def __str__(self) -> str:
        return f"{self.action}: {self.title}"

    def save(self, *args: Any, **kwargs: Any) -> None:
        if self.pk:
            raise AppendOnlyError
        super().save(*args, **kwargs)

    def delete(self, *args: Any, **kwargs: Any) -> Never:
        raise AppendOnlyError
