"""The parts of scripts/test, in the order in which they run: quick ones first, pytest's own line last."""

import argparse
import json
import os
import re
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from . import environment, npm_lock
from .browser import ensure_chromium
from .output import Failure, fail, say, step
from .paths import PYTHON, ROOT, SITE_SOURCE
from .processes import last_line

Part = Callable[[], None]

# A lock that names a host would tie every installation to it.
ADDRESS = re.compile(r'https?://|"resolved"')

PYTEST = [PYTHON, "-m", "pytest"]


def main() -> int:
    parser = argparse.ArgumentParser(description="Sets up and checks everything.")
    parser.add_argument("--only", choices=PARTS, metavar="NAME", help=", ".join(PARTS))
    chosen = parser.parse_args().only
    try:
        environment.prepare(dev=True)
        for name in [chosen] if chosen else PARTS:
            _run_part(name)
    except KeyboardInterrupt:
        return 130
    except (Failure, OSError) as error:
        return fail(error)
    return 0


def _run_part(name: str) -> None:
    say(f"== {name}")
    begun = time.monotonic()
    PARTS[name]()
    # Nothing may follow the closing line of pytest.
    if name != "pytest":
        say(f"   {name}: ok, {time.monotonic() - begun:.0f} s")


def quiet(name: str, command: list[str | Path], env: dict[str, str] | None = None, cwd: Path = ROOT) -> None:
    """Runs a checker; its words are shown only when it has found something."""
    result = subprocess.run(
        [str(part) for part in command],
        cwd=cwd,
        env=env,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        errors="replace",
        check=False,
    )
    if result.returncode:
        print(result.stdout, flush=True)
        raise Failure(f"{name}: {last_line(result.stdout)}")


def tool(name: str, *arguments: str) -> Part:
    """A checker from the Python environment."""
    return lambda: quiet(name, [PYTHON.parent / name, *arguments], env=_django_environment())


def site_tool(name: str, *script: str) -> Part:
    """A script of nuxt-site/package.json."""

    def run_script() -> None:
        with step(name):
            quiet(name, [*environment.npm(), "run", *script], env=environment.node_environment(), cwd=SITE_SOURCE)

    return run_script


def _django_environment() -> dict[str, str]:
    """Checkers that load Django touch no database of anybody."""
    return {**os.environ, "DJANGO_SETTINGS_MODULE": "cms.settings.test", "PYTHONUTF8": "1", "DATABASE_URL": ""}


def migrations() -> None:
    quiet("migrations", [PYTHON, "manage.py", "makemigrations", "--check", "--dry-run"], env=_django_environment())


def templates() -> None:
    """Indentation of templates, by djhtml."""
    files = [file for file in environment.project_files("*.html") if "templates" in file.parts]
    if files:
        quiet("djhtml", [PYTHON.parent / "djhtml", "--check", "--tabwidth", "2", *files])


def locks() -> None:
    """No lock names an address, and npm's is complete enough for its own `npm ci`."""
    for lock in [*ROOT.glob("*.lock"), SITE_SOURCE / "package-lock.json"]:
        for number, line in enumerate(lock.read_text().splitlines(), 1):
            if ADDRESS.search(line):
                raise Failure(f"{lock.name}:{number} names an address: {line.strip()[:100]}")
    packages = json.loads(npm_lock.LOCK.read_text())["packages"]
    if left_out := [name for name, _, _ in npm_lock.missing(packages)]:
        raise Failure(f"package-lock.json lacks {left_out[0]}: run `python3 -m scripts.lib.npm_lock`")


def pytest(*arguments: str, **variables: str) -> None:
    """Runs pytest with its output as it comes; stops everything on a failure."""
    command = [*map(str, PYTEST), *arguments]
    env = {**os.environ, "PYTHONUTF8": "1", "PYTHONUNBUFFERED": "1", **variables}
    if subprocess.run(command, cwd=ROOT, env=env, stdin=subprocess.DEVNULL, check=False).returncode:
        raise Failure("pytest: see above")


def smoke() -> None:
    """The part that also runs on the embedded default, SQLite."""
    with tempfile.TemporaryDirectory(prefix="avtofamily-smoke-") as folder:
        pytest("-m", "smoke", TEST_DATABASE_URL=f"sqlite:///{folder}/smoke.sqlite3")


def browser() -> None:
    """The whole product, driven in Chromium."""
    if list((ROOT / "tests" / "e2e").glob("test_*.py")):
        pytest("-m", "e2e", "tests/e2e", CHROMIUM_PATH=ensure_chromium())


def python_tests() -> None:
    sys.stdout.flush()
    pytest("-m", "not e2e")


PARTS: dict[str, Part] = {
    "ruff": tool("ruff", "check", "."),
    "format": tool("ruff", "format", "--check", "."),
    "locks": locks,
    "templates": templates,
    "imports": tool("lint-imports"),
    "migrations": migrations,
    "mypy": tool("mypy"),
    "eslint": site_tool("eslint", "lint"),
    "vue-tsc": site_tool("vue-tsc", "typecheck"),
    "vitest": site_tool("vitest", "test"),
    "smoke": smoke,
    "e2e": browser,
    "pytest": python_tests,
}
"""The renderer's build is part of the set-up, for each run that needs it."""
