"""The files of a patients folder: which table each one holds, and which hold none."""

from __future__ import annotations

from pathlib import Path

from stromal.errors import Issue, Severity
from stromal.likeness import find_nearest
from stromal.tables.patients import PATIENT_TABLES

SUFFIXES = (".csv", ".parquet")


def find_tables(folder: Path) -> tuple[dict[str, Path], tuple[Issue, ...]]:
    """The file of each table, and issues about files that are missing, doubled or unknown.

    Examples
    --------
    >>> from tempfile import TemporaryDirectory
    >>> with TemporaryDirectory() as name:
    ...     _ = (Path(name) / "lab.csv").write_text("subject")
    ...     tables, issues = find_tables(Path(name))
    >>> for issue in issues:
    ...     print(issue)
    lab.csv: is not a table of patients and is not read.
    hint: is `labs.csv` meant?
    subjects.csv: there is no such file.
    hint: a folder of patients needs `subjects.csv` or `subjects.parquet`
    """
    if not folder.is_dir():
        what = "is a file, not a folder" if folder.exists() else "there is no such folder"
        return {}, (Issue(what, folder.name),)
    try:
        files = sorted(path for path in folder.iterdir() if not path.name.startswith("."))
    except OSError as error:
        reason = error.strerror or "no reason given"
        return {}, (Issue(f"the folder cannot be read: {reason}", folder.name),)
    if not files:
        hint = "put `subjects.csv` and the other tables there"
        return {}, (Issue("the folder is empty", folder.name, hint=hint),)
    found: dict[str, Path] = {}
    issues: list[Issue] = []
    for path in files:
        name, suffix = path.stem, path.suffix.lower()
        if name not in PATIENT_TABLES or suffix not in SUFFIXES:
            issues.append(_unknown(path))
        elif name in found:
            hint = "keep one of them"
            issues.append(Issue(f"{found[name].name} is there too", path.name, hint=hint))
        else:
            found[name] = path
    if "subjects" not in found:
        hint = "a folder of patients needs `subjects.csv` or `subjects.parquet`"
        issues.append(Issue("there is no such file", "subjects.csv", hint=hint))
    return found, tuple(issues)


def _unknown(path: Path) -> Issue:
    near = find_nearest(path.stem, tuple(PATIENT_TABLES))
    suffix = path.suffix.lower() if path.suffix.lower() in SUFFIXES else ".csv"
    hint = f"is `{near}{suffix}` meant?" if near else None
    message = "is not a table of patients and is not read"
    return Issue(message, path.name[:100], hint=hint, severity=Severity.WARNING)
