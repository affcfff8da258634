"""Progress on stderr, where a person is looking: a bar that goes when the work is done."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from rich.console import Console
from rich.progress import BarColumn, Progress, SpinnerColumn, TextColumn, TimeElapsedColumn

Tell = Callable[[str, int, int], None]


@contextmanager
def show_progress(title: str) -> Iterator[Tell]:
    """A function to be told (stage, number, of how many); it draws a bar while the block runs.

    Nothing is drawn where stderr is not a terminal.
    """
    console = Console(file=sys.stderr)
    columns = (
        SpinnerColumn(),
        TextColumn("{task.description}"),
        BarColumn(),
        TimeElapsedColumn(),
    )
    with Progress(
        *columns, console=console, transient=True, disable=not console.is_terminal
    ) as bar:
        task = bar.add_task(title, total=None)

        def tell(stage: str, number: int, count: int) -> None:
            bar.update(task, description=f"{title}: {stage}", completed=number, total=count)

        yield tell
