"""Read a study folder and check all of it before anything is computed."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import polars as pl

from stromal.endpoints.check import check_endpoints, check_needs
from stromal.endpoints.registry import ENDPOINTS
from stromal.errors import InvalidInput, Issue, Severity, has_errors
from stromal.estimates.check import check_analyses
from stromal.patients.check.check import check_patients
from stromal.patients.observed.read import read_patients
from stromal.protocol.check import check_protocol
from stromal.protocol.protocol import Protocol
from stromal.protocol.read import locate_issues, read_protocol
from stromal.study.define import label_endpoints
from stromal.tables.patients import Patients
from stromal.tables.published import PUBLISHED
from stromal.tables.read_table import read_table

PROTOCOL, PATIENTS, PUBLISHED_FILE = "protocol.toml", "patients", "published.csv"


@dataclass(frozen=True, slots=True)
class Study:
    """A study as it was read: protocol, patients if there are any, what was published, issues.

    `issues` holds warnings and notes only; a study with errors is not read at all.
    """

    folder: Path
    protocol: Protocol
    patients: Patients | None
    published: pl.DataFrame
    issues: tuple[Issue, ...]

    @property
    def inputs(self) -> list[Path]:
        """The files that the study was read from."""
        paths = [self.folder / PROTOCOL, self.folder / PUBLISHED_FILE]
        paths += (self.folder / PATIENTS).glob("*")
        return [path for path in paths if path.is_file() and not path.name.startswith(".")]


def read_study(folder: Path | str) -> Study:
    """The study in a folder.

    Parameters
    ----------
    folder
        Holds `protocol.toml`, and where they exist `patients/` and `published.csv`.

    Returns
    -------
    Study
        The protocol, the patients if there are any, what was published, and warnings and notes.

    Raises
    ------
    InvalidInput
        The study has errors; the exception carries every issue of every file.

    Examples
    --------
    >>> from stromal import find_study
    >>> study = read_study(find_study("itp-dose"))
    >>> study.patients.subjects.height
    13
    """
    folder = Path(folder)
    if not folder.is_dir():
        raise InvalidInput([_no_folder(folder)])
    protocol, issues = _read_protocol(folder)
    patients: Patients | None = None
    if (folder / PATIENTS).exists():
        if protocol is None:
            issues.append(_WITHOUT_PROTOCOL)
        patients, found = read_patients(folder / PATIENTS, protocol)
        issues += found
    if protocol is not None and patients is not None:
        issues += check_patients(patients, protocol)
        issues += locate_issues(check_needs(protocol, patients), folder)
    published = PUBLISHED.empty()
    if (folder / PUBLISHED_FILE).exists():
        table, found, _ = read_table(folder / PUBLISHED_FILE, PUBLISHED)
        issues += found
        published = table if table is not None else published
    if protocol is None or has_errors(issues):
        raise InvalidInput(issues)
    return Study(folder, protocol, patients, published, tuple(issues))


def check_study(folder: Path | str) -> tuple[Issue, ...]:
    """Every issue of a study, without computing or writing anything.

    Parameters
    ----------
    folder
        The study, as for `read_study`.

    Returns
    -------
    tuple of Issue
        Errors, warnings and notes of every file; empty where there is none.

    Examples
    --------
    >>> for issue in check_study("no-such-study"):
    ...     print(issue)
    no-such-study: no such folder.
    hint: name the folder that holds protocol.toml
    """
    try:
        return read_study(folder).issues
    except InvalidInput as error:
        return error.issues


_WITHOUT_PROTOCOL = Issue(
    "the protocol cannot be read, so that the columns and events it declares are not known here",
    table=f"{PATIENTS}/",
    hint="put the protocol right first; what is said of unknown names may then be gone",
    severity=Severity.NOTE,
)


def _no_folder(folder: Path) -> Issue:
    what = "is a file, not a folder" if folder.exists() else "no such folder"
    return Issue(what, table=str(folder), hint="name the folder that holds protocol.toml")


def _read_protocol(folder: Path) -> tuple[Protocol | None, list[Issue]]:
    """The protocol with its warnings, or None with everything that is wrong with it."""
    try:
        protocol = read_protocol(folder)
    except InvalidInput as error:
        return None, list(error.issues)
    rules = {use.name: ENDPOINTS.get(use.rule) for use in protocol.endpoints}
    kinds = {name: rule.kind for name, rule in rules.items() if rule is not None}
    issues = [*check_protocol(protocol), *check_endpoints(protocol)]
    # Labels can be listed only once every rule is known and its parameters fit.
    labels = {} if has_errors(issues) else label_endpoints(protocol)
    issues += check_analyses(protocol, kinds, labels)
    return protocol, list(locate_issues(issues, folder))
