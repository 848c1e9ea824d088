"""A store that cannot work is said at the start, by the names of what is missing."""

import os
import subprocess

import pytest
from pydantic import ValidationError

from cms.settings.env import Environment
from scripts.lib.paths import PYTHON, ROOT


def problems(**variables: str) -> str:
    with pytest.raises(ValidationError) as caught:
        Environment(SECRET_KEY="x" * 32, **variables)  # type: ignore[arg-type]
    return "; ".join(f"{error['loc']}: {error['msg']}" for error in caught.value.errors(include_input=False))


@pytest.fixture(autouse=True)
def bare_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in [name for name in os.environ if name.startswith(("VAULT_", "AWS_", "CREDENTIALS_"))]:
        monkeypatch.delenv(name)


@pytest.mark.parametrize(
    ("variables", "missing"),
    [
        ({"CREDENTIALS_STORE": "vault"}, "needs VAULT_ADDR, VAULT_ROLE_ID, VAULT_SECRET_ID"),
        (
            {"CREDENTIALS_STORE": "vault", "VAULT_ADDR": "https://vault.example", "VAULT_ROLE_ID": "x"},
            "needs VAULT_SECRET_ID",
        ),
        (
            {"CREDENTIALS_STORE": "vault", "VAULT_ADDR": "https://vault.example", "VAULT_AUTH": "kubernetes"},
            "needs VAULT_ROLE",
        ),
        ({"CREDENTIALS_STORE": "aws"}, "needs AWS_SECRETS_REGION"),
        ({"CREDENTIALS_STORE": "safe"}, "'database', 'vault' or 'aws'"),
        ({"VAULT_AUTH": "token"}, "'approle' or 'kubernetes'"),
    ],
)
def test_what_is_missing_is_named(variables: dict[str, str], missing: str) -> None:
    assert missing in problems(**variables)


@pytest.mark.parametrize("address", ["http://vault.example:8200", "vault.example", "ftp://vault.example", "https://"])
def test_tokens_travel_encrypted_or_not_at_all(address: str) -> None:
    assert "must begin with https://" in problems(VAULT_ADDR=address)


@pytest.mark.parametrize("address", ["https://vault.example:8200/", "http://127.0.0.1:8100", "http://[::1]:8100"])
def test_https_and_an_agent_on_this_machine_are_fine(address: str) -> None:
    found = Environment(SECRET_KEY="x" * 32, VAULT_ADDR=address)  # type: ignore[call-arg]

    assert address.rstrip("/") == found.VAULT_ADDR


def test_the_start_stops_with_the_name_and_without_the_values() -> None:
    environment = {
        "PATH": os.environ["PATH"], "DJANGO_SETTINGS_MODULE": "cms.settings.production", "SECRET_KEY": "x" * 32,
        "CREDENTIALS_STORE": "vault", "VAULT_ADDR": "https://vault.example", "VAULT_SECRET_ID": "canary-of-the-start",
    }  # fmt: skip
    run = subprocess.run(
        [PYTHON, "manage.py", "check"], env=environment, cwd=ROOT, capture_output=True, text=True, check=False
    )

    assert run.returncode != 0
    assert "CREDENTIALS_STORE=vault needs VAULT_ROLE_ID" in run.stderr
    assert "canary" not in run.stdout + run.stderr
