"""Tokens of the API: which program acts for which dealer, and what it may do. And the answers that it was given."""

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from listings.vocabulary import Scope

from .dealer import Dealer


class ApiTokenQuerySet(models.QuerySet["ApiToken"]):
    def valid(self) -> "ApiTokenQuerySet":
        """Neither revoked nor expired."""
        return self.filter(Q(expires_at=None) | Q(expires_at__gt=timezone.now()), revoked_at=None)


class ApiToken(models.Model):
    """The right of a program to work for one dealer. Its secret is shown once and kept as a hash."""

    name = models.CharField(_("name"), max_length=80, help_text=_("Which program uses it: “1C in the Minsk office”."))
    dealer = models.ForeignKey(Dealer, on_delete=models.CASCADE, related_name="api_tokens", verbose_name=_("dealer"))
    user = models.OneToOneField(
        settings.AUTH_USER_MODEL,
        on_delete=models.CASCADE,
        related_name="api_token",
        help_text="Who acts, in histories and logs: a member of the dealer, made with the token, without a password.",
    )
    scopes = models.JSONField(_("may"), default=list, help_text="Codes of `vocabulary.Scope`.")
    key = models.CharField(max_length=16, unique=True, editable=False, help_text="The public part, to find it by.")
    secret_hash = models.CharField(max_length=64, editable=False, help_text="SHA-256 of the whole token.")
    last_characters = models.CharField(_("ends in"), max_length=4, editable=False)
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, related_name="+", verbose_name=_("made by")
    )
    created_at = models.DateTimeField(_("created"), auto_now_add=True)
    expires_at = models.DateTimeField(_("valid until"), null=True, blank=True, help_text=_("Empty: until revoked."))
    last_used_at = models.DateTimeField(_("last used"), null=True, editable=False)
    revoked_at = models.DateTimeField(_("revoked"), null=True, editable=False)

    objects = models.Manager.from_queryset(ApiTokenQuerySet)()

    class Meta:
        ordering = ["dealer__name", "name"]
        verbose_name = _("API token")
        verbose_name_plural = _("API tokens")

    def __str__(self) -> str:
        return f"{self.name} (…{self.last_characters})"

    @property
    def is_valid(self) -> bool:
        return self.revoked_at is None and (self.expires_at is None or self.expires_at > timezone.now())

    def scope_labels(self) -> list[str]:
        return [str(scope.label) for scope in Scope if scope.value in self.scopes]


class ApiAnswer(models.Model):
    """What a request with an `Idempotency-Key` was answered, so that its repetition does nothing.

    `finished_at` empty: somebody is at it since `started_at`.
    """

    token = models.ForeignKey(ApiToken, on_delete=models.CASCADE, related_name="answers")
    key = models.CharField(max_length=255)
    request_hash = models.CharField(max_length=64, help_text="SHA-256 of method, address and body.")
    started_at = models.DateTimeField(default=timezone.now)
    finished_at = models.DateTimeField(null=True)
    status = models.PositiveSmallIntegerField(null=True)
    content_type = models.CharField(max_length=80, blank=True)
    body = models.TextField(blank=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["token", "key"], name="api_answer_once_per_key")]
        indexes = [models.Index(fields=["token", "started_at"], name="api_answer_age")]

    def __str__(self) -> str:
        return f"{self.key}: {self.status or '…'}"
