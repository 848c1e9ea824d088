"""docs/roles.md says what cms/users/roles.py does."""

from cms.users.roles import ROLES, Role
from scripts.lib.paths import ROOT

DOCUMENT = ROOT / "docs" / "roles.md"


def table() -> str:
    """Rights by what they are about, a column for every role."""
    roles = {key: role for key, role in ROLES.items() if not role.everything}
    things: dict[str, dict[str, list[str]]] = {}
    for key, role in roles.items():
        for where, names in (("", role.permissions), (" (all)", role.pages + role.collections)):
            for name in names:
                app, codename = name.split(".")
                verb, thing = codename.rsplit("_", 1)
                things.setdefault(f"{app}.{thing}{where}", {}).setdefault(key, []).append(verb)
    lines = ["| |" + "".join(f" {key} |" for key in roles), "| --- |" + " --- |" * len(roles)]
    for thing in sorted(things):
        cells = (" " + ", ".join(sorted(things[thing].get(key, []))) for key in roles)
        lines.append(f"| {thing} |" + "".join(f"{cell.rstrip()} |" for cell in cells))
    return "\n".join(lines)


def test_the_document_has_every_role_and_its_rights() -> None:
    written = DOCUMENT.read_text(encoding="utf-8")

    assert table() in written, f"docs/roles.md should contain:\n{table()}"
    for key, role in ROLES.items():
        assert f"| `{key}` | {role.group} |" in written


def test_only_the_administrator_has_everything() -> None:
    assert [key for key, role in ROLES.items() if role.everything] == ["administrator"]
    assert isinstance(ROLES["administrator"], Role)
