"""chaos publications: cars go into channels while workers die, the broker forgets and platforms fail."""

import json
import random
import shutil
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from ..output import Failure, say, step
from ..paths import PYTHON, ROOT
from ..processes import Process, accepts_connections
from ..processes import run as run_command
from ..servers import Postgres, start_redis
from ..stack import Ports, Stack, running
from .account import Account
from .faults import SandboxDoor
from .plan import ENVIRONMENT, THREADS, WORKERS, Plan

ROUND = 0.2
LATEST = 1.2
"""Seconds: a kill comes at a random moment of so long after its turn."""
DONE = ("published", "uncertain", "failed", "manual_action_required", "withdrawn")


def run(plan: Plan) -> tuple[Account, Account]:
    """The account after the faults, and when a person has looked."""
    folder, database = Path(tempfile.mkdtemp(prefix="avtofamily-chaos-")), Postgres()
    try:
        environment = ENVIRONMENT | {"DATABASE_URL": database.url()}
        with running(Stack(folder, Ports.free(), extra_environment=environment)) as stack:
            return Chaos(stack, plan).run()
    finally:
        database.stop()
        shutil.rmtree(folder, ignore_errors=True)


class Chaos:
    def __init__(self, stack: Stack, plan: Plan) -> None:
        self.stack, self.plan = stack, plan
        self.dice = random.Random(plan.seed)  # noqa: S311  moments, not secrets
        self.door = SandboxDoor(stack.sandbox_url, plan.seed)
        self.workers: list[Process] = []
        self.started = 0

    def run(self) -> tuple[Account, Account]:
        with step("Servers and cars"):
            self._set_up()
        with self._watching(), step("Publishing", self._words):
            self._start_workers()
            self._make_trouble()
            self.door.clear()
            self._settle()
            before = self._account()
            say(f"Left by the faults: {before}")
            answers = self._ledger("resolve")
            say(f"A person has looked: {answers}")
            self._settle()
            after = self._account()
        return before, after

    def _set_up(self) -> None:
        self.stack.start_servers()
        sandbox = self.stack.start_sandbox()
        sandbox.wait_until(lambda: accepts_connections(self.stack.ports.sandbox))
        self.door.control(telegram={"per_minute": 1_000_000})
        filled = self._ledger("fill", self.plan.cars)
        say(f"{filled['desired']} posts are desired")

    def _start_workers(self) -> None:
        self.stack.start_beat()
        ready = [self._start_worker() for _number in range(WORKERS)]
        for worker in ready:
            worker.wait_until(lambda worker=worker: " ready." in worker.log_text())  # type: ignore[misc]

    def _start_worker(self) -> Process:
        self.started += 1
        options = ["-Q", "publications", "-P", "threads", "-c", str(THREADS)]
        worker, _ready = self.stack.start_worker(f"chaos-{self.started}", options)
        self.workers.append(worker)
        return worker

    # --- Trouble ----------------------------------------------------------------------------------
    def _make_trouble(self) -> None:
        """Kills, faults and the broker's loss, each when its share of the work is done."""
        shares = sorted(self.dice.uniform(0.02, 0.9) for _number in range(self.plan.kills))
        self.door.plan(self.plan.faults)
        planned, forgotten, killed = len(self.door.waiting), False, 0
        deadline = time.monotonic() + self.plan.settle_seconds
        while killed < len(shares) or self.door.waiting:
            progress = self._progress()
            done = sum(progress["states"].get(state, 0) for state in DONE) / max(progress["total"], 1)
            self.door.sprinkle(done, planned)
            if killed < len(shares) and done >= shares[killed]:
                killed += 1
                self._kill(killed)
            if not forgotten and done >= 0.5:
                forgotten = True
                self._forget_messages()
            if time.monotonic() > deadline:
                raise Failure(f"It does not get on: {self._words()}")
            time.sleep(ROUND)

    def _kill(self, number: int) -> None:
        """Every third time all workers at once; a new one starts for each that dies."""
        self.door.slow_down(THREADS)
        time.sleep(self.dice.uniform(0, LATEST))
        victims = list(self.workers) if number % 3 == 0 else [self.dice.choice(self.workers)]
        for worker in victims:
            worker.kill()
            self.workers.remove(worker)
            self.stack.processes.remove(worker)
        say(f"  kill {number}: {len(victims)} worker(s) at {self._words()}")
        for _victim in victims:
            self._start_worker()

    def _forget_messages(self) -> None:
        """Redis dies and comes back empty."""
        redis = self.stack.process("Redis")
        redis.kill()
        self.stack.processes.remove(redis)
        data = self.stack.data / "redis-empty"
        self.stack.processes.append(start_redis(self.stack.ports.redis, data, self.stack.log("redis")))
        say("  the broker has lost its messages")

    # --- Looking ----------------------------------------------------------------------------------
    def _settle(self) -> None:
        """Until nothing is due and nobody is at anything."""
        deadline, last = time.monotonic() + self.plan.settle_seconds, 0.0
        # The watcher must have looked since.
        time.sleep(2)
        while (progress := self._progress())["moving"]:
            if progress["paused"]:
                raise Failure(f"A channel is paused: {progress['paused']}")
            if time.monotonic() > deadline:
                raise Failure(f"It does not settle: {self._words()}")
            if time.monotonic() - last > 10:
                last = time.monotonic()
                say(f"  settling: {self._words()}")
            time.sleep(ROUND)

    @contextmanager
    def _watching(self) -> Iterator[None]:
        command = [PYTHON, "-m", "scripts.lib.chaos.ledger", self._file("watch"), "watch"]
        watcher = Process("watch", command, log=self.stack.log("watch"), env=self.stack.environment, cwd=ROOT)
        try:
            watcher.wait_until(self._file("watch").is_file)
            yield
        finally:
            watcher.kill()

    def _progress(self) -> dict[str, Any]:
        return dict(json.loads(self._file("watch").read_text()))

    def _words(self) -> str:
        progress = self._progress() if self._file("watch").is_file() else {"states": {}}
        return ", ".join(f"{count} {state}" for state, count in sorted(progress["states"].items()))

    def _account(self) -> Account:
        return Account("publications", **self._ledger("account"), unanswered=self.door.unanswered())

    def _ledger(self, name: str, *words: object) -> dict[str, Any]:
        answer = self._file(name)
        command = [PYTHON, "-m", "scripts.lib.chaos.ledger", answer, name, *map(str, words)]
        run_command(command, log=self.stack.log("ledger"), env=self.stack.environment, cwd=ROOT)
        return dict(json.loads(answer.read_text()))

    def _file(self, name: str) -> Path:
        return self.stack.data / f"{name}.json"
