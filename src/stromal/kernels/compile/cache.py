"""What was compiled before, kept in a folder of the user under the digest of what it came from."""

from __future__ import annotations

import atexit
import hashlib
import json
import os
import shutil
import tempfile
from collections.abc import Mapping
from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import Any

from stromal.store.files import put_whole

FOLDER_VARIABLE = "STROMAL_CACHE"

_memory: dict[str, bytes] = {}


def cache_folder() -> Path:
    """Where compiled programs are kept: `STROMAL_CACHE`, or `stromal` among the user's caches.

    The folder is made when something is first written to it.

    Examples
    --------
    >>> cache_folder().name != ""
    True
    """
    named = os.environ.get(FOLDER_VARIABLE)
    if named:
        return Path(named).expanduser()
    caches = os.environ.get("XDG_CACHE_HOME")
    try:
        return (Path(caches) if caches else Path.home() / ".cache") / "stromal"
    except RuntimeError:
        return _passing_folder()


@cache
def _passing_folder() -> Path:
    """A folder of this process alone, for a user without a home: code from others is not run."""
    folder = Path(tempfile.mkdtemp(prefix="stromal-"))
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    return folder


@cache
def generator_digest() -> str:
    """Digest of this package's own text, so that nothing outlives the code that generated it."""
    return digest_of_package("stromal.kernels.compile")


def digest_of_package(name: str) -> str:
    """SHA-256 of the text of every module of a package.

    Examples
    --------
    >>> len(digest_of_package("stromal.kernels.compile"))
    64
    """
    texts = sorted(
        (item.name, item.read_text("utf-8"))
        for item in files(name).iterdir()
        if item.name.endswith(".py")
    )
    return digest_of(texts)


def digest_of(value: object) -> str:
    """SHA-256 of a value's printed form.

    Examples
    --------
    >>> digest_of(("x", 1.0))[:8]
    '1f1a5ab2'
    """
    return hashlib.sha256(repr(value).encode("utf-8")).hexdigest()


def read_record(key: str) -> dict[str, Any] | None:
    """The record kept under a key; None if there is none or it is not what was written.

    Examples
    --------
    >>> read_record("0" * 64) is None
    True
    """
    body = _memory.get(key) or read_sealed(_record_path(key))
    if body is None:
        return None
    record: dict[str, Any] = json.loads(body)
    return record


def write_record(key: str, record: Mapping[str, Any]) -> None:
    """Keep a record under a key; in memory only if the folder cannot be written."""
    body = json.dumps(record).encode()
    if not write_sealed(_record_path(key), body):
        _memory[key] = body


def read_sealed(path: Path) -> bytes | None:
    """What `write_sealed` wrote to a file; None if there is none, or it is not what was written."""
    try:
        seal, content = (whole := path.read_bytes())[:32], whole[32:]
    except OSError:
        return None
    return content if hashlib.sha256(content).digest() == seal else None


def write_sealed(path: Path, content: bytes) -> bool:
    """Write a file with a digest before its content; False if that is not possible.

    A file that holds this already is left alone.
    """
    whole = hashlib.sha256(content).digest() + content
    try:
        if path.is_file() and path.read_bytes() == whole:
            return True
        path.parent.mkdir(parents=True, exist_ok=True)
        put_whole(path, lambda file: file.write(whole))
    except OSError:
        return False
    return True


def _record_path(key: str) -> Path:
    return cache_folder() / "programs" / f"{key}.record"
