"""Completes nuxt-site/package-lock.json: `python3 -m scripts.lib.npm_lock`, after each `npm install`.

npm leaves out packages for other platforms when the registry it asks cannot show them, and then its own
`npm ci` refuses the lock. They are named here with their version and platform, which is all that npm needs to pass
over them. Addresses of sponsors go as well: a lock of this project names no address.
"""

import json
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from .paths import SITE_SOURCE

LOCK = SITE_SOURCE / "package-lock.json"

SYSTEMS = {"aix", "android", "darwin", "freebsd", "linux", "netbsd", "openbsd", "openharmony", "sunos", "win32"}
PROCESSORS = {"arm", "arm64", "ia32", "loong64", "mips64el", "ppc64", "riscv64", "s390x", "wasm32", "x64"}

Packages = dict[str, dict[str, Any]]


def missing(packages: Packages) -> Iterator[tuple[str, str, bool]]:
    """Optional packages that the lock does not have: name, version, whether only development needs them."""
    for place, package in packages.items():
        for name, version in package.get("optionalDependencies", {}).items():
            if not any(f"{parent}node_modules/{name}" in packages for parent in _parents(place)):
                yield name, version, bool(package.get("dev"))


def _parents(place: str) -> Iterator[str]:
    """Where Node looks for a package from here: below it, then further and further up."""
    while place:
        yield f"{place}/"
        place = place.rpartition("node_modules/")[0].rstrip("/")
    yield ""


def entry(name: str, version: str, dev: bool) -> dict[str, Any]:
    """What the lock says of a package for another platform."""
    words = name.rpartition("/")[2].split("-")
    result: dict[str, Any] = {"version": version}
    if processors := [word for word in words if word in PROCESSORS]:
        result["cpu"] = processors
    if dev:
        result["dev"] = True
    result["optional"] = True
    if systems := [word for word in words if word in SYSTEMS]:
        result["os"] = systems
    if not processors and not systems:
        raise ValueError(f"{name} does not say for which platform it is")
    return result


def complete(packages: Packages) -> Packages:
    """The lock's packages, whole and without addresses."""
    whole = {
        place: {key: value for key, value in package.items() if key != "funding"} for place, package in packages.items()
    }
    for name, version, dev in list(missing(packages)):
        whole[f"node_modules/{name}"] = entry(name, version, dev)
    return dict(sorted(whole.items()))


def main(file: Path = LOCK) -> int:
    lock = json.loads(file.read_text())
    lock["packages"] = complete(lock["packages"])
    file.write_text(json.dumps(lock, indent=2, ensure_ascii=False) + "\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
