import gzip
import os
from pathlib import Path

import brotli
import pytest

from cms.storefront.paths import UnsafePath, normalise
from cms.storefront.targets import FolderTarget, compress


def test_page_is_written_with_its_compressed_forms(target: FolderTarget) -> None:
    target.put("/cars/bmw-x5", compress(b"<p>hello</p>"))

    folder = target.root / "cars/bmw-x5"
    assert sorted(os.listdir(folder)) == ["index.html", "index.html.br", "index.html.gz"]
    assert (folder / "index.html").read_bytes() == b"<p>hello</p>"
    assert gzip.decompress((folder / "index.html.gz").read_bytes()) == b"<p>hello</p>"
    assert brotli.decompress((folder / "index.html.br").read_bytes()) == b"<p>hello</p>"


@pytest.mark.parametrize(
    ("path", "file"),
    [
        ("/", "index.html"),
        ("/catalog", "catalog/index.html"),
        ("/о-компании", "о-компании/index.html"),
        ("/404", "404.html"),
        ("/410", "410.html"),
    ],
)
def test_each_address_has_its_file(target: FolderTarget, path: str, file: str) -> None:
    assert target.file_for(path) == target.root / file


@pytest.mark.parametrize(
    "path",
    [
        "",
        "cars",
        "//evil.example",
        "/../etc/passwd",
        "/cars/../../x",
        "/cars/./x",
        "/%2e%2e/x",
        "/cars/.gone",
        "/.git/config",
        "/a\\b",
        "/a\x00b",
        "/a\nb",
        "/a\u202eb",
        "/_nuxt/entry.js",
        "/api/v1/leads",
        "/media/x",
        "/" + "a" * 201,
        "/" + "я" * 101,
        "/" + "/".join(["a" * 100] * 6),
    ],
)
def test_unsafe_address_is_refused_and_nothing_is_written(target: FolderTarget, path: str) -> None:
    with pytest.raises(UnsafePath):
        target.put(path, {"": b"x"})

    assert list(target.root.parent.rglob("*")) == [target.root]


@pytest.mark.parametrize(
    ("given", "stored"),
    [("/", "/"), ("/cars/x/", "/cars/x"), ("/%D0%BE", "/о"), ("/a?b=/../c", "/a"), ("/и\u0306", "/й")],
)
def test_each_address_has_one_spelling(given: str, stored: str) -> None:
    assert normalise(given) == stored


def test_symbolic_link_does_not_lead_out_of_the_folder(target: FolderTarget, tmp_path: Path) -> None:
    outside = tmp_path / "outside"
    outside.mkdir()
    (target.root / "cars").symlink_to(outside)

    with pytest.raises(UnsafePath):
        target.put("/cars", {"": b"x"})
    with pytest.raises(UnsafePath):
        target.remove("/cars", gone=True)

    assert list(outside.iterdir()) == []


def test_removed_page_leaves_only_its_marker(target: FolderTarget) -> None:
    target.put("/cars/x", compress(b"x"))

    target.remove("/cars/x", gone=True)

    assert os.listdir(target.root / "cars/x") == [".gone"]
    assert not target.has("/cars/x")


def test_page_that_never_was_leaves_nothing(target: FolderTarget) -> None:
    target.put("/about/team", compress(b"x"))

    target.remove("/about/team", gone=False)

    assert list(target.root.iterdir()) == []
    assert target.root.is_dir()


def test_page_that_comes_back_loses_its_marker(target: FolderTarget) -> None:
    target.remove("/cars/x", gone=True)

    target.put("/cars/x", compress(b"again"))

    assert target.has("/cars/x")
    assert not (target.root / "cars/x/.gone").exists()


def test_failed_write_leaves_the_old_page_whole(target: FolderTarget, monkeypatch: pytest.MonkeyPatch) -> None:
    target.put("/a", compress(b"old"))

    def full_disk(*args: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "replace", full_disk)
    with pytest.raises(OSError, match="No space left"):
        target.put("/a", compress(b"new"))

    assert sorted(os.listdir(target.root / "a")) == ["index.html", "index.html.br", "index.html.gz"]
    assert (target.root / "a/index.html").read_bytes() == b"old"


def test_pages_of_the_folder_are_listed_without_assets(target: FolderTarget) -> None:
    for path in ("/", "/cars/x", "/блог"):
        target.put(path, {"": b"x"})
    (target.root / "_nuxt").mkdir()
    (target.root / "_nuxt/index.html").write_text("asset")

    assert sorted(target.paths()) == ["/", "/cars/x", "/блог"]


def test_assets_are_copied_and_old_ones_stay(target: FolderTarget, tmp_path: Path) -> None:
    source = tmp_path / "public"
    (source / "_nuxt").mkdir(parents=True)
    (source / "_nuxt/new.js").write_text("new")
    (target.root / "_nuxt").mkdir()
    (target.root / "_nuxt/old.js").write_text("old")

    assert target.copy_assets(source) == 1

    assert sorted(os.listdir(target.root / "_nuxt")) == ["new.js", "old.js"]


def test_only_abandoned_temporary_files_are_removed(target: FolderTarget) -> None:
    old, young = target.root / ".index.html.aa.tmp", target.root / ".index.html.bb.tmp"
    for file in (old, young):
        file.write_text("half")
    os.utime(old, (0, 0))

    assert target.remove_abandoned() == 1

    assert [file.name for file in target.root.iterdir()] == [young.name]
