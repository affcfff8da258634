"""The manifest of a run: what was run, with which versions, and the digest of every file.

It holds no clock time and no machine path, so a second run with the same inputs writes the same
manifest to the byte, and comparing two manifests says whether two runs are equal.
"""

from __future__ import annotations

import hashlib
import json
import platform
import re
from collections.abc import Iterable, Mapping
from functools import cache
from importlib.metadata import distribution, version
from pathlib import Path
from typing import Any

from pydantic import BaseModel, ConfigDict

from stromal.store.digest import digest_file, digest_folder
from stromal.store.files import put_whole

MANIFEST = "manifest.json"
_PACKAGES = ("jinja2", "matplotlib", "numpy", "polars", "pydantic", "scipy", "stromal")

Facts = Mapping[str, Any]
"""What decides the numbers of a run beside its inputs, as plain values."""


class Manifest(BaseModel):
    """What went into a run and what came out.

    Parameters
    ----------
    run
        What was run: of a study its name, command and seed; of a stream its model and settings.
    versions
        Of the packages that a number passes through.
    inputs
        SHA-256 of every input by its name: a file, or the parameters and events of a chunk.
    outputs
        SHA-256 of every file that came out, by its name.
    """

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)

    run: dict[str, Any]
    versions: dict[str, str]
    inputs: dict[str, str]
    outputs: dict[str, str] = {}

    @property
    def digest(self) -> str:
        """SHA-256 over the names and digests of all files that came out."""
        return hashlib.sha256(json.dumps(self.outputs, sort_keys=True).encode()).hexdigest()


def read_versions(packages: Iterable[str] = _PACKAGES) -> dict[str, str]:
    """Return the versions of installed packages, by default all that a study passes through.

    Examples
    --------
    >>> list(read_versions(["numpy"]))
    ['numpy']
    """
    return {name: _version(name) for name in packages}


@cache
def _version(name: str) -> str:
    """The version of an installed package.

    Read from its line of the metadata: parsing all of them takes longer than a small study does.
    """
    metadata = distribution(name).read_text("METADATA") or ""
    found = re.search(r"^Version: *(\S+)", metadata, re.MULTILINE)
    return found[1] if found else version(name)


def draft_manifest(run: Facts, folder: Path, inputs: Iterable[Path]) -> Manifest:
    """The manifest of a run before it has outputs; `inputs` are named relative to `folder`."""
    digests = {path.relative_to(folder).as_posix(): digest_file(path) for path in sorted(inputs)}
    versions = {"python": platform.python_version()} | read_versions()
    return Manifest(run=dict(run), versions=versions, inputs=digests)


def complete_manifest(manifest: Manifest, folder: Path) -> Manifest:
    """The manifest with the digests of everything in `folder`, written there."""
    outputs = {name: value for name, value in digest_folder(folder).items() if name != MANIFEST}
    complete = manifest.model_copy(update={"outputs": outputs})
    write_manifest(complete, folder)
    return complete


def write_manifest(manifest: Manifest, folder: Path) -> None:
    """Put a manifest into a folder, in place of the one that is there."""
    text = manifest.model_dump_json(indent=2) + "\n"
    put_whole(folder / MANIFEST, lambda file: file.write(text.encode("utf-8")))


def read_manifest(folder: Path) -> Manifest:
    """The manifest of a run in a folder; a ValueError where the file is no manifest."""
    return Manifest.model_validate_json((folder / MANIFEST).read_bytes())
