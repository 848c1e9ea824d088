"""What of the site has to be rendered again, and what is out there now."""

from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

PATH_LENGTH = 500


class Priority(models.IntegerChoices):
    """A click is waited for by a person; bulk work gives way to it."""

    CLICK = 0, _("a person waits")
    BULK = 10, _("bulk")


class DirtyRouteQuerySet(models.QuerySet["DirtyRoute"]):
    def due(self) -> "DirtyRouteQuerySet":
        """Rows that may be taken now: their time has come and nobody holds them."""
        now = timezone.now()
        return self.filter(next_attempt_at__lte=now).filter(Q(lease_until=None) | Q(lease_until__lt=now))


class DirtyRoute(models.Model):
    """An address whose file may differ from what the CMS says. The row goes when the file has followed."""

    path = models.CharField(max_length=PATH_LENGTH, unique=True)
    # A new number with every mark: what was rendered before the last mark must not be taken for the answer to it.
    token = models.BigIntegerField()
    priority = models.PositiveSmallIntegerField(choices=Priority, default=Priority.CLICK)
    marked_at = models.DateTimeField()
    next_attempt_at = models.DateTimeField()
    tries = models.PositiveIntegerField(default=0)
    error = models.CharField(max_length=300, blank=True)
    lease_holder = models.CharField(max_length=40, blank=True)
    lease_until = models.DateTimeField(null=True)

    objects = models.Manager.from_queryset(DirtyRouteQuerySet)()

    class Meta:
        verbose_name = _("address to render")
        verbose_name_plural = _("addresses to render")
        indexes = [models.Index(fields=["priority", "marked_at"], name="storefront_dirty_order")]

    def __str__(self) -> str:
        return self.path


class RouteState(models.TextChoices):
    LIVE = "live", _("on the site")
    GONE = "gone", _("removed")


class PublishedRoute(models.Model):
    """What the site answers at an address, and since when."""

    path = models.CharField(max_length=PATH_LENGTH, unique=True)
    state = models.CharField(max_length=10, choices=RouteState)
    content_hash = models.CharField(max_length=64, blank=True)
    since = models.DateTimeField(_("in this state since"))
    updated_at = models.DateTimeField(_("last written"))

    class Meta:
        verbose_name = _("published address")
        verbose_name_plural = _("published addresses")

    def __str__(self) -> str:
        return self.path
