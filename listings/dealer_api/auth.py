"""Who calls: the token of the request, what it may do, and how often."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from ninja.security import HttpBearer

from cms.http import ProblemError, problem
from cms.limits import too_often
from listings.models import ApiToken
from listings.vocabulary import Scope

from .tokens import find, note_use

LIMITS = ((60, 300),)
"""Seconds and requests of one token in them. Whoever needs more sends a thousand cars in one."""
MAX_TOKEN = 200
"""Characters. Ours are a third of it; a longer one is not worth a look into the database."""


class Bearer(HttpBearer):
    """`auth=Bearer(Scope.LISTINGS_READ)`: the request needs a token that has the scope.

    `request.user` is the member of the dealer who acts by the token, `request.auth` the token.
    """

    def __init__(self, scope: Scope) -> None:
        self.scope = scope
        super().__init__()

    def __call__(self, request: HttpRequest) -> ApiToken:
        token: ApiToken | None = super().__call__(request)
        if token is None:
            raise ProblemError(_unauthorised(request))
        seconds = too_often("api", str(token.pk), LIMITS)
        if seconds:
            raise ProblemError(_too_often(seconds))
        note_use(token)
        require_scope(token, self.scope)
        request.user = token.user
        return token

    def authenticate(self, request: HttpRequest, token: str) -> ApiToken | None:
        return find(token) if len(token) <= MAX_TOKEN else None


def require_scope(token: ApiToken, scope: Scope) -> None:
    """Raises a 403 that names the scope."""
    if scope.value not in token.scopes:
        raise ProblemError(
            problem(
                403,
                _("The token may not do this"),
                detail=_("It lacks the scope “%(scope)s”: %(label)s. Make a token that has it.")
                % {"scope": scope.value, "label": scope.label},
            )
        )


def token_of(request: Any) -> ApiToken:
    token: ApiToken = request.auth
    return token


def _unauthorised(request: HttpRequest) -> HttpResponse:
    if request.headers.get("Authorization"):
        detail = _("The token is wrong, has expired or has been revoked. Make a new one in the admin.")
    else:
        detail = _("Send the header “Authorization: Bearer …” with a token from the admin.")
    response = problem(401, _("Who are you?"), detail=detail)
    response["WWW-Authenticate"] = "Bearer"
    return response


def _too_often(seconds: int) -> HttpResponse:
    response = problem(
        429,
        _("Too many requests"),
        detail=_("A token may send %(count)d requests a minute. Send up to 1,000 cars in one request instead.")
        % {"count": LIMITS[0][1]},
    )
    response["Retry-After"] = str(seconds)
    return response
