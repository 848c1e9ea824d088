import pytest

from integrations.marketplaces import registry
from integrations.marketplaces.base import MarketplaceAdapter
from integrations.marketplaces.registry import all_adapters, register


def test_the_registry_is_closed_once_the_product_has_started() -> None:
    with pytest.raises(RuntimeError, match="comes too late"):
        register("late")(MarketplaceAdapter)


def test_a_key_is_registered_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(registry._state, "frozen", False)
    with pytest.raises(RuntimeError, match="registered twice"):
        register("telegram")(MarketplaceAdapter)


@pytest.mark.parametrize("key", all_adapters())
def test_every_adapter_declares_its_whole_contract(key: str) -> None:
    adapter = all_adapters()[key]

    assert str(adapter.label)
    for name, info in adapter.Credentials.model_fields.items():
        assert "SecretStr" in str(info.annotation), f"{key}.{name} would be shown"
    for name in ("Settings", "Credentials", "Payload", "capabilities"):
        assert hasattr(adapter, name)
