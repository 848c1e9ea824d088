"""The whole product on this machine: CMS, workers, renderer, static site and sandbox."""

import os
import shutil
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, fields
from pathlib import Path

from .environment import Stamp, digest, node, node_environment, project_files
from .output import Failure, say, step
from .paths import LOCAL, PYTHON, RENDERER, ROOT
from .processes import HOST, Process, accepts_connections, answers, free_port, last_line, port_is_free, run, stop_all
from .servers import start_redis, start_site_server

# Each queue has its own worker: a bulk rebuild of pages or pictures must not hold up a channel.
WORKERS = {
    "storefront": ["-Q", "storefront", "-P", "threads", "-c", "2"],
    "publications": ["-Q", "publications,monitoring,default", "-P", "threads", "-c", "4"],
    "renditions": ["-Q", "renditions", "-P", "prefork", "-c", "1"],
    "imports": ["-Q", "imports", "-P", "threads", "-c", "2"],
}


@dataclass(frozen=True)
class Ports:
    """Where the parts listen, all on loopback. Each can be changed by AVTOFAMILY_<NAME>_PORT."""

    cms: int = 8000
    site: int = 8080
    sandbox: int = 8090
    renderer: int = 3100
    redis: int = 6390

    @classmethod
    def from_environment(cls) -> "Ports":
        given = {}
        for part in fields(cls):
            variable = f"AVTOFAMILY_{part.name.upper()}_PORT"
            text = os.environ.get(variable, "")
            if text and not (text.isdigit() and 0 < int(text) < 65536):
                raise Failure(f"{variable} must be a port number, it is {text!r}.")
            if text:
                given[part.name] = int(text)
        return cls(**given)

    @classmethod
    def free(cls) -> "Ports":
        return cls(**{part.name: free_port() for part in fields(cls)})

    def check_free(self) -> None:
        for part in fields(self):
            port = getattr(self, part.name)
            if not port_is_free(port):
                variable = f"AVTOFAMILY_{part.name.upper()}_PORT"
                raise Failure(
                    f"Port {port} ({part.name}) is in use. Stop what listens there (another demo?) or set {variable}."
                )


@dataclass
class Stack:
    """One running product with its data in one folder."""

    data: Path
    ports: Ports
    settings: str = "cms.settings.dev"
    extra_environment: dict[str, str] = field(default_factory=dict)
    processes: list[Process] = field(default_factory=list)

    @property
    def cms_url(self) -> str:
        return f"http://{HOST}:{self.ports.cms}"

    @property
    def site_url(self) -> str:
        return f"http://{HOST}:{self.ports.site}"

    @property
    def sandbox_url(self) -> str:
        return f"http://{HOST}:{self.ports.sandbox}"

    @property
    def environment(self) -> dict[str, str]:
        """What each Django process of this stack sees."""
        return {
            **os.environ,
            "DJANGO_SETTINGS_MODULE": self.settings,
            "PYTHONUNBUFFERED": "1",
            "PYTHONUTF8": "1",
            "DATA_DIR": str(self.data),
            "DATABASE_URL": "",
            "REDIS_URL": f"redis://{HOST}:{self.ports.redis}/0",
            "CMS_URL": self.cms_url,
            "SITE_URL": self.site_url,
            "RENDERER_URL": f"http://{HOST}:{self.ports.renderer}",
            "NBRB_URL": f"{self.sandbox_url}/nbrb",
            "SANDBOX_URL": self.sandbox_url,
            # Whoever tries the demo wants to see an edit soon.
            "EDIT_DELAY": "3",
            "EMAIL_FILE_PATH": str(self.data / "mail"),
            **self.extra_environment,
        }

    def log(self, name: str) -> Path:
        return self.data / "logs" / f"{name}.log"

    def manage(self, *command: str) -> None:
        """A management command to its end."""
        run([PYTHON, "manage.py", *command], log=self.log("manage"), env=self.environment, cwd=ROOT)

    def start_servers(self) -> None:
        """What the preparation of the database may need."""
        self.ports.check_free()
        self.data.mkdir(parents=True, exist_ok=True)
        self._add(start_redis(self.ports.redis, self.data / "redis", self.log("redis")))

    def prepare_demo_data(self) -> None:
        """Schema and demo data, unless nothing has changed that they are made of."""
        stamp = self.demo_data_stamp()
        if stamp.fresh() and (self.data / "db.sqlite3").is_file():
            return
        with step("Database and demo data", self.last_words):
            self.manage("setup_demo")
        stamp.set()

    def connect_sandbox(self) -> None:
        """The sandbox remembers which files it fetches, as long as the channels are the same."""
        stamp = Stamp("sandbox", self.demo_data_stamp().value, self.data)
        if not stamp.fresh():
            self.manage("connect_sandbox")
            stamp.set()

    def demo_data_stamp(self) -> Stamp:
        sources = [file for kind in ("*.py", "*.json", "*.toml") for file in project_files(kind)]
        return Stamp("demo-data", digest(sources, str(self.ports)), self.data)

    def build_site(self) -> None:
        """Every page, unless they were made by this very renderer: later changes follow by themselves."""
        assets = digest(file for file in RENDERER.parents[1].rglob("*.*") if file.is_file())
        stamp = Stamp("site", assets, self.data)
        if stamp.fresh() and (self.data / "site" / "index.html").is_file():
            return
        with step("Building the site", self.last_words):
            self.manage("build_site")
        stamp.set()

    def last_words(self) -> str:
        """How far the running management command is."""
        return last_line(self.log("manage").read_text(errors="replace")) if self.log("manage").is_file() else ""

    def prepare_static(self) -> None:
        """Compressing them takes half a minute: done once for all data folders of this checkout."""
        lock = [file for file in [ROOT / "requirements.lock"] if file.is_file()]
        value = digest([*lock, *project_files("static/**/*.*")])
        stamp, shared = Stamp("static", value), LOCAL / "static"
        own, own_stamp = self.data / "static", Stamp("static", value, self.data)
        if own_stamp.fresh():
            return
        if stamp.fresh() and shared.is_dir():
            shutil.copytree(shared, own, dirs_exist_ok=True)
        else:
            with step("Static files of the admin"):
                self.manage("collectstatic", "--noinput")
            shutil.copytree(own, shared, dirs_exist_ok=True)
            stamp.set()
        own_stamp.set()

    def start(self) -> None:
        """Starts every part that does not run yet, then waits until each answers."""
        starters: list[tuple[Process, Callable[[], bool]]] = [
            (self._cms(), lambda: answers(f"{self.cms_url}/healthz")),
            (self._renderer(), lambda: accepts_connections(self.ports.renderer)),
            (self._site(), lambda: accepts_connections(self.ports.site)),
            (self.start_sandbox(), lambda: accepts_connections(self.ports.sandbox)),
        ]
        starters += [self.start_worker(name, options) for name, options in WORKERS.items()]
        starters.append((self.start_beat(), lambda: True))
        for process, ready in starters:
            process.wait_until(ready)
        self._wait_ready()

    def _wait_ready(self) -> None:
        """The CMS itself says whether database, broker, storage and renderer are fine."""
        end = time.monotonic() + 30
        while not answers(f"{self.cms_url}/readyz", 10):
            if time.monotonic() > end:
                raise Failure(f"The CMS is not ready: {self.cms_url}/readyz says why (log: {self.log('cms')})")
            time.sleep(0.2)

    def stop(self) -> None:
        stop_all(self.processes)
        self.processes.clear()

    def dead(self) -> Process | None:
        """A part that has ended by itself."""
        return next((process for process in self.processes if not process.running()), None)

    def process(self, name: str) -> Process:
        return next(process for process in self.processes if process.name == name)

    def _add(self, process: Process) -> Process:
        self.processes.append(process)
        return process

    def _launch(self, name: str, command: list[str | Path], env: dict[str, str] | None = None) -> Process:
        return self._add(Process(name, command, log=self.log(name), env=env or self.environment, cwd=ROOT))

    def _cms(self) -> Process:
        options = ["--workers", "2", "--threads", "4", "--preload", "--timeout", "120"]
        return self._launch(
            "cms", [PYTHON, "-m", "gunicorn", "cms.wsgi", "--bind", f"{HOST}:{self.ports.cms}", *options]
        )

    def start_worker(self, name: str, options: list[str]) -> tuple[Process, Callable[[], bool]]:
        command = [PYTHON, "-m", "celery", "-A", "cms", "worker", "--without-gossip", "--without-mingle"]
        process = self._launch(f"worker-{name}", [*command, "-n", f"{name}@%h", "--loglevel", "INFO", *options])
        return process, lambda: " ready." in process.log_text()

    def start_beat(self) -> Process:
        schedule = self.data / "celerybeat-schedule"
        return self._launch(
            "beat", [PYTHON, "-m", "celery", "-A", "cms", "beat", "--schedule", schedule, "--pidfile", "", "-l", "INFO"]
        )

    def _renderer(self) -> Process:
        env = {
            **node_environment(),
            "HOST": HOST,
            "NITRO_HOST": HOST,
            "PORT": str(self.ports.renderer),
            "NITRO_PORT": str(self.ports.renderer),
            "NUXT_CMS_URL": self.cms_url,
            "NUXT_PUBLIC_SITE_URL": self.site_url,
            "NODE_ENV": "production",
        }
        return self._launch("renderer", [node(), RENDERER], env)

    def _site(self) -> Process:
        return self._add(
            start_site_server(
                self.data, self.ports.site, self.ports.cms, self.cms_url, self.log("site"), self.environment
            )
        )

    def start_sandbox(self) -> Process:
        data = self.data / "sandbox"
        data.mkdir(exist_ok=True)
        command = [PYTHON, "-m", "integrations.sandbox", "--port", str(self.ports.sandbox), "--data", data, "--demo"]
        return self._launch("sandbox", command)


@contextmanager
def running(stack: Stack) -> Iterator[Stack]:
    """Whatever happens inside, nothing is left running."""
    try:
        yield stack
    finally:
        if stack.processes:
            say("Stopping")
            stack.stop()
