"""AWS Secrets Manager as the real library meets it: its data through moto's server, its refusals word for word."""

import json
import threading
from collections.abc import Iterator
from datetime import timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import boto3
import httpx
import pytest

from integrations.credentials.aws import ATTEMPTS, RECOVERY_DAYS
from integrations.credentials.backends import backend
from integrations.credentials.store import CredentialsUnavailable, CredentialsUnreadable, covered, plain
from scripts.lib.paths import ROOT

from .conftest import AwsServer, Use

SECRETS = covered({"token": "123:canary-of-aws"})
REFERENCE = "11111111-2222-3333-4444-555555555555"
NAME = f"avtofamily/channels/{REFERENCE}"


@pytest.fixture
def administrator(aws: AwsServer) -> Any:
    """Somebody who looks at the secrets past the product."""
    return boto3.session.Session().client("secretsmanager", region_name="eu-central-1", endpoint_url=aws.url)


def test_secrets_lie_there_as_json_under_the_prefix(administrator: Any) -> None:
    backend("aws").write(REFERENCE, SECRETS)

    assert json.loads(administrator.get_secret_value(SecretId=NAME)["SecretString"]) == plain(SECRETS)


def test_a_deleted_secret_can_be_brought_back_for_a_week(administrator: Any) -> None:
    backend("aws").write(REFERENCE, SECRETS)
    backend("aws").remove(REFERENCE)
    backend("aws").remove(REFERENCE)

    found = administrator.describe_secret(SecretId=NAME)
    assert round((found["DeletedDate"] - found["LastChangedDate"]) / timedelta(days=1)) == RECOVERY_DAYS
    administrator.restore_secret(SecretId=NAME)
    assert plain(backend("aws").read(REFERENCE)) == plain(SECRETS)


@pytest.mark.parametrize("text", ["canary", '["canary"]', '{"token": 5}', '{"token": {"canary": "x"}}'])
def test_what_somebody_wrote_there_by_hand_must_be_texts(administrator: Any, text: str) -> None:
    backend("aws").write(REFERENCE, SECRETS)
    administrator.put_secret_value(SecretId=NAME, SecretString=text)

    with pytest.raises(CredentialsUnreadable, match="What is stored there") as caught:
        backend("aws").read(REFERENCE)
    assert "canary" not in str(caught.value)


def test_a_key_of_its_own_encrypts_new_secrets(aws: AwsServer, administrator: Any, use: Use) -> None:
    use("aws", AWS_SECRETS_KMS_KEY="alias/avtofamily")
    reference = "77777777-2222-3333-4444-555555555555"
    backend("aws").write(reference, SECRETS)

    assert administrator.describe_secret(SecretId=f"avtofamily/channels/{reference}")["KmsKeyId"] == "alias/avtofamily"


def test_the_documented_policy_allows_every_call(faulty: "Faulty") -> None:
    backend("aws").write(REFERENCE, SECRETS)
    backend("aws").read(REFERENCE)
    backend("aws").remove(REFERENCE)
    backend("aws").write(REFERENCE, SECRETS)
    backend("aws").write("66666666-2222-3333-4444-555555555555", SECRETS)
    documented = json.loads(
        (ROOT / "docs" / "credentials.md").read_text().partition("```json\n")[2].partition("```")[0]
    )

    assert {f"secretsmanager:{call}" for call in faulty.calls} == set(documented["Statement"][0]["Action"])


# --- Refusals -------------------------------------------------------------------------------------
class Faulty:
    """Stands before the service: passes calls on, or answers some of them as the service does when it refuses."""

    def __init__(self, behind: str) -> None:
        self.fault = ""
        self.status = 400
        self.drop = False
        self.calls: list[str] = []
        outer = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["Content-Length"]))
                outer.calls.append(self.headers["X-Amz-Target"].rpartition(".")[2])
                if outer.drop:
                    self.connection.close()
                    return
                if outer.fault:
                    message = "User: arn:aws:iam::1234:user/shop said 123:canary-of-aws"
                    return self._answer(outer.status, json.dumps({"__type": outer.fault, "message": message}).encode())
                answer = httpx.post(behind, content=body, headers=dict(self.headers))
                self._answer(answer.status_code, answer.content)

            def _answer(self, status: int, body: bytes) -> None:
                self.send_response(status)
                self.send_header("Content-Type", "application/x-amz-json-1.1")
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, *args: Any) -> None:
                pass

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self._server.server_port}"
        threading.Thread(target=self._server.serve_forever, daemon=True).start()

    def stop(self) -> None:
        self._server.shutdown()
        self._server.server_close()


@pytest.fixture
def faulty(aws: AwsServer, use: Use) -> Iterator[Faulty]:
    server = Faulty(aws.url)
    use("aws", AWS_SECRETS_REGION="eu-central-1", AWS_SECRETS_ENDPOINT_URL=server.url)
    backend("aws").write(REFERENCE, SECRETS)
    yield server
    server.stop()


@pytest.mark.parametrize("code", ["AccessDeniedException", "DecryptionFailure"])
def test_what_waiting_does_not_change_is_unreadable(faulty: Faulty, code: str) -> None:
    faulty.fault = code

    with pytest.raises(CredentialsUnreadable, match=code) as caught:
        backend("aws").read(REFERENCE)
    assert "canary" not in str(caught.value)
    assert "arn:" not in str(caught.value)
    with pytest.raises(CredentialsUnreadable, match=code):
        backend("aws").write(REFERENCE, SECRETS)


@pytest.mark.parametrize(
    ("code", "status"),
    [
        ("ThrottlingException", 400),
        ("InternalServiceError", 500),
        ("ServiceUnavailable", 503),
        ("ExpiredTokenException", 400),
        ("UnrecognizedClientException", 400),
        ("InvalidSignatureException", 403),
    ],
)
def test_what_may_pass_is_unavailable(faulty: Faulty, code: str, status: int) -> None:
    faulty.fault, faulty.status = code, status
    for call in (backend("aws").read, backend("aws").remove):
        with pytest.raises(CredentialsUnavailable, match=code) as caught:
            call(REFERENCE)
        assert "canary" not in str(caught.value)

    faulty.fault = ""
    assert plain(backend("aws").read(REFERENCE)) == plain(SECRETS)


def test_throttling_is_asked_again_only_a_few_times(faulty: Faulty) -> None:
    faulty.fault = "ThrottlingException"
    faulty.calls.clear()
    with pytest.raises(CredentialsUnavailable):
        backend("aws").read(REFERENCE)

    assert faulty.calls == ["GetSecretValue"] * ATTEMPTS


def test_a_dropped_connection_is_unavailable(faulty: Faulty) -> None:
    faulty.drop = True
    with pytest.raises(CredentialsUnavailable, match="ConnectionClosedError"):
        backend("aws").read(REFERENCE)


def test_a_service_that_is_not_there_is_unavailable(faulty: Faulty) -> None:
    faulty.stop()
    with pytest.raises(CredentialsUnavailable, match="EndpointConnectionError"):
        backend("aws").read(REFERENCE)


def test_a_log_in_that_nobody_has_set_up_is_unavailable(
    aws: AwsServer, use: Use, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.delenv(name)
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")
    use("aws", AWS_SECRETS_REGION="eu-north-1")

    with pytest.raises(CredentialsUnavailable, match="NoCredentialsError"):
        backend("aws").read(REFERENCE)
