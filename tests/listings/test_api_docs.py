"""The examples of docs/api.md are run, and say of every route and scope what it is."""

import json
import re
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest

from cms.api import api
from listings.exchange.engine import work
from listings.exchange.states import ImportState
from listings.models import Import
from listings.vocabulary import Scope
from scripts.lib.paths import ROOT
from tests.factories import CarModelFactory, CityFactory, DealerFactory, MakeFactory, picture_bytes

from .api import Program

DOCUMENT = (ROOT / "docs" / "api.md").read_text(encoding="utf-8")
BLOCKS = re.findall(r"^```sh\n(.*?)^```$", DOCUMENT, re.MULTILINE | re.DOTALL)
CALLS = [call for block in BLOCKS for call in re.split(r"^(?=curl )", block, flags=re.MULTILINE) if call.strip()]


@pytest.mark.parametrize("scope", Scope.values)
def test_every_scope_is_documented(scope: str) -> None:
    assert f"`{scope}`" in DOCUMENT


def test_every_route_of_tokens_has_an_example() -> None:
    schema = json.loads(json.dumps(api.get_openapi_schema(), default=str))
    missing = []
    for path, operations in schema["paths"].items():
        for method, operation in operations.items():
            if "security" not in operation:
                continue
            address = re.sub(r"\\\{\w+\\\}", r"[\\w:$-]+", re.escape(path)) + r"[\"?]"
            examples = [call for call in CALLS if re.search(address, call)]
            if not any(method_of(call) == method for call in examples):
                missing.append(f"{method} {path}")
    assert missing == []


def method_of(call: str) -> str:
    named = re.search(r"-X (\w+)", call)
    return named[1].lower() if named else "post" if re.search(r"\s-[dF] ", call) else "get"


class Reader:
    """Somebody who tries the examples one after the other; a worker is at hand."""

    def __init__(self, program: Program, folder: Path, address: str) -> None:
        self.program, self.folder = program, folder
        self.environment = {"AVTOFAMILY": address, "TOKEN": program.secret, "PATH": "/usr/bin:/bin"}
        for name, color in (("front", "red"), ("side", "blue")):
            (folder / f"{name}.jpg").write_bytes(picture_bytes(color).read())
        self.write_table("external_id")

    def write_table(self, number: str) -> None:
        (self.folder / "cars.csv").write_text(f"{number};Марка;Цена\nA-1042;BMW;90000", encoding="utf-8")

    def run(self, call: str) -> Any:
        done = subprocess.run(
            ["bash", "-c", f'curl() {{ command curl -sS --fail-with-body "$@"; }}; {self.prepared(call)}'],
            cwd=self.folder,
            env=self.environment,
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, f"{call}\n{done.stdout}\n{done.stderr}"
        answer = json.loads(done.stdout) if done.stdout.startswith(("{", "[")) else done.stdout
        if "-F file=" in call:
            self.environment["ID"] = answer["id"]
            work(Import.objects.get(uuid=answer["id"]).pk)
        return answer

    def prepared(self, call: str) -> str:
        """The example, and what has to be true for it."""
        if "/mapping" in call:
            self.write_table("Наш номер")
            self.run(next(other for other in CALLS if "-F file=" in other))
        if "/decide" in call:
            Import.objects.update(state=ImportState.WAITING)
        if '"photos": [2, 1]' in call:
            photos = self.program.get("dealer/listings/A-1042").json()["photos"]
            return call.replace("[2, 1]", json.dumps([photo["id"] for photo in photos][::-1]))
        return call


@pytest.mark.skipif(shutil.which("curl") is None, reason="curl is not installed")
@pytest.mark.django_db(transaction=True)
def test_every_example_works(live_server: Any, folders: Path) -> None:
    CarModelFactory(make=MakeFactory())
    reader = Reader(Program(DealerFactory(city=CityFactory())), folders, live_server.url)

    answers = {call: reader.run(call) for call in CALLS}

    batch = next(answer for call, answer in answers.items() if "/batch" in call)
    assert batch["counts"] == {"create": 1, "change": 1, "same": 0, "refused": 0}
    bulk = next(answer for call, answer in answers.items() if "/bulk" in call)
    assert bulk["counts"] == {"done": 2, "refused": 0}
