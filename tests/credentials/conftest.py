"""Real servers of secrets: OpenBao's own, and AWS Secrets Manager as moto serves it over HTTP."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from moto.server import ThreadedMotoServer
from pydantic import SecretStr
from pytest_django import Settings

from integrations.credentials import cache
from integrations.credentials.keeper import keeper

# Channels and listings that are published for real, against the sandbox.
from tests.integrations.conftest import channel, dealer, make_listing, publish, sandbox  # noqa: F401

from .vault_server import Kubernetes, VaultServer

Use = Callable[..., None]


@pytest.fixture(scope="session")
def shared_vault(tmp_path_factory: pytest.TempPathFactory) -> Iterator[VaultServer]:
    server = VaultServer(tmp_path_factory.mktemp("vault"))
    yield server
    server.stop()


@pytest.fixture
def own_vault(tmp_path: Path) -> Iterator[VaultServer]:
    """For tests that break it."""
    server = VaultServer(tmp_path)
    yield server
    server.stop()


@pytest.fixture
def kubernetes() -> Iterator[Kubernetes]:
    server = Kubernetes()
    yield server
    server.stop()


@pytest.fixture
def use(settings: Settings) -> Use:
    """`use("vault", VAULT_ADDR=…)`: as if the environment said so."""

    def set_store(store: str, **variables: Any) -> None:
        for secret in ("VAULT_SECRET_ID",):
            if secret in variables:
                variables[secret] = SecretStr(variables[secret])
        changed = {name: options | {} for name, options in settings.CREDENTIALS_STORES.items()}
        changed[store] = changed.get(store, {}) | variables
        settings.CREDENTIALS_STORES, settings.CREDENTIALS_STORE = changed, store

    return set_store


@pytest.fixture
def vault(shared_vault: VaultServer, use: Use) -> VaultServer:
    """Vault is the store, and the product is logged in as its administrator has set it up."""
    use("vault", **shared_vault.app_role())
    return shared_vault


class AwsServer:
    """The service's HTTP protocol on this machine."""

    def __init__(self) -> None:
        self._server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
        self._server.start()
        host, port = self._server.get_host_and_port()
        self.url = f"http://{host}:{port}"

    def stop(self) -> None:
        self._server.stop()


@pytest.fixture(scope="session")
def shared_aws() -> Iterator[AwsServer]:
    server = AwsServer()
    yield server
    server.stop()


@pytest.fixture
def aws(shared_aws: AwsServer, use: Use, monkeypatch: pytest.MonkeyPatch) -> AwsServer:
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "tests")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "tests")
    use("aws", AWS_SECRETS_REGION="eu-central-1", AWS_SECRETS_ENDPOINT_URL=shared_aws.url)
    return shared_aws


@pytest.fixture
def without_cache(monkeypatch: pytest.MonkeyPatch) -> None:
    """Every use asks the store."""
    monkeypatch.setattr(cache, "KEPT_FOR", -1.0)


@pytest.fixture(autouse=True)
def fresh_keeper() -> None:
    """No test remembers that another one's store was away."""
    keeper._away.clear()
