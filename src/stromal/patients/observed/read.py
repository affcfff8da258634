"""Reading a folder of real patients: five tables, every issue at once."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import polars as pl

from stromal.errors import Issue
from stromal.patients.observed.assessments import read_assessments
from stromal.patients.observed.differential import derive_counts
from stromal.patients.observed.doses import read_doses
from stromal.patients.observed.events import read_events
from stromal.patients.observed.folder import find_tables
from stromal.patients.observed.labs import read_labs
from stromal.patients.observed.results import keep_results
from stromal.patients.observed.subjects import covariate_columns, read_subjects
from stromal.protocol.protocol import Protocol
from stromal.tables.patients import PATIENT_TABLES, Patients, TableFile
from stromal.tables.read_table import read_table
from stromal.tables.vocabulary.vocabulary import SHARED

Reading = tuple[pl.DataFrame, tuple[Issue, ...]]


def read_patients(folder: Path, protocol: Protocol | None) -> tuple[Patients, tuple[Issue, ...]]:
    r"""Patients of a folder of CSV or Parquet tables, in internal units, and every issue found.

    `subjects` is required, `doses`, `labs`, `assessments` and `events` are not. Laboratory values
    and their limits are converted to the unit of the analyte, cell doses to cell/kg; a unit that
    is missing or unknown is an issue and its value null, never a guess. Results that were corrected
    or cancelled are left out, and absolute counts follow from leukocytes and percentages.

    Parameters
    ----------
    folder
        The folder; no file in it may be a symbolic link out of the folder's parent, the study.
    protocol
        Gives the species, the covariates and the vocabulary of the study; without one, covariates
        are not read and only the shared vocabulary is known.

    Returns
    -------
    patients
        The tables, as far as they could be read: where an issue is an error they are incomplete.
    issues
        In the order of the tables; errors, warnings and notes.

    Examples
    --------
    >>> from tempfile import TemporaryDirectory
    >>> with TemporaryDirectory() as name:
    ...     folder = Path(name)
    ...     _ = (folder / "subjects.csv").write_text("subject,arm,sex\n1,msc,F\n")
    ...     _ = (folder / "labs.csv").write_text(
    ...         "subject,day,analyte,value,unit\n1,0,haemoglobin,9.9,g/dL\n1,7,platelets,12,\n"
    ...     )
    ...     patients, issues = read_patients(folder, None)
    >>> patients.labs.select("value", "unit", "reported_unit").rows()
    [(99.0, 'g/L', 'g/dL'), (None, None, None)]
    >>> print(issues[0])
    labs.csv row 3 column unit: platelets is 12 without a unit.
    hint: write the unit of the report, such as `10^9/L`
    """
    paths, issues = find_tables(folder)
    study = folder.absolute().parent
    frames: dict[str, pl.DataFrame] = {}
    files: dict[str, TableFile] = {}
    found = list(issues)
    for name, schema in PATIENT_TABLES.items():
        if name not in paths:
            continue
        covariates = covariate_columns(protocol) if name == "subjects" else ()
        frame, read_issues, files[name] = read_table(paths[name], schema, covariates, study)
        found += read_issues
        if frame is not None and name == "labs":
            frame, files[name], notes = keep_results(frame, files[name])
            found += notes
        if frame is not None:
            weights = frames.get("subjects", PATIENT_TABLES["subjects"].empty())
            reading = _reader(name, protocol, weights)(frame, files[name])
            frames[name] = reading[0]
            found += reading[1]
    if "labs" in frames:
        frames["labs"], files["labs"], notes = derive_counts(frames["labs"], files["labs"])
        found += notes
    return Patients.of(files, **frames), tuple(found)


def _reader(
    name: str, protocol: Protocol | None, subjects: pl.DataFrame
) -> Callable[[pl.DataFrame, TableFile], Reading]:
    """Return how the cells of a table become the house's values."""
    vocabulary = SHARED if protocol is None else protocol.vocabulary
    readers: dict[str, Callable[[pl.DataFrame, TableFile], Reading]] = {
        "subjects": lambda frame, file: read_subjects(frame, file, protocol),
        "doses": lambda frame, file: read_doses(frame, file, subjects),
        "labs": lambda frame, file: read_labs(frame, file, vocabulary),
        "assessments": lambda frame, file: read_assessments(frame, file, vocabulary),
        "events": lambda frame, file: read_events(frame, file, vocabulary),
    }
    return readers[name]
