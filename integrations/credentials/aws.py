"""Secrets in AWS Secrets Manager."""

import json
from collections.abc import Callable
from typing import Any, TypeVar

import boto3
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError

from .store import CredentialsUnavailable, CredentialsUnreadable, Secrets, covered, plain

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
        if self._call(lambda: self._put(name, secrets)) is None:
            self._call(lambda: self._create(name, secrets))

    def read(self, reference: str) -> Secrets:
        found = self._call(lambda: self._read(self._name(reference)))
        return found or {}

    def remove(self, reference: str) -> None:
        self._call(
            lambda: self._client.delete_secret(SecretId=self._name(reference), RecoveryWindowInDays=RECOVERY_DAYS)
        )

    def _name(self, reference: str) -> str:
        return f"{self._prefix}{reference}"

    def _put(self, name: str, secrets: Secrets) -> dict[str, Any]:
        try:
            return self._client.put_secret_value(SecretId=name, SecretString=json.dumps(plain(secrets)))
        except ClientError as error:
            if not _is_marked_for_deletion(error):
                raise
        self._client.restore_secret(SecretId=name)
        return self._client.put_secret_value(SecretId=name, SecretString=json.dumps(plain(secrets)))

    def _create(self, name: str, secrets: Secrets) -> dict[str, Any]:
        key = {"KmsKeyId": self._kms_key} if self._kms_key else {}
        return self._client.create_secret(Name=name, SecretString=json.dumps(plain(secrets)), **key)

    def _read(self, name: str) -> Secrets:
        try:
            return covered(json.loads(self._client.get_secret_value(SecretId=name)["SecretString"]))
        except ClientError as error:
            if _is_marked_for_deletion(error):
                return {}
            raise
        except (ValueError, KeyError, TypeError, AttributeError):
            raise CredentialsUnreadable(
                f"The secret {name} holds something else than JSON of names and texts."
            ) from None

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


def _is_marked_for_deletion(error: ClientError) -> bool:
    """AWS has no code of its own for it, only words."""
    fault = error.response.get("Error", {})
    return fault.get("Code") == "InvalidRequestException" and "delet" in fault.get("Message", "").lower()
