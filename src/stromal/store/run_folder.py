"""Run folders: written aside, put in place whole, and never written over."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from stromal.errors import InvalidInput, Issue

RUNS = Path("runs")


@dataclass(slots=True)
class RunFolder:
    """A run under way: `draft` is where files are written, `place` where they end up."""

    draft: Path
    place: Path


@contextmanager
def open_run(study: str, output: Path | None = None) -> Iterator[RunFolder]:
    """A folder to write a run into, put in place when the block ends without an error.

    Parameters
    ----------
    study
        Name of the study; without `output` the run goes to `runs/<study>/<number>`, the first
        number that is free.
    output
        Where the run should go; it must not exist, or be an empty folder.

    Raises
    ------
    InvalidInput
        `output` holds something already, or cannot be written.

    Examples
    --------
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     with open_run("demo", Path(folder) / "first") as run:
    ...         _ = (run.draft / "report.html").write_text("page")
    ...     sorted(path.name for path in run.place.iterdir())
    ['report.html']
    """
    parent = RUNS / study if output is None else output.absolute().parent
    if output is not None and output.exists():
        _refuse_full(output)
    try:
        parent.mkdir(parents=True, exist_ok=True)
        draft = Path(tempfile.mkdtemp(prefix=".draft-", dir=parent))
    except OSError as error:
        hint = "name a folder that can be written with `-o`"
        raise InvalidInput(
            [_issue(parent, f"cannot be written ({error.strerror})", hint)]
        ) from None
    run = RunFolder(draft, output or parent)
    try:
        yield run
        draft.chmod(0o755)
        run.place = _next_free(draft, parent) if output is None else _move(draft, output)
    finally:
        shutil.rmtree(draft, ignore_errors=True)


def _issue(path: Path, message: str, hint: str) -> Issue:
    return Issue(f"output folder {path} {message}", hint=hint)


def _refuse_full(output: Path) -> None:
    hint = "name another folder with `-o`, or remove this one; a run is never written over"
    if not output.is_dir():
        raise InvalidInput([_issue(output, "is a file", hint)])
    if any(output.iterdir()):
        raise InvalidInput([_issue(output, "is not empty", hint)])


def _move(draft: Path, output: Path) -> Path:
    """Put the draft in place; renaming onto a folder that has been filled meanwhile fails."""
    try:
        return draft.rename(output)
    except OSError:
        _refuse_full(output)
        raise


def _next_free(draft: Path, parent: Path) -> Path:
    """Put the draft under the next number; a number taken meanwhile by another run is passed."""
    taken = [int(path.name) for path in parent.iterdir() if path.name.isdecimal()]
    number = max(taken, default=0) + 1
    while True:
        try:
            return draft.rename(parent / f"{number:04d}")
        except OSError:
            if not (parent / f"{number:04d}").exists():
                raise
            number += 1
