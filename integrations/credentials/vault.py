"""Secrets in HashiCorp Vault (or OpenBao, which speaks the same protocol), in a KV engine of version 2."""

import logging
import time
from collections.abc import Callable
from pathlib import Path
from threading import RLock
from typing import Any, TypeVar

import hvac
import requests
from hvac.exceptions import Forbidden, InvalidPath, VaultError
from pydantic import SecretStr

from .store import CredentialsUnavailable, CredentialsUnreadable, Secrets, from_store, plain

logger = logging.getLogger(__name__)

TIMEOUTS = (3.0, 5.0)
"""Seconds to connect and to wait for an answer: Vault is next door and answers in milliseconds."""
RENEW_AT = 2 / 3
"""Of a token's life: early enough to have time for another try."""

T = TypeVar("T")


class VaultStore:
    """One set of secrets is one path: `<mount>/data/<prefix>/<reference>`."""

    def __init__(self, options: dict[str, Any]) -> None:
        self._options = options
        session = requests.Session()
        # Proxies, .netrc and certificates of the machine are not part of the product's configuration.
        session.trust_env = False
        session.verify = options["VAULT_CACERT"] or True
        # The second one logs in, and has no token: the first one's is used by other threads meanwhile.
        self._client, self._door = (
            hvac.Client(
                url=options["VAULT_ADDR"],
                # Empty and not None: else the environment and the home directory are searched for one.
                token="",
                session=session,
                timeout=TIMEOUTS,
                namespace=options["VAULT_NAMESPACE"] or None,
            )
            for _client in range(2)
        )
        self._lock = RLock()
        self._renew_after = self._expires = float("-inf")
        self._renewable = False

    def write(self, reference: str, secrets: Secrets) -> None:
        answer = self._call(
            lambda: self._kv.create_or_update_secret(
                self._path(reference), plain(secrets), mount_point=self._options["VAULT_MOUNT"]
            )
        )
        # An engine of version 1 takes the same call, and puts it somewhere else without versions.
        if not (isinstance(answer, dict) and isinstance(answer.get("data"), dict) and answer["data"].get("version")):
            raise CredentialsUnavailable("VAULT_MOUNT is no KV engine of version 2.")

    def read(self, reference: str) -> Secrets:
        found = self._call(lambda: self._read(reference))
        if found is None:
            raise CredentialsUnavailable("VAULT_MOUNT is no KV engine of version 2, or its answer is no JSON.")
        return found

    def remove(self, reference: str) -> None:
        self._call(
            lambda: self._kv.delete_metadata_and_all_versions(
                self._path(reference), mount_point=self._options["VAULT_MOUNT"]
            )
        )

    @property
    def _kv(self) -> Any:
        return self._client.secrets.kv.v2

    def _path(self, reference: str) -> str:
        return f"{self._options['VAULT_PREFIX']}/{reference}"

    def _read(self, reference: str) -> Secrets | None:
        """Empty if there are none; None if this is not how an engine of version 2 answers."""
        try:
            answer = self._kv.read_secret_version(
                self._path(reference), mount_point=self._options["VAULT_MOUNT"], raise_on_deleted_version=True
            )
            return from_store(answer["data"]["data"]) if "metadata" in answer["data"] else None
        except InvalidPath as error:
            if error.errors:
                # "No handler for route": the path is wrong, which says nothing of the secrets.
                raise
            return {}
        except (TypeError, KeyError):
            return None

    # --- Talking to it ----------------------------------------------------------------------------
    def _call(self, operation: Callable[[], T]) -> T:
        """With a token that is valid; once more with a new one, where the old one is not taken any more."""
        token = self._ensure_token()
        try:
            try:
                return operation()
            except Forbidden:
                if not self._log_in_instead_of(token):
                    raise
                return operation()
        except Forbidden:
            raise CredentialsUnreadable("Vault denies access: the role's policy does not cover this path.") from None
        except (VaultError, requests.RequestException, ValueError) as error:
            # Only the kind: the text quotes addresses, and may quote an answer.
            raise CredentialsUnavailable(f"Vault does not answer as it should ({type(error).__name__}).") from None

    def _ensure_token(self) -> str:
        """The token that is valid now, as far as we know."""
        with self._lock:
            now = time.monotonic()
            if now >= self._renew_after and not (now < self._expires and self._renewable and self._renew()):
                self._log_in()
            return str(self._client.token)

    def _renew(self) -> bool:
        try:
            self._take(self._client.auth.token.renew_self(), renewed=True)
        except (VaultError, requests.RequestException, ValueError, LookupError, TypeError):
            return False
        # Near its longest life a token is renewed by less and less: then a new one is due.
        return time.monotonic() < self._renew_after - 1

    def _log_in_instead_of(self, token: str) -> bool:
        """False: the token is good, so that it is the policy that denies."""
        with self._lock:
            if self._client.token != token:
                # Another thread was quicker.
                return True
            try:
                self._client.auth.token.lookup_self()
            except Forbidden:
                self._log_in()
                return True
            return False

    def _log_in(self) -> None:
        """Raises CredentialsUnavailable whatever the reason: no secret of any channel is at fault."""
        try:
            self._take(self._authenticate())
        except OSError as error:
            # requests' own errors are among these; a file that is not there as well.
            raise CredentialsUnavailable(f"No log-in to Vault ({type(error).__name__}).") from None
        except (VaultError, ValueError, LookupError, TypeError) as error:
            raise CredentialsUnavailable(f"Vault refuses the log-in ({type(error).__name__}).") from None

    def _authenticate(self) -> dict[str, Any]:
        options = self._options
        if options["VAULT_AUTH"] == "kubernetes":
            # Read each time: Kubernetes exchanges the file every hour.
            answer = self._door.auth.kubernetes.login(
                options["VAULT_ROLE"],
                Path(options["VAULT_KUBERNETES_TOKEN_FILE"]).read_text().strip(),
                use_token=False,
                mount_point=options["VAULT_AUTH_MOUNT"] or "kubernetes",
            )
        else:
            secret_id: SecretStr = options["VAULT_SECRET_ID"]
            answer = self._door.auth.approle.login(
                options["VAULT_ROLE_ID"],
                secret_id.get_secret_value(),
                use_token=False,
                mount_point=options["VAULT_AUTH_MOUNT"] or "approle",
            )
        found: dict[str, Any] = answer
        return found

    def _take(self, answer: dict[str, Any], *, renewed: bool = False) -> None:
        auth = answer["auth"]
        if not renewed:
            self._client.token = auth["client_token"]
        lease, now = float(auth["lease_duration"]), time.monotonic()
        self._renewable = bool(auth["renewable"])
        # Zero: such a token does not expire.
        self._expires = now + lease if lease else float("inf")
        self._renew_after = now + lease * RENEW_AT if lease else float("inf")
