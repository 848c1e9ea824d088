"""How the product's processes are started and stopped: nothing may be left running."""

import os
import socket
import subprocess
import sys
import time
from pathlib import Path

import pytest

from scripts.lib.npm_lock import complete, missing
from scripts.lib.output import Failure
from scripts.lib.paths import ROOT
from scripts.lib.processes import Process, free_port, run, stop_all
from scripts.lib.stack import Ports

# Starts a child of its own and then waits; ignores the polite signal if told so.
PARENT = """
import signal, subprocess, sys, time
if "deaf" in sys.argv: signal.signal(signal.SIGTERM, signal.SIG_IGN)
child = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(60)"])
print(child.pid, flush=True)
time.sleep(60)
"""


def alive(pid: int) -> bool:
    """A zombie that waits for its parent to look is not alive."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0] != "Z"
    except OSError:
        return False


def start(tmp_path: Path, *arguments: str) -> tuple[Process, int]:
    process = Process("parent", [sys.executable, "-c", PARENT, *arguments], log=tmp_path / "log")
    process.wait_until(lambda: process.log_text().strip() != "", 10)
    return process, int(process.log_text())


def gone_soon(pid: int) -> bool:
    end = time.monotonic() + 5
    while alive(pid) and time.monotonic() < end:
        time.sleep(0.02)
    return not alive(pid)


def test_stopping_ends_the_children_too(tmp_path: Path) -> None:
    process, child = start(tmp_path)
    assert alive(child)

    stop_all([process])

    assert not process.running()
    assert gone_soon(child)


def test_process_that_does_not_listen_is_ended(tmp_path: Path) -> None:
    process, child = start(tmp_path, "deaf")

    process.ask_to_stop()
    process.wait_stopped(0.3)

    assert not process.running()
    assert gone_soon(child)


def test_servers_end_when_their_starter_is_killed(tmp_path: Path) -> None:
    starter = f"""
import sys, time; sys.path.insert(0, {str(ROOT)!r})
from pathlib import Path
from scripts.lib.processes import Process
process = Process("x", [sys.executable, "-c", "import time; time.sleep(60)"], log=Path({str(tmp_path)!r}) / "log")
print(process.pid, flush=True)
time.sleep(60)
"""
    demo = subprocess.Popen([sys.executable, "-c", starter], stdout=subprocess.PIPE, text=True)
    assert demo.stdout
    server = int(demo.stdout.readline())
    assert alive(server)

    demo.kill()
    demo.wait()

    assert gone_soon(server)


def test_process_that_ends_at_once_is_reported_in_one_line(tmp_path: Path) -> None:
    process = Process("CMS", [sys.executable, "-c", "print('a'); exit('no database')"], log=tmp_path / "cms.log")

    with pytest.raises(Failure, match=r"^CMS has ended: no database \(log: .*cms\.log\)$"):
        process.wait_until(lambda: False, 10)


@pytest.mark.parametrize(
    ("output", "reason"),
    [
        (
            "npm error code E404\nnpm error 404 Not Found\nnpm error A complete log of this run",
            "npm error 404 Not Found",
        ),
        ("Collecting x\nERROR: No matching distribution found for x", "ERROR: No matching distribution found for x"),
        ("Traceback\nOSError: [Errno 28] No space left on device\nmore", "the disk is full"),
        ("", "it wrote nothing"),
    ],
)
def test_failed_command_says_why(tmp_path: Path, output: str, reason: str) -> None:
    command = [sys.executable, "-c", f"print({output!r}); exit(3)"]

    with pytest.raises(Failure) as caught:
        run(command, log=tmp_path / "log")

    assert f"failed: {reason} (log:" in str(caught.value)
    assert "\n" not in str(caught.value)


def test_port_in_use_is_named_with_its_variable() -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        ports = Ports(free_port(), free_port(), free_port(), port, free_port())

        with pytest.raises(Failure, match=rf"^Port {port} \(renderer\) is in use\..*AVTOFAMILY_RENDERER_PORT\.$"):
            ports.check_free()


@pytest.mark.parametrize("value", ["abc", "0", "70000", "-1", "80 80"])
def test_odd_port_is_refused(monkeypatch: pytest.MonkeyPatch, value: str) -> None:
    monkeypatch.setenv("AVTOFAMILY_SITE_PORT", value)

    with pytest.raises(Failure, match="AVTOFAMILY_SITE_PORT must be a port number"):
        Ports.from_environment()


def test_demo_says_in_one_line_that_a_port_is_taken() -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        env = {**os.environ, "AVTOFAMILY_CMS_PORT": str(taken.getsockname()[1])}
        result = subprocess.run(
            [ROOT / "scripts/demo"], env=env, cwd="/", capture_output=True, text=True, timeout=30, check=False
        )

    assert result.returncode == 1
    assert result.stdout == ""
    assert result.stderr.startswith("FAILED: Port ")
    assert result.stderr.count("\n") == 1


def test_interrupted_demo_stops_without_a_traceback(tmp_path: Path) -> None:
    script = f"""
import os, signal, sys; sys.path.insert(0, {str(ROOT)!r})
from scripts.lib import demo
demo.serve = lambda: (os.kill(os.getpid(), signal.SIGTERM), signal.pause())
sys.argv = ["demo"]; sys.exit(demo.main())
"""
    result = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, timeout=30, check=False)

    assert (result.returncode, result.stderr) == (0, "")
    assert result.stdout.endswith("Stopped\n")


def test_lock_gets_the_packages_that_npm_left_out() -> None:
    packages = {
        "": {},
        "node_modules/tool": {
            "dev": True,
            "funding": {"url": "address"},
            "optionalDependencies": {"@tool/linux-x64-gnu": "1.2.3", "@tool/darwin-arm64": "1.2.3"},
        },
        "node_modules/@tool/linux-x64-gnu": {"version": "1.2.3"},
    }

    whole = complete(packages)

    assert whole["node_modules/@tool/darwin-arm64"] == {
        "version": "1.2.3", "cpu": ["arm64"], "dev": True, "optional": True, "os": ["darwin"],
    }  # fmt: skip
    assert "funding" not in whole["node_modules/tool"]
    assert list(missing(whole)) == []
