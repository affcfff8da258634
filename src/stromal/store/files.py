"""Files that are there whole or not at all."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import BinaryIO
from uuid import uuid4


def put_whole(path: Path, write: Callable[[BinaryIO], object]) -> None:
    r"""Write a file aside and put it in place in one step.

    Processes and threads that write the same file at once leave one whole file, that of the last.

    Parameters
    ----------
    path
        Of the file, in a folder that is there.
    write
        Writes the content into a file that is open for bytes.

    Raises
    ------
    OSError
        The file cannot be written. What was at the path before is still there, as after any other
        error.

    Examples
    --------
    >>> import tempfile
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     path = Path(folder) / "table.csv"
    ...     put_whole(path, lambda file: file.write(b"day\n"))
    ...     path.read_text(), len(list(Path(folder).iterdir()))
    ('day\n', 1)
    """
    aside = path.with_name(f".{path.name}-{uuid4().hex}")
    try:
        with aside.open("wb") as file:
            write(file)
        aside.replace(path)
    finally:
        aside.unlink(missing_ok=True)
