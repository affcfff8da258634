"""Issues and exceptions: what can be wrong with an input, and how it is said."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from enum import StrEnum
from typing import ParamSpec, TypeVar, cast

Given = ParamSpec("Given")
Answer = TypeVar("Answer")


class Severity(StrEnum):
    """How much an issue matters: an error stops the run, a warning and a note do not."""

    ERROR = "error"
    WARNING = "warning"
    NOTE = "note"


@dataclass(frozen=True, slots=True)
class Issue:
    """Something wrong with an input: what, where, and what to do about it.

    Parameters
    ----------
    message
        What is wrong, in one sentence without a full stop.
    table
        The file it is wrong in, relative to the study folder (`patients/labs.csv`).
    row
        Row of that file as a spreadsheet numbers it: the header of a CSV file is row 1.
    column
        Column of a table, or key of a protocol (`arms.msc.regimen[0].unit`).
    hint
        What to do, in one sentence without a full stop.
    severity
        An error stops the run; a warning and a note are printed in the report.

    Examples
    --------
    >>> issue = Issue(
    ...     "haemoglobin is 13.2 g/L, outside 20 to 250 g/L",
    ...     table="labs.csv",
    ...     row=17,
    ...     hint="this looks like g/dL; write the unit in the `unit` column",
    ... )
    >>> print(issue)
    labs.csv row 17: haemoglobin is 13.2 g/L, outside 20 to 250 g/L.
    hint: this looks like g/dL; write the unit in the `unit` column
    """

    message: str
    table: str | None = None
    row: int | None = None
    column: str | None = None
    hint: str | None = None
    severity: Severity = Severity.ERROR

    @property
    def place(self) -> str:
        """Return where it is wrong, in words; empty when it concerns the study as a whole."""
        parts = [self.table or ""]
        if self.row is not None:
            parts.append(f"row {self.row}")
        if self.column is not None:
            parts.append(f"column {self.column}" if self.row is not None else self.column)
        return " ".join(part for part in parts if part)

    def __str__(self) -> str:
        """The issue as it is printed: place, message, and the hint on a line of its own."""
        head = f"{self.place}: " if self.place else ""
        tail = f"\nhint: {self.hint}" if self.hint else ""
        return f"{head}{self.message}.{tail}"


def has_errors(issues: Iterable[Issue]) -> bool:
    """Tell whether any of the issues stops a run.

    Examples
    --------
    >>> has_errors([Issue("no doses", severity=Severity.WARNING)])
    False
    """
    return any(issue.severity is Severity.ERROR for issue in issues)


def join_words(words: Iterable[str], last: str = "and") -> str:
    """Return the words as a list with commas: `skin, liver and gut`; empty without any.

    Examples
    --------
    >>> join_words(["skin", "liver", "gut"]), join_words(["relapse", "death"], "or")
    ('skin, liver and gut', 'relapse or death')
    """
    *others, end = [*words] or [""]
    return f"{', '.join(others)} {last} {end}" if others else end


class StromalError(Exception):
    """Base of every error that stromal raises on purpose."""


class InvalidInput(StromalError):
    """Inputs that cannot be used; carries every issue found, not only the first.

    Examples
    --------
    >>> InvalidInput([Issue("no arms", table="protocol.toml")]).issues[0].message
    'no arms'
    """

    def __init__(self, issues: Iterable[Issue]) -> None:
        self.issues: tuple[Issue, ...] = tuple(issues)
        super().__init__("\n".join(str(issue) for issue in self.issues))


class IssueList:
    """Issues of several readings, gathered so that all of them are raised at once.

    Examples
    --------
    >>> found = IssueList()
    >>> def refuse(name):
    ...     raise InvalidInput([Issue(f"there is no {name}")])
    >>> for name in ("arm", "visit"):
    ...     _ = found.of(refuse, name)
    >>> found.stop()
    Traceback (most recent call last):
    stromal.errors.InvalidInput: there is no arm.
    there is no visit.
    """

    def __init__(self) -> None:
        self.issues: list[Issue] = []

    def of(
        self, read: Callable[Given, Answer], *arguments: Given.args, **options: Given.kwargs
    ) -> Answer:
        """Return the answer of a reading, or None if it has issues; `stop` raises them later."""
        try:
            return read(*arguments, **options)
        except InvalidInput as error:
            self.issues.extend(error.issues)
            return cast("Answer", None)

    def stop(self) -> None:
        """Raise InvalidInput if anything was found."""
        if self.issues:
            raise InvalidInput(self.issues)


class UnknownUnit(StromalError, ValueError):
    """A unit that is not in the registry, or that does not fit the analyte."""


class UnknownEndpoint(StromalError, KeyError):
    """An endpoint name that is not in the registry."""


class UnknownCause(StromalError, ValueError):
    """A cause of failure that never occurs in the outcomes."""


class UnknownSource(StromalError, KeyError):
    """A citation key that is not in the list of sources."""
