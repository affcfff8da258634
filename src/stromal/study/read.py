"""Read a study folder and check all of it before anything is computed."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import polars as pl

from stromal.analyses.bind import BoundAnalysis, bind_analyses, check_keys, list_endpoints
from stromal.endpoints.bind import Bound, try_bind
from stromal.endpoints.check import check_endpoints, check_needs
from stromal.errors import InvalidInput, Issue, Severity, has_errors
from stromal.evidence.library.reader import read_library
from stromal.evidence.question.check import check_questions
from stromal.patients.check.check import check_patients
from stromal.patients.observed.read import read_patients
from stromal.protocol.check import check_protocol
from stromal.protocol.protocol import Protocol
from stromal.protocol.read import locate_issues, read_protocol, read_written_analyses
from stromal.tables.cohorts import split_cohorts
from stromal.tables.patients import Patients
from stromal.tables.published import PUBLISHED, check_printed_endpoints, check_published
from stromal.tables.read_table import read_table

PROTOCOL, PATIENTS, PUBLISHED_FILE = "protocol.toml", "patients", "published.csv"


@dataclass(frozen=True, slots=True)
class Study:
    """A study as it was read: protocol, patients by origin, published numbers, issues.

    `endpoints` and `analyses` are those of the protocol, bound to their rules and kinds. `cohorts`
    holds the patients of each origin, kept apart; it is empty where the study has none.
    `issues` holds warnings and notes only; a study with errors is not read at all.
    """

    folder: Path
    protocol: Protocol
    endpoints: tuple[Bound, ...]
    analyses: tuple[BoundAnalysis[Any], ...]
    cohorts: Mapping[str, Patients]
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
        The protocol with its analyses, the patients by origin, what was published, and warnings
        and notes.

    Raises
    ------
    InvalidInput
        The study has errors; the exception carries every issue of every file.

    Examples
    --------
    >>> from stromal import find_study
    >>> study = read_study(find_study("itp-dose"))
    >>> study.cohorts["observed"].subjects.height
    13
    """
    folder = Path(folder)
    if not folder.is_dir():
        raise InvalidInput([_no_folder(folder)])
    protocol, endpoints, analyses, issues = _read_protocol(folder)
    patients: Patients | None = None
    if (folder / PATIENTS).exists():
        if protocol is None:
            issues.append(_WITHOUT_PROTOCOL)
        patients, found = read_patients(folder / PATIENTS, protocol)
        issues += found
    if protocol is not None and patients is not None:
        issues += check_patients(patients, protocol)
        issues += locate_issues(check_needs(protocol, endpoints, patients), folder)
    published = PUBLISHED.empty()
    if (folder / PUBLISHED_FILE).exists():
        table, found, file = read_table(folder / PUBLISHED_FILE, PUBLISHED)
        issues += found
        if table is not None:
            published = table
            issues += check_published(table, file)
            if protocol is not None:
                issues += check_printed_endpoints(table, file, list_endpoints(analyses, protocol))
    if protocol is None or has_errors(issues):
        raise InvalidInput(issues)
    cohorts = {} if patients is None else split_cohorts(patients)
    return Study(folder, protocol, endpoints, analyses, cohorts, published, tuple(issues))


def need_patients(study: Study) -> Study:
    """Return the study; InvalidInput where it has neither patients nor a question to the record.

    A study that has the question alone is given back with a note that says so.
    """
    if study.cohorts:
        return study
    if study.protocol.evidence is not None:
        return replace(study, issues=(*study.issues, _EVIDENCE_ALONE))
    missing = Issue(
        "the study has no patients to analyse",
        table=f"{PATIENTS}/",
        hint="put subjects.csv and the other tables there, or ask the record in `[evidence]`",
    )
    raise InvalidInput([*study.issues, missing])


_WITHOUT_PROTOCOL = Issue(
    "the protocol cannot be read, so that the columns and events it declares are not known here",
    table=f"{PATIENTS}/",
    hint="put the protocol right first; what is said of unknown names may then be gone",
    severity=Severity.NOTE,
)


_EVIDENCE_ALONE = Issue(
    "the study has no patients; what was published of its questions stands alone",
    table=f"{PATIENTS}/",
    hint="put subjects.csv and the other tables there to set them beside it",
    severity=Severity.NOTE,
)


def _no_folder(folder: Path) -> Issue:
    what = "is a file, not a folder" if folder.exists() else "no such folder"
    return Issue(what, table=str(folder), hint="name the folder that holds protocol.toml")


def _read_protocol(
    folder: Path,
) -> tuple[Protocol | None, tuple[Bound, ...], tuple[BoundAnalysis[Any], ...], list[Issue]]:
    """The protocol, its endpoints, analyses and warnings, or None with everything wrong with it."""
    try:
        protocol = read_protocol(folder)
    except InvalidInput as error:
        found = locate_issues(check_keys(read_written_analyses(folder)), folder)
        return None, (), (), [*error.issues, *found]
    endpoints, unbound = try_bind(protocol)
    issues = [*check_protocol(protocol), *unbound, *check_endpoints(protocol, endpoints)]
    kinds = {item.name: item.kind for item in endpoints}
    labels = {item.name: item.label_names for item in endpoints}
    analyses, found = bind_analyses(protocol, kinds, labels)
    if protocol.evidence is not None:
        issues += check_questions(protocol.evidence, read_library())
    return protocol, endpoints, analyses, list(locate_issues([*issues, *found], folder))
