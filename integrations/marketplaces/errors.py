"""What an adapter may raise: five kinds of failure, the one that only a person ends, and work that goes on later."""

from collections.abc import Mapping
from typing import Any, ClassVar

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from integrations.credentials.redaction import scrub

Words = str | Promise
"""Text for people, translated lazily."""


class AdapterError(Exception):
    """Base of what an adapter may raise. `words` tell a person what happened and what to do."""

    code: ClassVar[str] = "error"

    def __init__(self, words: Words = "") -> None:
        super().__init__(words)
        self.words = words

    def __str__(self) -> str:
        # Platforms quote what they were sent.
        return scrub(str(self.words))


class RetryLater(AdapterError):
    """It certainly was not done, and may well work later."""

    code = "retry"


class PhotoUnavailable(RetryLater):
    """A photo of the listing cannot be read: our storage's failure, for which no platform gets a rest."""

    def __init__(self) -> None:
        super().__init__(_("A photo of the listing cannot be read from the storage."))


class RateLimited(AdapterError):
    """Not done: the platform wants a pause."""

    code = "rate_limited"

    def __init__(self, retry_after: float, words: Words = "") -> None:
        super().__init__(words)
        self.retry_after = retry_after


class AuthFailed(AdapterError):
    """Nothing works on this channel until a person changes its settings."""

    code = "auth"


class InvalidPayload(AdapterError):
    """The platform will never take this payload; `problems` say what to change in the listing."""

    code = "invalid"

    def __init__(self, problems: list[Words]) -> None:
        super().__init__("; ".join(str(problem) for problem in problems))
        self.problems = problems


class Ambiguous(AdapterError):
    """It may have been done or not."""

    code = "uncertain"


class ManualActionRequired(AdapterError):
    """The platform offers no way; a person has to do it there by hand."""

    code = "manual"


class NotYet(AdapterError):
    """A create in several steps: nothing is visible yet, and it goes on from `progress` after some seconds.

    The engine keeps `progress` (JSON, no secrets) and hands it to the next `create` and `lookup` of the same payload.
    """

    code = "waiting"

    def __init__(self, progress: Mapping[str, Any], after: float, words: Words = "") -> None:
        super().__init__(words)
        self.progress, self.after = dict(progress), after


class Forged(Exception):
    """An incoming webhook whose signature or secret is not the platform's."""
