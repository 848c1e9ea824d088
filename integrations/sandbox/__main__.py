"""python -m integrations.sandbox --port 8090 --data DIR"""

import argparse
import copy
import signal
import threading
from pathlib import Path
from types import FrameType

from .server import Sandbox

DEMO = {"instagram": {"quota_total": 100_000}}
"""All of the demo's cars appear on one day."""


def main() -> None:
    arguments = _arguments()
    sandbox = Sandbox(arguments.data, port=arguments.port)
    if arguments.demo:
        sandbox.control(copy.deepcopy(DEMO))

    def stop(number: int, frame: FrameType | None) -> None:
        # `shutdown` waits for the serving loop, which runs in this very thread.
        threading.Thread(target=sandbox.server.shutdown, daemon=True).start()

    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, stop)
    sandbox.server.serve_forever(poll_interval=0.2)
    sandbox.close()


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m integrations.sandbox", description=__doc__)
    parser.add_argument("--port", type=int, default=8090)
    parser.add_argument("--data", type=Path, required=True, help="folder that keeps the posts over a restart")
    parser.add_argument("--demo", action="store_true", help="as the demo wants it: generous where platforms are not")
    return parser.parse_args()


if __name__ == "__main__":
    main()
