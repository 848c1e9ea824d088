"""The demo: everything on embedded defaults, for a person to try or for a machine to check."""

import argparse
import errno
import shutil
import signal
import subprocess
import tempfile
import time
from pathlib import Path
from types import FrameType

from . import environment
from .output import Failure, fail, say, step
from .paths import LOCAL, PYTHON, ROOT
from .processes import answers
from .stack import Ports, Stack, running

# Logs of the last check that failed.
KEPT_LOGS = LOCAL / "check-logs"

WELCOME = """
  Site          {site}
  Admin         {cms}/admin/
  Channels      {sandbox}      what the marketplaces received
  API           {cms}/api/v1/docs

{logins}

  Data and logs: {data}
  Stop: Ctrl-C
"""


def main() -> int:
    parser = argparse.ArgumentParser(description="Runs the whole product on this machine.")
    parser.add_argument("--check", action="store_true", help="start, publish a car through to site and sandbox, stop")
    arguments = parser.parse_args()
    for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
        signal.signal(number, _interrupt)
    try:
        return check() if arguments.check else serve()
    except KeyboardInterrupt:
        say("Stopped")
        return 130 if arguments.check else 0
    except Failure as error:
        return fail(error)
    except OSError as error:
        if error.errno == errno.ENOSPC:
            return fail(Failure("The disk is full."))
        return fail(error)


def _interrupt(number: int, frame: FrameType | None) -> None:
    """One polite end for all signals; further ones do not disturb it."""
    for signal_number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
        signal.signal(signal_number, signal.SIG_IGN)
    raise KeyboardInterrupt


def bring_up(stack: Stack) -> None:
    """From whatever there is to a running product with a built site."""
    stack.start_servers()
    stack.prepare_static()
    stack.prepare_demo_data()
    with step("Starting the processes"):
        stack.start()
        stack.connect_sandbox()
    stack.build_site()
    if not answers(stack.site_url):
        raise Failure(f"The site does not answer at {stack.site_url} (log: {stack.log('site')})")


def serve() -> int:
    stack = Stack(LOCAL / "demo", Ports.from_environment())
    stack.ports.check_free()
    environment.prepare()
    with running(stack):
        bring_up(stack)
        print(
            WELCOME.format(
                site=stack.site_url,
                cms=stack.cms_url,
                sandbox=stack.sandbox_url,
                data=stack.data,
                logins=_logins(stack),
            ),
            flush=True,
        )
        while not (process := stack.dead()):
            time.sleep(0.5)
        raise Failure(f"{process.name} has ended by itself (log: {process.log})")


def _logins(stack: Stack) -> str:
    """Names and passwords of the demo users, from where they are made; kept beside the data that has them."""
    kept = stack.data / "logins.txt"
    if not kept.is_file() or kept.stat().st_mtime < stack.demo_data_stamp().file.stat().st_mtime:
        command = [PYTHON, "manage.py", "load_demo", "--show-logins"]
        shown = subprocess.run(command, env=stack.environment, cwd=ROOT, capture_output=True, text=True, check=False)
        if shown.returncode:
            return "  (the log-ins cannot be shown: see the folder of logs)"
        kept.write_text(shown.stdout)
    return kept.read_text().rstrip()


def check() -> int:
    """A run of its own, beside any running demo: own folder, own ports."""
    environment.prepare()
    folder = Path(tempfile.mkdtemp(prefix="avtofamily-check-"))
    try:
        with running(Stack(folder, Ports.free())) as stack:
            bring_up(stack)
            _publish_through(stack)
    except Failure as error:
        _keep_logs(folder / "logs")
        raise Failure(str(error).replace(str(folder / "logs"), str(KEPT_LOGS))) from error
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    print("ok", flush=True)
    return 0


def _publish_through(stack: Stack) -> None:
    """The product's own code publishes, changes and withdraws a car; the public outside is asked each time."""
    say("Publishing one car through to site and sandbox")
    quiet = {**stack.environment, "LOG_LEVEL": "ERROR"}
    code = subprocess.run([PYTHON, "manage.py", "demo_check"], env=quiet, cwd=ROOT, check=False).returncode
    if code:
        raise Failure(f"The car did not get through, see the line above (logs: {stack.data / 'logs'})")


def _keep_logs(logs: Path) -> None:
    """What failed can be read after its folder is gone."""
    shutil.rmtree(KEPT_LOGS, ignore_errors=True)
    if logs.is_dir():
        shutil.copytree(logs, KEPT_LOGS)
