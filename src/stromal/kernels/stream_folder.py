"""The folder of a streamed run: files of each chunk, and a manifest of what was run.

Files are written aside and put in place whole; the manifest holds the digest of each, and follows
after the files of every chunk. It names no time and no machine, so that equal runs have equal ones.
"""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass, field, fields
from functools import partial
from pathlib import Path
from typing import Annotated, Any

import numpy as np
import polars as pl
from numpy.typing import NDArray
from pydantic import BaseModel, ConfigDict, StringConstraints, ValidationError

from stromal.errors import InvalidInput, Issue

MANIFEST = "manifest.json"

Facts = Mapping[str, Any]
"""What decides the numbers of a run beside the inputs of each chunk, as plain values."""

_Number = Annotated[str, StringConstraints(pattern=r"^\d{5,9}$")]
_FileName = Annotated[str, StringConstraints(pattern=r"^(patients|values)-\d{5,9}\.parquet$")]


class _Chunk(BaseModel):
    """A chunk that was done: digest of its inputs, and of its files."""

    model_config = ConfigDict(extra="forbid", strict=True)

    inputs: str
    files: dict[_FileName, str]


class _Manifest(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True)

    run: dict[str, Any]
    chunks: dict[_Number, _Chunk]
    digest: str


@dataclass(slots=True)
class StreamFolder:
    """A folder that chunks are written to.

    Parameters
    ----------
    path
        Of the folder.
    before
        What was run in it before; None where nothing was.
    chunks
        What is done, by the number of the chunk.
    facts
        What is run in it now, as `begin` is told.

    Examples
    --------
    >>> import tempfile
    >>> with tempfile.TemporaryDirectory() as path:
    ...     folder = StreamFolder.open(path)
    ...     folder.begin({"model": "decay"}, chunks=1, kinds=["patients"])
    ...     folder.write(0, "digest of inputs", {"patients": pl.DataFrame({"patient": [0]})})
    ...     folder.holds(0, "digest of inputs"), folder.files
    (True, ('patients-00000.parquet',))
    """

    path: Path
    before: Facts | None
    chunks: dict[str, _Chunk]
    facts: Facts = field(default_factory=dict)

    @classmethod
    def open(cls, path: Path | str) -> StreamFolder:
        """A folder as it stands; one that is not there can be made, and is made as a run begins.

        Raises
        ------
        InvalidInput
            It cannot be written, or has a manifest that no run like this has written.
        """
        if not isinstance(path, str | os.PathLike):
            raise InvalidInput([Issue(f"{path!r} is no folder", hint="name a folder to write to")])
        folder = Path(path)
        try:
            lacking = [one for one in (folder, *folder.parents) if not one.exists()]
            folder.mkdir(parents=True, exist_ok=True)
            probe = folder / f".probe-{os.getpid()}"
            probe.touch()
            probe.unlink()
            for one in lacking:
                one.rmdir()
        except (OSError, ValueError) as error:
            raise _unwritable(folder, error) from None
        manifest = _read_manifest(folder / MANIFEST)
        if manifest is None:
            return cls(folder, None, {})
        return cls(folder, manifest.run, dict(manifest.chunks))

    def begin(self, facts: Facts, *, chunks: int, kinds: Collection[str]) -> None:
        """Go on with a run of these facts, or begin it.

        Parameters
        ----------
        facts
            What decides its numbers.
        chunks
            How many chunks it has.
        kinds
            Files of every chunk: `patients`, and `values` where they are kept.

        Raises
        ------
        InvalidInput
            The folder holds a run of other facts, or chunks that this run has not.
        """
        if self.before is not None:
            keys = dict.fromkeys([*facts, *self.before])
            others = [key for key in keys if self.before.get(key) != facts.get(key)]
            if others:
                raise InvalidInput([self._other_run(", ".join(others))])
        for number, done in self.chunks.items():
            wanted = {_file_name(kind, number) for kind in kinds}
            if int(number) >= chunks or done.files.keys() != wanted:
                raise _not_written(self.path / MANIFEST)
        try:
            self.path.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise _unwritable(self.path, error) from None
        self.facts = facts

    def holds(self, number: int, inputs: str) -> bool:
        """Whether a chunk is done and whole; InvalidInput where it is done of other inputs."""
        done = self.chunks.get(_number(number))
        if done is None:
            return False
        if done.inputs != inputs:
            raise InvalidInput([self._other_run("parameters, doses, jumps or changes")])
        return all(_has_digest(self.path / name, digest) for name, digest in done.files.items())

    def write(self, number: int, inputs: str, tables: Mapping[str, pl.DataFrame]) -> None:
        """Put the tables of a chunk into the folder, each in a file of its own."""
        files = {}
        for kind, table in tables.items():
            path = self.path / _file_name(kind, _number(number))
            _put(path, partial(table.write_parquet, compression="zstd"))
            files[path.name] = _digest_file(path)
        self.chunks[_number(number)] = _Chunk(inputs=inputs, files=files)
        self._write_manifest()

    def _write_manifest(self) -> None:
        """Write what is run and what of it is done."""
        done = {number: self.chunks[number].model_dump() for number in sorted(self.chunks)}
        manifest = {"run": self.facts, "chunks": done, "digest": self.digest}
        text = json.dumps(manifest, indent=1) + "\n"
        _put(self.path / MANIFEST, lambda aside: aside.write_text(text, "utf-8"))

    @property
    def digest(self) -> str:
        """Digest of all files of the run: of their names, and the digest of each."""
        return _digest_chunks(self.chunks)

    @property
    def files(self) -> tuple[str, ...]:
        """Names of all files of the run, sorted."""
        return tuple(sorted(name for chunk in self.chunks.values() for name in chunk.files))

    def _other_run(self, what: str) -> Issue:
        message = f"the folder {self.path} holds a run with other {what}"
        return Issue(message, hint="name another folder, or remove this one")


def digest_inputs(parameters: NDArray[np.float64], events: Iterable[Any]) -> str:
    """Digest of the parameters of some patients, (n, P), and of tables or lists of their events.

    Examples
    --------
    >>> digest_inputs(np.ones((2, 1)), []) == digest_inputs(np.ones((2, 1)), [[]])
    False
    """
    digest = hashlib.sha256(parameters.tobytes())
    for table in events:
        plain = table.write_csv() if isinstance(table, pl.DataFrame) else _plain(table)
        digest.update(plain.encode())
        digest.update(b"\0")
    return digest.hexdigest()


def _plain(events: Iterable[Any]) -> str:
    """Events as text in which every number has all its digits."""
    parts = []
    for event in events:
        values = (getattr(event, field.name) for field in fields(event))
        parts.append(
            [value if isinstance(value, str) else np.asarray(value).tolist() for value in values]
        )
    return json.dumps(parts)


def _read_manifest(path: Path) -> _Manifest | None:
    """The manifest of the run before; None where there is none."""
    if not path.exists():
        return None
    try:
        manifest = _Manifest.model_validate_json(path.read_bytes())
    except (OSError, ValidationError):
        raise _not_written(path) from None
    if manifest.digest != _digest_chunks(manifest.chunks) or not _fits(manifest.chunks):
        raise _not_written(path)
    return manifest


def _fits(chunks: Mapping[str, _Chunk]) -> bool:
    """Whether every chunk has a number as runs write it, and only files of that number."""
    return all(
        number == _number(int(number)) and name.endswith(f"-{number}.parquet")
        for number, chunk in chunks.items()
        for name in chunk.files
    )


def _number(chunk: int) -> str:
    """The number of a chunk as text."""
    return f"{chunk:05d}"


def _file_name(kind: str, number: str) -> str:
    return f"{kind}-{number}.parquet"


def _digest_chunks(chunks: Mapping[str, _Chunk]) -> str:
    files = {name: one for chunk in chunks.values() for name, one in chunk.files.items()}
    return hashlib.sha256(json.dumps(files, sort_keys=True).encode()).hexdigest()


def _not_written(path: Path) -> InvalidInput:
    hint = "name another folder, or remove that file to begin anew"
    return InvalidInput([Issue(f"{path} is not what a run like this writes", hint=hint)])


def _has_digest(path: Path, digest: str) -> bool:
    """Whether a file is there and holds what was written."""
    try:
        return path.is_file() and _digest_file(path) == digest
    except OSError:
        return False


def _digest_file(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _put(path: Path, write: Callable[[Path], object]) -> None:
    """Write a file aside and put it in place whole."""
    aside = path.with_name(f".{path.name}-{os.getpid()}")
    try:
        write(aside)
        aside.replace(path)
    except (OSError, pl.exceptions.ComputeError) as error:
        raise _unwritable(path, error) from None
    finally:
        aside.unlink(missing_ok=True)


def _unwritable(path: Path, error: Exception) -> InvalidInput:
    reason = getattr(error, "strerror", None) or error
    hint = "name another folder, or make room for it"
    return InvalidInput([Issue(f"{path} cannot be written ({reason})", hint=hint)])
