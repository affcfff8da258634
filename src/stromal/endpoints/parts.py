"""Outcomes of more patients than fit into memory, part by part, from and to Parquet files."""

from __future__ import annotations

from collections.abc import Iterable
from functools import partial
from pathlib import Path

import polars as pl

from stromal.endpoints.bind import Bound
from stromal.endpoints.derive import derive_outcomes
from stromal.errors import InvalidInput, Issue
from stromal.store.files import put_whole
from stromal.tables.patients import PATIENT_TABLES, Patients

PATIENTS = 20_000


def derive_outcomes_in_parts(
    source: Path | str,
    bound: Iterable[Bound],
    target: Path | str,
    *,
    patients: int = PATIENTS,
    reasons: bool = False,
) -> tuple[Path, ...]:
    """Derive the outcomes of some patients at a time, and write each part as a file.

    Patients do not depend on each other, so that every row is the one that `derive_outcomes` gives
    for all of them at once. Memory holds the records of one part: it grows with `patients`, not
    with the data. Where the files hold patients together, only those of the part are read; where
    they do not, every part reads all of them.

    Parameters
    ----------
    source
        Folder with a file `subjects.parquet`, and `labs.parquet` and so on; or, in place of a file,
        a folder of that name (`labs/`) with several.
    bound
        Endpoints, as for `derive_outcomes`.
    target
        Folder for `outcomes-00000.parquet` and so on; it is made where it is not there.
    patients
        Names of patients in a part.
    reasons
        Write the reasons.

    Returns
    -------
    tuple of Path
        The files, in the order of patients.

    Raises
    ------
    InvalidInput
        The source has no `subjects`, a table has no column `subject`, or a file cannot be read.

    Examples
    --------
    >>> import tempfile
    >>> from stromal.endpoints.bind import bind_endpoint
    >>> from stromal.protocol.protocol import EndpointUse
    >>> survival = bind_endpoint(EndpointUse(name="survival", rule="overall_survival"))
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     subjects = pl.DataFrame({"subject": ["a", "b", "c"], "last_day": [9.0, 8.0, 7.0]})
    ...     subjects.write_parquet(f"{folder}/subjects.parquet")
    ...     files = derive_outcomes_in_parts(folder, [survival], f"{folder}/out", patients=2)
    ...     [pl.read_parquet(file)["day"].to_list() for file in files]
    [[9.0, 8.0], [7.0]]
    """
    bound, tables = tuple(bound), _scan(Path(source))
    if patients < 1:
        raise InvalidInput([Issue(f"`patients` is {patients}", hint="give 1 or more")])
    subjects = tables.pop("subjects").collect()
    names = subjects["subject"].unique(maintain_order=True)
    folder, files = Path(target), []
    folder.mkdir(parents=True, exist_ok=True)
    for part, start in enumerate(range(0, names.len(), patients)):
        some = names.slice(start, patients)
        own = {name: _take(table, some) for name, table in tables.items()}
        chosen = subjects.filter(pl.col("subject").is_in(some.implode()))
        outcomes = derive_outcomes(
            Patients.of(None, subjects=chosen, **own), bound, reasons=reasons
        )
        file = folder / f"outcomes-{part:05d}.parquet"
        put_whole(file, partial(outcomes.write_parquet, statistics=True))
        files.append(file)
    return tuple(files)


def _scan(source: Path) -> dict[str, pl.LazyFrame]:
    """The tables of a folder as they stand in its files; InvalidInput with everything amiss."""
    found: dict[str, pl.LazyFrame] = {}
    issues: list[Issue] = []
    for name in PATIENT_TABLES:
        file, folder = source / f"{name}.parquet", source / name
        if not file.is_file() and not any(folder.glob("*.parquet")):
            continue
        try:
            table = pl.scan_parquet(file if file.is_file() else folder / "*.parquet")
            columns = table.collect_schema().names()
        except (pl.exceptions.PolarsError, OSError):
            issues.append(Issue("cannot be read as Parquet", str(file), hint="write it again"))
            continue
        if "subject" in columns:
            found[name] = table
        else:
            hint = "name the patient of each row in it"
            issues.append(Issue("has no column `subject`", file.name, hint=hint))
    if "subjects" not in found and not issues:
        hint = "write a row for each patient to it"
        issues.append(Issue(f"{source} has no file `subjects.parquet`", hint=hint))
    if issues:
        raise InvalidInput(issues)
    return found


def _take(table: pl.LazyFrame, names: pl.Series) -> pl.DataFrame:
    """The rows of some patients; parts of files that hold none of their names are passed over."""
    name = pl.col("subject")
    between = name.is_between(pl.lit(names.min()), pl.lit(names.max()))
    return table.filter(between & name.is_in(names.implode())).collect(engine="streaming")
