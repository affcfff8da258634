"""The manifest of a run: versions, seed, and the digest of every input and output.

It holds no clock time and no machine path, so a second run with the same inputs writes the same
manifest to the byte, and comparing two manifests says whether two runs are equal.
"""

from __future__ import annotations

import platform
import re
from collections.abc import Iterable, Mapping
from functools import cache
from importlib.metadata import distribution, version
from pathlib import Path

from pydantic import BaseModel, ConfigDict

from stromal.store.digest import digest_file, digest_folder

MANIFEST = "manifest.json"
_PACKAGES = ("jinja2", "matplotlib", "numpy", "polars", "pydantic", "scipy", "stromal")


class Manifest(BaseModel):
    """What went into a run and what came out, each file with its SHA-256."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    study: str
    command: str
    seed: int
    versions: Mapping[str, str]
    inputs: Mapping[str, str]
    outputs: Mapping[str, str] = {}


def read_versions() -> dict[str, str]:
    """Return the versions of Python and of every package that a number passes through."""
    return {"python": platform.python_version()} | {name: _version(name) for name in _PACKAGES}


@cache
def _version(name: str) -> str:
    """The version of an installed package.

    Read from its line of the metadata: parsing all of them takes longer than a small study does.
    """
    metadata = distribution(name).read_text("METADATA") or ""
    found = re.search(r"^Version: *(\S+)", metadata, re.MULTILINE)
    return found[1] if found else version(name)


def draft_manifest(
    study: str, command: str, seed: int, folder: Path, inputs: Iterable[Path]
) -> Manifest:
    """The manifest of a run before it has outputs; `inputs` are named relative to `folder`."""
    digests = {path.relative_to(folder).as_posix(): digest_file(path) for path in sorted(inputs)}
    return Manifest(
        study=study, command=command, seed=seed, versions=read_versions(), inputs=digests
    )


def write_manifest(manifest: Manifest, folder: Path) -> Manifest:
    """The manifest with the digests of everything in `folder`, written there."""
    outputs = {name: value for name, value in digest_folder(folder).items() if name != MANIFEST}
    complete = manifest.model_copy(update={"outputs": outputs})
    text = complete.model_dump_json(indent=2) + "\n"
    (folder / MANIFEST).write_text(text, encoding="utf-8", newline="\n")
    return complete


def read_manifest(folder: Path) -> Manifest:
    """The manifest of a finished run."""
    return Manifest.model_validate_json((folder / MANIFEST).read_text("utf-8"))
