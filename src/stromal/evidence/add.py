"""Adding a study: a form is checked with everything, and every pooled number is told anew."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import polars as pl

from stromal.errors import InvalidInput, Issue, Severity, has_errors
from stromal.evidence.check.printed import Flag
from stromal.evidence.check.record import check_record
from stromal.evidence.library.form import FormRows, read_form
from stromal.evidence.library.join import join_tables, read_joined, read_own
from stromal.evidence.library.reader import TABLES, Library
from stromal.evidence.pooled import Change, compare_pooled
from stromal.store.files import put_whole
from stromal.tables.patients import TableFile


@dataclass(frozen=True, slots=True)
class Added:
    """What a form adds, and what it changes.

    Parameters
    ----------
    rows
        New rows by table.
    issues
        Warnings: what the checks say of rows that are not used as they are.
    changes
        Pooled numbers before and after.
    folder
        Where the rows were written; None where nothing was.
    """

    rows: Mapping[str, pl.DataFrame]
    issues: tuple[Issue, ...]
    changes: tuple[Change, ...]
    folder: Path | None

    def __str__(self) -> str:
        """Say in one line what was written where, and how much it changes."""
        counts = [f"{frame.height} of {name}" for name, frame in self.rows.items() if frame.height]
        where = "nothing is written" if self.folder is None else f"written to {self.folder}"
        number = len(self.changes)
        changed = f"{number} pooled number{'' if number == 1 else 's'} changed"
        return f"new rows: {', '.join(counts)}; {where}; {changed}"


def add_study(form: Path, record: Path | None = None) -> Added:
    """Check the form of a study, add its rows to a record, and compare every pooled number.

    The rows stand behind those of the shipped record and of `record`. Where a check flags a row
    of status `use`, nothing is written: a misprint of the paper is told by another status and its
    reason.

    Parameters
    ----------
    form
        A TOML file: `[study]`, `[[arms]]`, `[[outcomes]]`.
    record
        Folder of one's own record; made where it is not there. None: nothing is written.

    Returns
    -------
    Added
        Rows, warnings and changes.

    Raises
    ------
    InvalidInput
        With every issue: file, line, key and hint.

    Examples
    --------
    >>> from tempfile import TemporaryDirectory
    >>> text = '''
    ... [study]
    ... study = "ZhaoK2022"
    ... read_in = "own reading"
    ... [[arms]]
    ... n = 99
    ... [[outcomes]]
    ... indication = "acute_gvhd_treatment"
    ... outcome = "relapse"
    ... scale = "proportion"
    ... printed_events = 10
    ... printed_total = 99
    ... locator = "Table 3"
    ... '''
    >>> with TemporaryDirectory() as folder:
    ...     path = Path(folder) / "form.toml"
    ...     _ = path.write_text(text)
    ...     for change in add_study(path, Path(folder) / "own").changes:
    ...         print(change)
    acute_gvhd_treatment, relapse (proportion), MSC: nothing -> 10.1 % (5.0 to 17.8; 1 study,
    99 patients)
    """
    before = _read_record(record)
    rows = read_form(form, before.studies)
    places = {name: TableFile(name, 0) for name in rows.frames}
    after, issues = join_tables(before, rows.frames, places)
    if issues:
        raise InvalidInput(rows.place(issue) for issue in issues)
    flags = _describe_flags(_find_new(before, after), rows)
    if has_errors(flags):
        raise InvalidInput(flags)
    changes = compare_pooled(before, after)
    if record is not None:
        _append(rows.frames, record)
    return Added(rows.frames, flags, changes, record)


def _read_record(record: Path | None) -> Library:
    """Read the shipped record with one's own, which may not have a file yet."""
    begun = record is not None and any((record / f"{one.name}.csv").exists() for one in TABLES)
    return read_joined(record if begun else None)


def _find_new(before: Library, after: Library) -> tuple[Flag, ...]:
    """Find the flags that the new rows raise, alone or beside the old ones."""
    old = set(check_record(before))
    return tuple(flag for flag in check_record(after) if flag not in old)


def _describe_flags(flags: tuple[Flag, ...], rows: FormRows) -> tuple[Issue, ...]:
    """Turn flags into issues at the rows of the form: errors where a row is used as it is."""
    outcomes = rows.frames["outcomes"]
    places = {name: at for at, name in enumerate(outcomes["row"])}
    issues = []
    for flag in flags:
        own = [name for name in flag.rows if name in places]
        at = places[own[0]] if own else None
        others = [name for name in flag.rows if name not in places][:3]
        beside = f", beside {', '.join(others)}" if others and own else ""
        used = any(outcomes["status"][places[name]] == "use" for name in own)
        hint = "correct it; or set the status to note or exclude and give the reason"
        issue = Issue(
            f"{flag.check}: {flag.message}{beside}",
            "outcomes",
            at,
            None,
            hint,
            Severity.ERROR if used else Severity.WARNING,
        )
        issues.append(rows.place(issue))
    return tuple(issues)


def _append(frames: Mapping[str, pl.DataFrame], record: Path) -> None:
    """Write the rows behind those of the record's files, each file whole or not at all."""
    record.mkdir(parents=True, exist_ok=True)
    held, _, _ = read_own(record)
    for schema in TABLES:
        new = frames[schema.name]
        if new.height:
            parts = [held[schema.name]] if schema.name in held else []
            whole = pl.concat([*parts, new.select(schema.names)])
            put_whole(
                record / f"{schema.name}.csv",
                lambda file, whole=whole: whole.write_csv(file, line_terminator="\n"),  # type: ignore[misc]
            )
