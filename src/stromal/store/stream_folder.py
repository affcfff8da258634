"""The folder of a streamed run: files of each chunk, and a manifest of what of it is done.

Files are put in place whole; the manifest follows after the files of every chunk, so that an
interrupted run goes on where it stopped.
"""

from __future__ import annotations

import os
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path

import polars as pl

from stromal.errors import InvalidInput, Issue
from stromal.store.digest import digest_file
from stromal.store.files import put_whole
from stromal.store.manifest import MANIFEST, Facts, Manifest, read_manifest, write_manifest


@dataclass(slots=True)
class StreamFolder:
    """A folder that chunks are written to.

    Parameters
    ----------
    path
        Of the folder.
    before
        What was run in it before, and what of it is done; None where nothing was.
    kinds
        Files of every chunk: `patients`, and `values` where they are kept.
    manifest
        What is run in it now, as `begin` is told, and what of it is done; its inputs are those of
        each chunk, by number.

    Examples
    --------
    >>> import tempfile
    >>> with tempfile.TemporaryDirectory() as path:
    ...     folder = StreamFolder.open(path)
    ...     folder.begin({"model": "decay"}, {}, chunks=1, kinds=["patients"])
    ...     folder.write(0, "digest of inputs", {"patients": pl.DataFrame({"patient": [0]})})
    ...     folder.holds(0, "digest of inputs"), folder.files
    (True, ('patients-00000.parquet',))
    """

    path: Path
    before: Manifest | None
    kinds: tuple[str, ...] = ()
    manifest: Manifest = field(default_factory=lambda: Manifest(run={}, versions={}, inputs={}))

    @classmethod
    def open(cls, path: Path | str) -> StreamFolder:
        """A folder as it stands; one that is not there can be made, and is made as a run begins.

        Raises
        ------
        InvalidInput
            It cannot be written, or has a manifest that is none.
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
        if not (folder / MANIFEST).exists():
            return cls(folder, None)
        try:
            return cls(folder, read_manifest(folder))
        except (OSError, ValueError):
            raise _not_written(folder / MANIFEST) from None

    def begin(
        self, facts: Facts, versions: Mapping[str, str], *, chunks: int, kinds: Collection[str]
    ) -> None:
        """Go on with a run of these facts and versions, or begin it.

        Parameters
        ----------
        facts
            What decides its numbers.
        versions
            Of the libraries that it passes through.
        chunks
            How many chunks it has.
        kinds
            Files of every chunk: `patients`, and `values` where they are kept.

        Raises
        ------
        InvalidInput
            The folder holds a run of other facts, or chunks that this run has not.
        """
        self.kinds = tuple(kinds)
        self.manifest = Manifest(run=dict(facts), versions=dict(versions), inputs={})
        if self.before is not None:
            self._check_same(self.before)
            if not self._can_be_of(self.before, chunks):
                raise _not_written(self.path / MANIFEST)
            self.manifest = self.before
        try:
            self.path.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise _unwritable(self.path, error) from None

    def _check_same(self, before: Manifest) -> None:
        """InvalidInput where the run before was of other facts or other versions."""
        run = self.manifest.run
        keys = dict.fromkeys([*run, *before.run])
        others = [key for key in keys if before.run.get(key) != run.get(key)]
        if before.versions != self.manifest.versions:
            others.append("versions")
        if others:
            raise InvalidInput([self._other_run(", ".join(others))])

    def _can_be_of(self, before: Manifest, chunks: int) -> bool:
        """Whether a run of so many chunks has left this: whole chunks, each of its own files."""
        numbers = set(before.inputs)
        if any(not each.isdecimal() or each != _number(int(each)) for each in numbers):
            return False
        files = {name for number in numbers for name in self._names(number)}
        return before.outputs.keys() == files and all(int(each) < chunks for each in numbers)

    def holds(self, number: int, inputs: str) -> bool:
        """Whether a chunk is done and whole; InvalidInput where it is done of other inputs."""
        chunk, done = _number(number), self.manifest
        if chunk not in done.inputs:
            return False
        if done.inputs[chunk] != inputs:
            raise InvalidInput([self._other_run("parameters, doses, jumps or changes")])
        return all(_has_digest(self.path / name, done.outputs[name]) for name in self._names(chunk))

    def write(self, number: int, inputs: str, tables: Mapping[str, pl.DataFrame]) -> None:
        """Put the tables of a chunk into the folder, one of each kind, and say that it is done."""
        chunk, done = _number(number), self.manifest
        files = {}
        path = self.path / MANIFEST
        try:
            for name, kind in zip(self._names(chunk), self.kinds, strict=True):
                path = self.path / name
                put_whole(path, partial(tables[kind].write_parquet, compression="zstd"))
                files[name] = digest_file(path)
            path = self.path / MANIFEST
            self.manifest = Manifest(
                run=done.run,
                versions=done.versions,
                inputs=_sorted(done.inputs | {chunk: inputs}),
                outputs=_sorted(done.outputs | files),
            )
            write_manifest(self.manifest, self.path)
        except (OSError, pl.exceptions.ComputeError) as error:
            raise _unwritable(path, error) from None

    def find(self, kind: str, number: int) -> Path:
        """Return the file of a kind of a chunk that is done."""
        return self.path / f"{kind}-{_number(number)}.parquet"

    @property
    def digest(self) -> str:
        """Digest of all files of the run: of their names, and the digest of each."""
        return self.manifest.digest

    @property
    def files(self) -> tuple[str, ...]:
        """Names of all files of the run, sorted."""
        return tuple(sorted(self.manifest.outputs))

    def _names(self, number: str) -> list[str]:
        """Names of the files of a chunk."""
        return [f"{kind}-{number}.parquet" for kind in self.kinds]

    def _other_run(self, what: str) -> Issue:
        message = f"the folder {self.path} holds a run with other {what}"
        return Issue(message, hint="name another folder, or remove this one")


def _number(chunk: int) -> str:
    """The number of a chunk as text."""
    return f"{chunk:05d}"


def _sorted(digests: Mapping[str, str]) -> dict[str, str]:
    """In one order, in whatever order the chunks were done."""
    return dict(sorted(digests.items()))


def _not_written(path: Path) -> InvalidInput:
    hint = "name another folder, or remove that file to begin anew"
    return InvalidInput([Issue(f"{path} is not what a run like this writes", hint=hint)])


def _has_digest(path: Path, digest: str) -> bool:
    """Whether a file is there and holds what was written."""
    try:
        return path.is_file() and digest_file(path) == digest
    except OSError:
        return False


def _unwritable(path: Path, error: Exception) -> InvalidInput:
    reason = getattr(error, "strerror", None) or error
    hint = "name another folder, or make room for it"
    return InvalidInput([Issue(f"{path} cannot be written ({reason})", hint=hint)])
