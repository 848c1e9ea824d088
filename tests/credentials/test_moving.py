"""Another store while the product runs: nothing is lost, nothing stays behind, and it can be run again."""

from io import StringIO

import pytest
from django.core.management import CommandError, call_command
from django.db import transaction

from integrations.credentials import keeper as keeper_module
from integrations.credentials.backends import backend
from integrations.credentials.models import Action, Credential, CredentialEvent, CredentialInfo, CredentialRemoval
from integrations.credentials.store import CredentialsUnavailable, Secrets, covered, credential_store, plain
from integrations.credentials.tasks import prune
from integrations.credentials.vault import VaultStore

from .conftest import AwsServer, Use
from .vault_server import VaultServer

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def references() -> list[str]:
    """Three channels' secrets, in the database."""
    return [credential_store().put("", {"token": f"canary-{number}"}, owner=f"Канал {number}") for number in range(3)]


def move(to: str, *options: str) -> str:
    output = StringIO()
    call_command("move_credentials", "--to", to, *options, stdout=output, stderr=output)
    return output.getvalue()


def tokens(references: list[str]) -> list[str]:
    return [plain(credential_store().get(reference))["token"] for reference in references]


EXPECTED = ["canary-0", "canary-1", "canary-2"]


def test_everything_moves_is_opened_there_and_leaves_the_old_store(
    references: list[str], vault: VaultServer, without_cache: None
) -> None:
    output = move("vault")

    assert [vault.stored(reference)["token"] for reference in references] == EXPECTED
    assert tokens(references) == EXPECTED
    assert Credential.objects.count() == 0
    assert set(CredentialInfo.objects.values_list("store", flat=True)) == {"vault"}
    assert CredentialEvent.objects.filter(action=Action.MOVED, store="vault", source="command").count() == 3
    assert "3 of 3" in output
    assert "3 moved; 3 credentials are now in Vault." in output
    assert "canary" not in output


def test_it_can_be_run_again(references: list[str], vault: VaultServer) -> None:
    move("vault")
    versions = vault.versions(references[0])

    assert "0 moved; 3 credentials" in move("vault")
    assert vault.versions(references[0]) == versions


def test_from_one_outer_store_to_another_and_back(
    references: list[str], vault: VaultServer, aws: AwsServer, without_cache: None
) -> None:
    for store in ("aws", "vault", "database"):
        move(store)
        assert tokens(references) == EXPECTED
        assert CredentialRemoval.objects.count() == 0
    assert [backend("vault").read(reference) for reference in references] == [{}, {}, {}]
    assert [backend("aws").read(reference) for reference in references] == [{}, {}, {}]


def test_copies_may_be_kept(references: list[str], vault: VaultServer, without_cache: None) -> None:
    move("vault", "--keep")

    assert Credential.objects.count() == 3
    assert tokens(references) == EXPECTED
    assert move("vault").startswith("0 moved")


def test_both_stores_work_before_and_while_it_runs(
    references: list[str], vault: VaultServer, without_cache: None
) -> None:
    """The setting says vault already: old ones are opened where they are, changed and new ones go there."""
    assert tokens(references) == EXPECTED
    credential_store().put(references[0], {"token": "typed-anew"})
    new = credential_store().put("", {"token": "new-channel"})

    assert Credential.objects.count() == 2
    assert vault.stored(references[0]) == {"token": "typed-anew"}
    assert tokens([*references, new]) == ["typed-anew", "canary-1", "canary-2", "new-channel"]
    assert "2 moved; 4 credentials" in move("vault")


def test_a_store_that_is_away_loses_nothing(
    references: list[str], own_vault: VaultServer, use: Use, without_cache: None
) -> None:
    use("vault", **own_vault.app_role())
    with own_vault.sealed(), pytest.raises(CommandError, match="3 were not moved"):
        move("vault")
    assert tokens(references) == EXPECTED
    assert CredentialEvent.objects.filter(action=Action.MOVED).count() == 0

    move("vault")
    assert tokens(references) == EXPECTED


def test_a_store_that_gives_back_something_else_is_not_trusted(
    references: list[str], vault: VaultServer, without_cache: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    def garbled(self: VaultStore, reference: str) -> Secrets:
        return covered({"token": "something-else"})

    monkeypatch.setattr(VaultStore, "read", garbled)
    with pytest.raises(CommandError, match="3 were not moved"):
        move("vault")
    assert tokens(references) == EXPECTED
    assert set(CredentialInfo.objects.values_list("store", flat=True)) == {"database"}


def test_what_cannot_be_taken_out_at_once_is_taken_out_at_night(
    references: list[str], own_vault: VaultServer, use: Use, without_cache: None
) -> None:
    use("vault", **own_vault.app_role())
    move("vault")
    with own_vault.sealed():
        credential_store().delete(references[0])
        assert CredentialRemoval.objects.count() == 1
        prune()
        assert CredentialRemoval.objects.count() == 1
    assert own_vault.stored(references[0])
    assert credential_store().get(references[0]) == {}

    prune()
    assert CredentialRemoval.objects.count() == 0
    assert backend("vault").read(references[0]) == {}


def test_secrets_that_have_come_back_are_not_taken_out(references: list[str]) -> None:
    CredentialRemoval.objects.create(reference=references[0], store="database")
    prune()

    assert tokens(references) == EXPECTED
    assert CredentialRemoval.objects.count() == 0


def test_deleting_is_undone_with_its_transaction(references: list[str], without_cache: None) -> None:
    @transaction.atomic
    def delete_and_fail() -> None:
        credential_store().delete(references[0])
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        delete_and_fail()
    assert tokens(references) == EXPECTED


@pytest.mark.parametrize(
    ("store", "names"), [("vault", "VAULT_ADDR, VAULT_ROLE_ID, VAULT_SECRET_ID"), ("aws", "AWS_SECRETS_REGION")]
)
def test_a_store_without_its_variables_names_them(references: list[str], store: str, names: str) -> None:
    with pytest.raises(CommandError, match=names):
        move(store)


def test_a_store_whose_variables_were_taken_away_too_early_is_only_away(
    references: list[str], vault: VaultServer, use: Use, without_cache: None
) -> None:
    move("vault")
    use("vault", VAULT_ADDR="")
    with pytest.raises(CredentialsUnavailable, match="needs VAULT_ADDR"):
        keeper_module.keeper.get(references[0])
