"""Secrets in AWS Secrets Manager."""

import json
from collections.abc import Callable
from typing import Any, TypeVar

import boto3
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError

from .store import CredentialsUnavailable, CredentialsUnreadable, Secrets, from_store, plain

CONNECT_TIMEOUT, READ_TIMEOUT = 3, 5
"""Seconds: the service answers in tens of milliseconds."""
ATTEMPTS = 3
"""Of one call, with the SDK's own pauses; what still fails is tried again by the engine, much later."""
RECOVERY_DAYS = 7
"""In which a deleted secret can be brought back: the shortest that AWS allows."""

GONE = {"ResourceNotFoundException"}
FINAL = {
    *("AccessDeniedException", "AccessDenied", "DecryptionFailure", "KMSAccessDeniedException"),
    *("DisabledException", "InvalidKeyUsageException", "KMSInvalidStateException", "NotFoundException"),
}
"""What waiting does not change: rights, and the key that encrypts the secret."""

T = TypeVar("T")


class AwsStore:
    """One set of secrets is one secret, named `<prefix><reference>`, whose text is JSON.

    How the product logs in is AWS's own: a role of the machine or pod, or AWS_ACCESS_KEY_ID in the environment.
    """

    def __init__(self, options: dict[str, Any]) -> None:
        self._prefix, self._kms_key = options["AWS_SECRETS_PREFIX"], options["AWS_SECRETS_KMS_KEY"]
        # A session of its own: the library's common one is not safe to share between threads.
        self._client = boto3.session.Session().client(
            "secretsmanager",
            region_name=options["AWS_SECRETS_REGION"],
            endpoint_url=options["AWS_SECRETS_ENDPOINT_URL"] or None,
            config=Config(
                connect_timeout=CONNECT_TIMEOUT,
                read_timeout=READ_TIMEOUT,
                retries={"total_max_attempts": ATTEMPTS, "mode": "standard"},
            ),
        )

    def write(self, reference: str, secrets: Secrets) -> None:
        name = self._name(reference)
        known = self._call(lambda: self._client.describe_secret(SecretId=name))
        if known is None:
            self._call(lambda: self._create(name, secrets))
            return
        if known.get("DeletedDate"):
            # Within its recovery window the name is neither free nor writable.
            self._call(lambda: self._client.restore_secret(SecretId=name))
        self._call(lambda: self._client.put_secret_value(SecretId=name, SecretString=_text(secrets)))

    def read(self, reference: str) -> Secrets:
        found = self._call(lambda: self._read(self._name(reference)))
        return found or {}

    def remove(self, reference: str) -> None:
        self._call(lambda: self._delete(self._name(reference)))

    def _name(self, reference: str) -> str:
        return f"{self._prefix}{reference}"

    def _create(self, name: str, secrets: Secrets) -> Any:
        key = {"KmsKeyId": self._kms_key} if self._kms_key else {}
        return self._client.create_secret(Name=name, SecretString=_text(secrets), **key)

    def _read(self, name: str) -> Secrets:
        try:
            return from_store(json.loads(self._client.get_secret_value(SecretId=name)["SecretString"]))
        except ClientError as error:
            if _is_marked_for_deletion(error):
                return {}
            raise
        except (ValueError, KeyError):
            raise CredentialsUnreadable("What is stored there is no JSON.") from None

    def _delete(self, name: str) -> None:
        try:
            self._client.delete_secret(SecretId=name, RecoveryWindowInDays=RECOVERY_DAYS)
        except ClientError as error:
            if not _is_marked_for_deletion(error):
                raise

    def _call(self, operation: Callable[[], T]) -> T | None:
        """None: there is no such secret."""
        try:
            return operation()
        except ClientError as error:
            code = error.response.get("Error", {}).get("Code", "")
            if code in GONE:
                return None
            # Only the code: messages quote names of accounts and roles.
            if code in FINAL:
                raise CredentialsUnreadable(f"AWS Secrets Manager denies access ({code}).") from None
            raise CredentialsUnavailable(f"AWS Secrets Manager refuses just now ({code}).") from None
        except BotoCoreError as error:
            raise CredentialsUnavailable(f"AWS Secrets Manager cannot be reached ({type(error).__name__}).") from None


def _text(secrets: Secrets) -> str:
    return json.dumps(plain(secrets), ensure_ascii=False)


def _is_marked_for_deletion(error: ClientError) -> bool:
    """AWS has no code of its own for it, only words."""
    fault = error.response.get("Error", {})
    return fault.get("Code") == "InvalidRequestException" and "delet" in fault.get("Message", "").lower()
