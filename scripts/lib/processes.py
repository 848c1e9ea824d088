"""Child processes: started in their own group, watched, and stopped with all their children."""

import contextlib
import ctypes
import os
import signal
import socket
import subprocess
import time
import urllib.request
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from .output import Failure

HOST = "127.0.0.1"

# Workers finish the page in hand; nobody waits longer than this for a polite end.
STOP_SECONDS = 10

PR_SET_PDEATHSIG = 1

# What npm says before it comes to the point.
NPM_NOISE = ("npm error code", "npm error errno", "npm error syscall", "npm error path", "npm error A complete log")

# Our own servers are on loopback: a proxy of the environment must not come between.
_opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind((HOST, 0))
        return int(probe.getsockname()[1])


def port_is_free(port: int) -> bool:
    with socket.socket() as probe:
        # As servers do: a port whose last connection is only just closed is free.
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((HOST, port))
        except OSError:
            return False
    return True


def _end_with_parent(stop_signal: int) -> Callable[[], None]:
    """Linux sends the signal to the child when we die, however that happens."""
    libc = ctypes.CDLL(None, use_errno=True)

    def set_death_signal() -> None:
        if hasattr(libc, "prctl"):
            libc.prctl(PR_SET_PDEATHSIG, stop_signal)

    return set_death_signal


class Process:
    """One server. Start it from the main thread: its life is bound to the thread that starts it."""

    def __init__(
        self,
        name: str,
        command: Sequence[str | Path],
        *,
        log: Path,
        env: Mapping[str, str] | None = None,
        cwd: Path | None = None,
        user: int | None = None,
        stop_signal: int = signal.SIGTERM,
    ) -> None:
        self.name = name
        self.log = log
        self.stop_signal = stop_signal
        log.parent.mkdir(parents=True, exist_ok=True)
        self._log_start = log.stat().st_size if log.exists() else 0
        with log.open("ab") as output:
            self._popen = subprocess.Popen(
                [str(part) for part in command],
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                env=dict(env) if env is not None else None,
                cwd=cwd,
                start_new_session=True,
                user=user,
                group=user,
                extra_groups=[] if user is not None else None,
                preexec_fn=_end_with_parent(stop_signal),  # noqa: PLW1509  no lock is taken in it
            )
        self.pid = self._popen.pid

    def running(self) -> bool:
        return self._popen.poll() is None

    def log_text(self) -> str:
        """What this run has written."""
        with self.log.open("rb") as file:
            file.seek(self._log_start)
            return file.read().decode(errors="replace")

    def wait_until(self, ready: Callable[[], bool], seconds: float = 60) -> None:
        """Raises Failure if the process ends or is not ready in time."""
        end = time.monotonic() + seconds
        while not ready():
            if not self.running():
                raise Failure(f"{self.name} has ended: {last_line(self.log_text())} (log: {self.log})")
            if time.monotonic() > end:
                raise Failure(f"{self.name} is not ready after {seconds:.0f} s (log: {self.log})")
            time.sleep(0.05)

    def ask_to_stop(self) -> None:
        if self.running():
            self._signal(self.stop_signal)

    def wait_stopped(self, seconds: float = STOP_SECONDS) -> None:
        """Waits for a polite end, then ends the whole group."""
        with contextlib.suppress(subprocess.TimeoutExpired):
            self._popen.wait(max(seconds, 0.1))
        self._signal(signal.SIGKILL, group=True)
        self._popen.wait()

    def stop(self) -> None:
        self.ask_to_stop()
        self.wait_stopped()

    def kill(self) -> None:
        """No polite end: what a power cut does."""
        self._signal(signal.SIGKILL, group=True)
        self._popen.wait()

    def _signal(self, number: int, *, group: bool = False) -> None:
        try:
            if group:
                os.killpg(self.pid, number)
            else:
                os.kill(self.pid, number)
        except (ProcessLookupError, PermissionError):
            pass


def stop_all(processes: Sequence[Process]) -> None:
    """Stops in reverse order of starting; all get the signal at once and share the time."""
    for process in reversed(processes):
        process.ask_to_stop()
    end = time.monotonic() + STOP_SECONDS
    for process in reversed(processes):
        process.wait_stopped(end - time.monotonic())


def last_line(text: str) -> str:
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    return lines[-1][:300] if lines else "it wrote nothing"


def answers(url: str, seconds: float = 2) -> bool:
    """Whether it answers over HTTP and is well."""
    try:
        with _opener.open(url, timeout=seconds) as response:
            return bool(response.status < 400)
    except (OSError, ValueError):
        return False


def accepts_connections(port: int) -> bool:
    try:
        with socket.create_connection((HOST, port), timeout=1):
            return True
    except OSError:
        return False


def run(
    command: Sequence[str | Path], *, log: Path, env: Mapping[str, str] | None = None, cwd: Path | None = None
) -> None:
    """Runs a command to its end with its output in `log`. Failure names its last line."""
    log.parent.mkdir(parents=True, exist_ok=True)
    with log.open("ab") as output:
        start = output.tell()
        process = subprocess.Popen(
            [str(part) for part in command],
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            env=dict(env) if env is not None else None,
            cwd=cwd,
            preexec_fn=_end_with_parent(signal.SIGTERM),  # noqa: PLW1509  no lock is taken in it
        )
        try:
            code = process.wait()
        except BaseException:
            process.terminate()
            process.wait()
            raise
    if code:
        with log.open("rb") as file:
            file.seek(start)
            text = file.read().decode(errors="replace")
        raise Failure(f"{_name(command)} failed: {_reason(text)} (log: {log})")


def _name(command: Sequence[str | Path]) -> str:
    return " ".join(Path(part).name if os.sep in str(part) else str(part) for part in command[:5])


def _reason(text: str) -> str:
    """The line that says most: npm's first, else the last one that speaks of an error, else the last."""
    lines = [line.strip() for line in text.splitlines()]
    if any("No space left on device" in line or "ENOSPC" in line for line in lines):
        return "the disk is full"
    npm = [line for line in lines if line.startswith("npm error ") and not line.startswith(NPM_NOISE)]
    if npm:
        return npm[0][:300]
    for line in reversed(lines):
        if line.lower().startswith(("error", "fatal", "commanderror")):
            return line[:300]
    return last_line(text)
