from cms.settings.env import Environment
from scripts.lib.checks import PARTS
from scripts.lib.paths import ROOT
from scripts.lib.stack import WORKERS

OPERATIONS = (ROOT / "docs" / "operations.md").read_text()


def test_every_environment_variable_is_documented() -> None:
    assert [name for name in Environment.model_fields if f"`{name}`" not in OPERATIONS] == []


def test_every_worker_and_part_of_the_tests_is_documented() -> None:
    assert [name for name in [*WORKERS, *PARTS] if f"`{name}`" not in OPERATIONS] == []
