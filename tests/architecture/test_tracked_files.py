"""What git holds names no registry and no machine, and the locks hold hashes and no addresses."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from tests.architecture.tree import in_a_checkout, tracked_files
from tests.shared import ROOT

# Written in pieces, so that this file does not hold what it forbids.
HOSTS = tuple(
    ".".join(parts)
    for parts in (
        ("pypi", "org"),
        ("pypi", "python", "org"),
        ("python" + "hosted", "org"),
        ("anaconda", "org"),
        ("conda", "io"),
        ("npm" + "js", "org"),
        ("npm" + "js", "com"),
        ("yarn" + "pkg", "com"),
        ("un" + "pkg", "com"),
        ("js" + "delivr", "net"),
        ("deb", "debian", "org"),
        ("ftp", "debian", "org"),
        ("archive", "ubuntu", "com"),
        ("cran", "r-project", "org"),
        ("cloud", "r-project", "org"),
        ("rubygems", "org"),
        ("crates", "io"),
        ("proxy", "golang", "org"),
    )
)
MACHINE = re.compile(
    rb"(?<![\w.~/-])/(?:"
    + b"|".join((b"wo" + b"rk", b"ro" + b"ot", b"ho" + b"me", b"Us" + b"ers"))
    + rb")/\w"
)
LOCKS = ("uv", "dev", "bench", "all")
PIN = re.compile(r"^([A-Za-z0-9][A-Za-z0-9._-]*)==([^\s;\\]+)", re.MULTILINE)

pytestmark = pytest.mark.skipif(not in_a_checkout(), reason="not a git checkout")


def _lock(name: str) -> str:
    return (ROOT / "requirements" / f"{name}.txt").read_text("utf-8")


def test_no_tracked_file_names_a_registry():
    pattern = re.compile("|".join(map(re.escape, HOSTS)).encode(), re.IGNORECASE)
    found = {
        file.relative_to(ROOT).as_posix(): match.group().decode()
        for file in tracked_files()
        if (match := pattern.search(file.read_bytes()))
    }
    assert not found


def test_no_tracked_file_names_a_machine():
    found = {
        file.relative_to(ROOT).as_posix(): match.group().decode()
        for file in tracked_files()
        if (match := MACHINE.search(file.read_bytes()))
    }
    assert not found


def test_no_lock_that_records_hosts():
    recording = {"uv.lock", "poetry.lock", "Pipfile.lock", "pdm.lock", "package-lock.json"}
    assert not recording & {file.name for file in tracked_files()}


@pytest.mark.parametrize("name", LOCKS)
def test_lock_has_no_address(name):
    assert not re.search(r"://|--(?:extra-)?index|--find-links| @ ", _lock(name))


@pytest.mark.parametrize("name", LOCKS)
def test_lock_has_a_hash_for_every_pin(name):
    blocks = re.split(r"\n(?=[A-Za-z0-9])", _lock(name).strip())
    bare = [
        block.split()[0] for block in blocks if not re.search(r"--hash=sha256:[0-9a-f]{64}", block)
    ]
    unpinned = [block.split()[0] for block in blocks if not PIN.match(block)]
    assert (bare, unpinned) == ([], [])


@pytest.mark.parametrize("name", ["dev", "bench"])
def test_what_is_installed_was_resolved_with_every_extra(name):
    assert set(PIN.findall(_lock(name))) <= set(PIN.findall(_lock("all")))


@pytest.mark.parametrize(
    ("text", "found"),
    [
        (b"/" + b"home/anna/x", True),
        (b"see '/" + b"work/main'", True),
        (b"a/" + b"work/b", False),
        (b"../" + b"home/x", False),
    ],
)
def test_machine_paths_are_recognised(text, found):
    assert bool(MACHINE.search(text)) is found


def test_files_are_found():
    assert Path(__file__) in tracked_files()
