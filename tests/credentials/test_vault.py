"""Vault as it really answers: log-ins, tokens that run out, refusals, and not at all."""

import socket
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

from integrations.credentials import vault as vault_module
from integrations.credentials.backends import backend
from integrations.credentials.store import CredentialsUnavailable, CredentialsUnreadable, covered, plain
from integrations.credentials.vault import VaultStore

from .conftest import Use
from .vault_server import DOCUMENTED, Kubernetes, VaultServer

SECRETS = covered({"token": "123:canary-of-vault"})
REFERENCE = "11111111-2222-3333-4444-555555555555"


def count_logins(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Only counted: the real calls go on."""
    calls: list[str] = []
    for name in ("_log_in", "_renew"):
        real = getattr(VaultStore, name)

        def counted(self: VaultStore, name: str = name, real: Any = real) -> Any:
            calls.append(name)
            return real(self)

        monkeypatch.setattr(VaultStore, name, counted)
    return calls


def test_a_new_value_is_a_new_version(vault: VaultServer) -> None:
    store = backend("vault")
    store.write(REFERENCE, SECRETS)
    store.write(REFERENCE, covered({"token": "another"}))

    assert vault.stored(REFERENCE) == {"token": "another"}
    assert vault.versions(REFERENCE)[-2:] == [
        str(len(vault.versions(REFERENCE)) - 1),
        str(len(vault.versions(REFERENCE))),
    ]


def test_one_log_in_serves_many_calls(vault: VaultServer, monkeypatch: pytest.MonkeyPatch) -> None:
    calls = count_logins(monkeypatch)
    store = backend("vault")
    for _call in range(5):
        store.write(REFERENCE, SECRETS)
        store.read(REFERENCE)

    assert calls == ["_log_in"]


def test_a_token_is_renewed_before_it_expires(
    shared_vault: VaultServer, use: Use, monkeypatch: pytest.MonkeyPatch
) -> None:
    use("vault", **shared_vault.app_role("renewed", token_ttl="1h", token_max_ttl="24h"))
    calls = count_logins(monkeypatch)
    store = backend("vault")
    store.write(REFERENCE, SECRETS)
    assert isinstance(store, VaultStore)
    assert store._renew_after - time.monotonic() == pytest.approx(2400, abs=60)

    # Forty minutes later.
    store._renew_after = time.monotonic()
    for _call in range(3):
        store.read(REFERENCE)
    assert calls == ["_log_in", "_renew"]
    assert store._renew_after - time.monotonic() == pytest.approx(2400, abs=60)


def test_a_token_at_the_end_of_its_longest_life_is_exchanged(
    shared_vault: VaultServer, use: Use, monkeypatch: pytest.MonkeyPatch
) -> None:
    use("vault", **shared_vault.app_role("short", token_ttl="2s", token_max_ttl="3s"))
    calls = count_logins(monkeypatch)
    store = backend("vault")
    for _second in range(5):
        store.write(REFERENCE, SECRETS)
        time.sleep(1)

    assert calls.count("_log_in") > 1
    assert plain(store.read(REFERENCE)) == plain(SECRETS)


def test_a_token_that_was_revoked_between_two_calls_is_exchanged(vault: VaultServer) -> None:
    store = backend("vault")
    store.write(REFERENCE, SECRETS)
    vault.ask("PUT", "sys/leases/revoke-prefix/auth/approle/login")

    assert plain(store.read(REFERENCE)) == plain(SECRETS)


def test_many_threads_whose_token_was_revoked_all_go_on(vault: VaultServer, monkeypatch: pytest.MonkeyPatch) -> None:
    calls = count_logins(monkeypatch)
    store = backend("vault")
    store.write(REFERENCE, SECRETS)
    vault.ask("PUT", "sys/leases/revoke-prefix/auth/approle/login")
    with ThreadPoolExecutor(16) as threads:
        found = list(threads.map(lambda _number: plain(store.read(REFERENCE)), range(64)))

    assert found == [plain(SECRETS)] * 64
    assert calls == ["_log_in", "_log_in"]


def test_what_the_policy_denies_is_unreadable_and_costs_no_further_log_in(
    shared_vault: VaultServer, use: Use, monkeypatch: pytest.MonkeyPatch
) -> None:
    nothing = 'path "secret/data/elsewhere" { capabilities = ["read"] }'
    use("vault", **shared_vault.app_role("stranger", rules=nothing))
    calls = count_logins(monkeypatch)
    for _call in range(3):
        with pytest.raises(CredentialsUnreadable, match="policy"):
            backend("vault").read(REFERENCE)

    assert calls == ["_log_in"]


@pytest.mark.parametrize(("name", "value"), [("VAULT_SECRET_ID", "0-0"), ("VAULT_ROLE_ID", "nobody")])
def test_a_refused_log_in_may_work_later(shared_vault: VaultServer, use: Use, name: str, value: str) -> None:
    use("vault", **(shared_vault.app_role() | {name: value}))

    with pytest.raises(CredentialsUnavailable, match="refuses the log-in"):
        backend("vault").read(REFERENCE)


def test_a_sealed_vault_is_away_and_comes_back(own_vault: VaultServer, use: Use) -> None:
    use("vault", **own_vault.app_role())
    backend("vault").write(REFERENCE, SECRETS)
    with own_vault.sealed():
        for call in (backend("vault").read, backend("vault").remove):
            with pytest.raises(CredentialsUnavailable, match="VaultDown"):
                call(REFERENCE)
        with pytest.raises(CredentialsUnavailable, match="VaultDown"):
            backend("vault").write(REFERENCE, SECRETS)

    assert plain(backend("vault").read(REFERENCE)) == plain(SECRETS)


def test_a_vault_that_is_down_is_away(own_vault: VaultServer, use: Use) -> None:
    use("vault", **own_vault.app_role())
    backend("vault").write(REFERENCE, SECRETS)
    with own_vault.down(), pytest.raises(CredentialsUnavailable, match="ConnectionError") as caught:
        backend("vault").read(REFERENCE)

    assert str(own_vault.port) not in str(caught.value)
    # Before any log-in as well.
    backend("vault")._renew_after = float("-inf")  # type: ignore[attr-defined]
    with own_vault.down(), pytest.raises(CredentialsUnavailable, match="No log-in"):
        backend("vault").read(REFERENCE)


def test_a_certificate_is_checked_against_the_authority_that_is_named(tmp_path: Path, use: Use) -> None:
    server = VaultServer(tmp_path, tls=True)
    try:
        use("vault", **server.app_role(), VAULT_CACERT=str(server.authority))
        backend("vault").write(REFERENCE, SECRETS)
        assert plain(backend("vault").read(REFERENCE)) == plain(SECRETS)

        use("vault", VAULT_CACERT="")
        with pytest.raises(CredentialsUnavailable, match="SSLError"):
            backend("vault").read(REFERENCE)
        use("vault", VAULT_CACERT=str(tmp_path / "absent.pem"))
        with pytest.raises(CredentialsUnavailable, match="OSError"):
            backend("vault").read(REFERENCE)
    finally:
        server.stop()


def test_a_vault_that_says_nothing_is_left_in_time(use: Use, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(vault_module, "TIMEOUTS", (0.5, 0.5))
    with socket.create_server(("127.0.0.1", 0)) as silent:
        use(
            "vault", VAULT_ADDR=f"http://127.0.0.1:{silent.getsockname()[1]}", VAULT_ROLE_ID="x", VAULT_SECRET_ID="x",
        )  # fmt: skip
        begun = time.monotonic()
        with pytest.raises(CredentialsUnavailable, match="ReadTimeout"):
            backend("vault").read(REFERENCE)

    assert time.monotonic() - begun < 3


def test_a_mount_that_does_not_exist_is_not_taken_for_no_secrets(shared_vault: VaultServer, use: Use) -> None:
    use("vault", **shared_vault.app_role("lost", mount="nowhere"))

    with pytest.raises(CredentialsUnavailable, match="InvalidPath"):
        backend("vault").read(REFERENCE)
    with pytest.raises(CredentialsUnavailable, match="InvalidPath"):
        backend("vault").write(REFERENCE, SECRETS)


def test_an_engine_of_version_1_is_refused(shared_vault: VaultServer, use: Use) -> None:
    if "old/" not in shared_vault.ask("GET", "sys/mounts")["data"]:
        shared_vault.ask("POST", "sys/mounts/old", {"type": "kv", "options": {"version": "1"}})
    shared_vault.ask("POST", f"old/data/avtofamily/channels/{REFERENCE}", {"data": {"token": "x"}})
    use("vault", **shared_vault.app_role("v1", mount="old"))

    with pytest.raises(CredentialsUnavailable, match="version 2"):
        backend("vault").write(REFERENCE, SECRETS)
    with pytest.raises(CredentialsUnavailable, match="version 2"):
        backend("vault").read(REFERENCE)


def test_a_namespace_is_kept_to(shared_vault: VaultServer, use: Use) -> None:
    shared_vault.ask("POST", "sys/namespaces/dealers")
    inside = {"X-Vault-Namespace": "dealers"}
    shared_vault.ask("POST", "sys/mounts/secret", {"type": "kv", "options": {"version": "2"}}, **inside)
    shared_vault.ask("POST", "sys/auth/approle", {"type": "approle"}, **inside)
    shared_vault.ask("PUT", "sys/policy/inside", {"policy": DOCUMENTED}, **inside)
    shared_vault.ask("POST", "auth/approle/role/inside", {"token_policies": "inside"}, **inside)
    role_id = shared_vault.ask("GET", "auth/approle/role/inside/role-id", **inside)["data"]["role_id"]
    secret_id = shared_vault.ask("POST", "auth/approle/role/inside/secret-id", **inside)["data"]["secret_id"]
    use(
        "vault", VAULT_ADDR=shared_vault.url, VAULT_ROLE_ID=role_id, VAULT_SECRET_ID=secret_id,
        VAULT_NAMESPACE="dealers",
    )  # fmt: skip
    reference = "99999999-2222-3333-4444-555555555555"
    backend("vault").write(reference, SECRETS)

    path = f"secret/data/avtofamily/channels/{reference}"
    assert shared_vault.ask("GET", path, **inside)["data"]["data"] == plain(SECRETS)
    use("vault", **shared_vault.app_role(), VAULT_NAMESPACE="")
    assert backend("vault").read(reference) == {}


def test_what_somebody_wrote_there_by_hand_must_be_texts(vault: VaultServer) -> None:
    path = f"secret/data/avtofamily/channels/{REFERENCE}"
    vault.ask("POST", path, {"data": {"token": {"nested": "canary"}}})

    with pytest.raises(CredentialsUnreadable, match="no set of names and texts") as caught:
        backend("vault").read(REFERENCE)
    assert "canary" not in str(caught.value)


# --- Kubernetes -----------------------------------------------------------------------------------
@pytest.fixture
def pod(shared_vault: VaultServer, kubernetes: Kubernetes, use: Use, tmp_path: Path) -> Path:
    """The file with the pod's token; Vault trusts this Kubernetes."""
    if "kubernetes/" not in shared_vault.ask("GET", "sys/auth")["data"]:
        shared_vault.ask("POST", "sys/auth/kubernetes", {"type": "kubernetes"})
    shared_vault.ask(
        "POST", "auth/kubernetes/config",
        {
            "kubernetes_host": kubernetes.url, "token_reviewer_jwt": kubernetes.token("vault"),
            "disable_local_ca_jwt": True, "kubernetes_ca_cert": kubernetes.certificate,
        },
    )  # fmt: skip
    shared_vault.ask("PUT", "sys/policy/pods", {"policy": DOCUMENTED})
    shared_vault.ask(
        "POST", "auth/kubernetes/role/avtofamily",
        {
            "bound_service_account_names": "avtofamily", "bound_service_account_namespaces": "shop",
            "token_policies": "pods",
        },
    )  # fmt: skip
    file = tmp_path / "token"
    file.write_text(kubernetes.token() + "\n")
    use(
        "vault", VAULT_ADDR=shared_vault.url, VAULT_AUTH="kubernetes", VAULT_ROLE="avtofamily",
        VAULT_KUBERNETES_TOKEN_FILE=str(file),
    )  # fmt: skip
    return file


def test_a_pod_logs_in_with_its_own_token(pod: Path) -> None:
    backend("vault").write(REFERENCE, SECRETS)

    assert plain(backend("vault").read(REFERENCE)) == plain(SECRETS)


def test_an_exchanged_pod_token_is_read_again(pod: Path, kubernetes: Kubernetes, shared_vault: VaultServer) -> None:
    backend("vault").write(REFERENCE, SECRETS)
    kubernetes.known.clear()
    pod.write_text(kubernetes.token())
    shared_vault.ask("PUT", "sys/leases/revoke-prefix/auth/kubernetes/login")

    assert plain(backend("vault").read(REFERENCE)) == plain(SECRETS)


def test_a_strange_pod_is_refused(pod: Path, kubernetes: Kubernetes) -> None:
    pod.write_text(kubernetes.token("somebody-else"))
    with pytest.raises(CredentialsUnavailable, match="refuses the log-in"):
        backend("vault").read(REFERENCE)


def test_a_pod_without_its_file_says_so(pod: Path) -> None:
    pod.unlink()
    with pytest.raises(CredentialsUnavailable, match=r"No log-in to Vault \(FileNotFoundError\)"):
        backend("vault").read(REFERENCE)
