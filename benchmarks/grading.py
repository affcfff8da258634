"""Grades and patterns of blood counts beside plain Polars, pandas and DuckDB, at equal counts.

`--patients 36000` is the full run of 20 million rows; the engines take turns, in one process.
`--memory` runs each alone on growing data, `--parts` ours part by part from Parquet files.
"""

from __future__ import annotations

import argparse
import importlib
import json
import os
import re
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl

from stromal.endpoints.bind import Bound, bind_endpoint
from stromal.endpoints.derive import derive_outcomes
from stromal.endpoints.parts import derive_outcomes_in_parts
from stromal.protocol.protocol import EndpointUse
from stromal.tables.patients import Patients

DAYS = np.arange(-5.0, 180.0)
ANALYTES = ("neutrophils", "platelets", "haemoglobin")
LINEAGES = {
    "neutrophils": "neutropenia",
    "platelets": "thrombocytopenia",
    "haemoglobin": "anaemia",
}
USUAL = {"neutrophils": 2.6, "platelets": 190.0, "haemoglobin": 118.0}
LIMIT = {"neutrophils": 1.8, "platelets": 150.0, "haemoglobin": 120.0}
UNIT = {"neutrophils": "10^9/L", "platelets": "10^9/L", "haemoglobin": "g/L"}
CUTS = {
    "neutrophils": (1.5, 1.0, 0.5),
    "platelets": (75.0, 50.0, 25.0),
    "haemoglobin": (100.0, 80.0, -1.0),
}
"""Cuts of grade 2, 3 and 4 of CTCAE 5.0; haemoglobin has no grade 4."""
ROW = 3 * 16 + 3 * 8
"""Bytes of a row of `labs` in memory: three texts and three numbers."""
PART = 900
GRADE, LONG, LATE = 3, 28.0, 28.0
Counts = dict[str, dict[str, int]]


def read_peak() -> int:
    """Peak memory of this process [kB]; that of the process that started it does not count."""
    status = Path("/proc/self/status")
    found = re.findall(r"VmHWM:\s+(\d+)", status.read_text("utf-8")) if status.exists() else []
    return int(found[0]) if found else 0


def draw_cohort(patients: int, first: int = 0) -> Patients:
    """Counts of three analytes on 185 days, each a random walk with a fall; some patients die."""
    rng = np.random.default_rng((13, first))
    names = pl.Series("subject", [f"patient-{first + number:07d}" for number in range(patients)])
    series = patients * len(ANALYTES)
    walk = np.cumsum(rng.normal(0.0, 0.11, (series, DAYS.size)), axis=1)
    depth, width = rng.gamma(2.0, 0.8, (series, 1)), rng.uniform(6.0, 20.0, (series, 1))
    walk -= depth * np.exp(-(((DAYS - rng.uniform(5, 30, (series, 1))) / width) ** 2))
    analyte = np.tile(np.repeat(np.arange(3, dtype=np.uint32), DAYS.size), patients)
    usual = np.array([USUAL[name] for name in ANALYTES])[analyte]
    steep = np.array([1.0, 0.9, 0.2])[analyte]
    value = np.round(usual * np.exp(steep * walk.ravel()), 2)
    which = pl.Series(analyte)
    labs = pl.DataFrame(
        {
            "subject": names.gather(pl.Series(np.repeat(np.arange(patients), 3 * DAYS.size))),
            "day": np.tile(DAYS, series),
            "analyte": pl.Series(ANALYTES).gather(which),
            "value": value,
            "unit": pl.Series([UNIT[name] for name in ANALYTES]).gather(which),
            "lower_limit": np.array([LIMIT[name] for name in ANALYTES])[analyte],
        }
    )
    dead = rng.random(patients) < 0.15
    events = pl.DataFrame({"subject": names.filter(pl.Series(dead))}).with_columns(
        day=pl.Series(rng.integers(10, 170, int(dead.sum())).astype(float)), event=pl.lit("death")
    )
    return Patients.of(subjects=pl.DataFrame({"subject": names}), labs=labs, events=events)


def name_endpoints() -> list[Bound]:
    """Three worst grades, three patterns and the early grade of haematotoxicity."""
    uses = [
        {"name": analyte, "rule": "cytopenia_grade", "parameters": {"lineage": lineage}}
        for analyte, lineage in LINEAGES.items()
    ] + [
        {
            "name": pattern,
            "rule": "cytopenia_pattern",
            "parameters": {
                "pattern": pattern,
                "lineages": list(LINEAGES.values()),
                "threshold_grade": GRADE,
            },
        }
        for pattern in ("prolonged", "late_onset", "biphasic")
    ]
    uses.append({"name": "icaht", "rule": "icaht_early", "parameters": {}})
    return [bind_endpoint(EndpointUse.model_validate(use)) for use in uses]


def count(outcomes: pl.DataFrame) -> Counts:
    """Patients by endpoint and label."""
    rows = outcomes.group_by("endpoint", "label").len().sort("endpoint", "label").rows()
    found: Counts = {}
    for endpoint, label, number in rows:
        found.setdefault(endpoint, {})[str(label)] = number
    return found


def prepare_stromal(cohort: Patients) -> Callable[[], Counts]:
    """Our rules."""
    bound = name_endpoints()
    return lambda: count(derive_outcomes(cohort, bound, reasons=False))


def _grades() -> pl.Expr:
    value, analyte = pl.col("value"), pl.col("analyte")

    def cut(grade: int) -> pl.Expr:
        chain: Any = pl
        for name in ANALYTES:
            chain = chain.when(analyte == name).then(CUTS[name][grade - 2])
        return chain

    return (
        pl.when(value < cut(4))
        .then(4)
        .when(value < cut(3))
        .then(3)
        .when(value < cut(2))
        .then(2)
        .when(value < pl.col("lower_limit"))
        .then(1)
        .otherwise(0)
        .cast(pl.Int8)
    )


def prepare_polars(cohort: Patients) -> Callable[[], Counts]:
    """Plain Polars, lazy: runs by `rle_id` over each series, then one row for each run."""
    labs, deaths = cohort.labs.lazy(), cohort.events.lazy()
    subjects = cohort.subjects.lazy().select("subject")

    def low_runs(cut: float) -> pl.LazyFrame:
        """Episodes of low neutrophils, those up to two days apart as one."""
        low = labs.filter(
            pl.col("analyte") == "neutrophils",
            pl.col("day").is_between(0, 30),
            pl.col("value") <= cut,
        ).sort("subject", "day")
        apart = (pl.col("day").diff().over("subject") > 3).fill_null(value=True)
        return (
            low.with_columns(apart.cum_sum().over("subject").alias("run"))
            .group_by("subject", "run")
            .agg(pl.col("day").min().alias("from"), pl.col("day").max().alias("to"))
            .with_columns((pl.col("to") - pl.col("from") + 1).alias("days"))
        )

    def icaht() -> pl.LazyFrame:
        severe = (
            low_runs(0.5)
            .group_by("subject")
            .agg(
                pl.col("days").max().alias("severe"),
                ((pl.col("from") <= 3) & (pl.col("to") == 30)).any().alias("throughout"),
            )
        )
        profound = low_runs(0.1).group_by("subject").agg(pl.col("days").max().alias("profound"))
        days, deep = pl.col("severe").fill_null(0), pl.col("profound").fill_null(0)
        grade = (
            pl.when(pl.col("throughout").fill_null(value=False) | (deep >= 14))
            .then(4)
            .when((days >= 14) | (deep >= 7))
            .then(3)
            .when(days >= 7)
            .then(2)
            .when(days >= 1)
            .then(1)
            .otherwise(0)
        )
        joined = subjects.join(severe, on="subject", how="left").join(
            profound, on="subject", how="left"
        )
        return joined.select(
            "subject", pl.lit("icaht").alias("endpoint"), grade.cast(pl.String).alias("label")
        )

    def task() -> Counts:
        graded = labs.select("subject", "day", "analyte", _grades().alias("grade"))
        worst = (
            graded.filter(pl.col("day") > 0)
            .group_by("subject", "analyte")
            .agg(pl.col("grade").max())
            .select("subject", pl.col("analyte").alias("endpoint"), pl.col("grade").alias("label"))
        )
        died = deaths.select("subject", pl.col("day").alias("died"))
        runs = (
            graded.join(died, on="subject", how="left")
            .filter(pl.col("died").is_null() | (pl.col("day") <= pl.col("died")))
            .sort("subject", "analyte", "day")
            .with_columns((pl.col("grade") >= GRADE).alias("low"))
            .with_columns(pl.col("low").rle_id().over("subject", "analyte").alias("run"))
            .group_by("subject", "analyte", "run", maintain_order=True)
            .agg(
                pl.col("low").first(),
                pl.col("day").first().alias("from"),
                pl.col("day").last().alias("last"),
            )
            .with_columns(pl.col("from").shift(-1).over("subject", "analyte").alias("next"))
            .filter("low")
            .select(
                "subject",
                "analyte",
                pl.max_horizontal("from", 0.0).alias("start"),
                pl.coalesce("next", "last").alias("end"),
            )
            .filter(pl.col("end") > 0)
        )
        first = pl.col("start").min().over("subject", "analyte")
        shows = runs.with_columns(
            (pl.col("end") - pl.col("start") >= LONG).alias("prolonged"),
            (pl.col("start") >= LATE).alias("late_onset"),
            ((pl.col("start") > first) & (first < LATE)).alias("biphasic"),
        )
        patterns = ("prolonged", "late_onset", "biphasic")
        flags = subjects.join(
            shows.group_by("subject").agg(pl.col(patterns).any()), on="subject", how="left"
        ).with_columns(pl.col(patterns).fill_null(value=False))
        long = flags.unpivot(patterns, index="subject", variable_name="endpoint").select(
            "subject",
            "endpoint",
            pl.when("value").then(pl.lit("yes")).otherwise(pl.lit("no")).alias("label"),
        )
        worst = worst.with_columns(pl.col("label").cast(pl.String))
        return count(pl.concat(pl.collect_all([worst, long, icaht()])))

    return task


def prepare_pandas(cohort: Patients) -> Callable[[], Counts]:
    """pandas: runs by a shift and a cumulative sum, then grouped."""
    pd = importlib.import_module("pandas")
    columns = ["subject", "day", "analyte", "value", "lower_limit"]
    labs = pd.DataFrame({name: cohort.labs[name].to_numpy() for name in columns})
    died = pd.Series(
        cohort.events["day"].to_numpy(), index=cohort.events["subject"].to_list(), name="died"
    )
    everybody = cohort.subjects["subject"].to_list()

    def low_runs(cut: float) -> object:
        low = labs[
            (labs["analyte"] == "neutrophils") & labs["day"].between(0, 30) & (labs["value"] <= cut)
        ].sort_values(["subject", "day"], kind="stable")
        apart = low.groupby("subject", sort=False)["day"].diff().fillna(99) > 3
        ends = low.groupby([low["subject"], apart.cumsum()], sort=False)["day"].agg(["min", "max"])
        return ends.assign(days=ends["max"] - ends["min"] + 1)

    def icaht() -> dict[str, int]:
        severe, profound = low_runs(0.5), low_runs(0.1)
        lasts = severe[(severe["min"] <= 3) & (severe["max"] == 30)].index.get_level_values(0)
        days, deep = (
            runs.groupby(level=0)["days"].max().reindex(everybody, fill_value=0).to_numpy()
            for runs in (severe, profound)
        )
        throughout = pd.Index(everybody).isin(lasts)
        grade = np.select(
            [throughout | (deep >= 14), (days >= 14) | (deep >= 7), days >= 7, days >= 1],
            [4, 3, 2, 1],
            0,
        )
        labels, sizes = np.unique(grade, return_counts=True)
        return {str(label): int(size) for label, size in zip(labels, sizes, strict=True)}

    def task() -> Counts:
        analyte, value = labs["analyte"], labs["value"].to_numpy()
        conditions = [
            value < analyte.map({name: cuts[grade - 2] for name, cuts in CUTS.items()}).to_numpy()
            for grade in (4, 3, 2)
        ]
        conditions.append(value < labs["lower_limit"].to_numpy())
        grade = np.select(conditions, [4, 3, 2, 1], 0)
        rows = labs[["subject", "analyte", "day"]].assign(grade=grade, low=grade >= GRADE)
        worst = rows[rows["day"] > 0].groupby(["analyte", "subject"], sort=False)["grade"].max()
        found = {
            str(name): {str(label): int(n) for label, n in own.value_counts().items()}
            for name, own in worst.groupby(level="analyte")
        }
        rows = rows[~(rows["day"] > rows["subject"].map(died))]
        rows = rows.sort_values(["subject", "analyte", "day"], kind="stable")
        key = rows[["subject", "analyte"]]
        begins = key.ne(key.shift()).any(axis=1) | rows["low"].ne(rows["low"].shift())
        runs = rows.groupby(begins.cumsum(), sort=False).agg(
            subject=("subject", "first"),
            analyte=("analyte", "first"),
            low=("low", "first"),
            start=("day", "first"),
            last=("day", "last"),
        )
        following = runs.groupby(["subject", "analyte"], sort=False)["start"].shift(-1)
        runs = runs.assign(end=following.fillna(runs["last"]), start=runs["start"].clip(lower=0))
        runs = runs[runs["low"] & (runs["end"] > 0)]
        first = runs.groupby(["subject", "analyte"], sort=False)["start"].transform("min")
        shows = {
            "prolonged": runs["end"] - runs["start"] >= LONG,
            "late_onset": runs["start"] >= LATE,
            "biphasic": (runs["start"] > first) & (first < LATE),
        }
        found["icaht"] = icaht()
        for name, own in shows.items():
            yes = int(runs["subject"][own].nunique())
            found[name] = {"no": len(everybody) - yes, "yes": yes}
        return found

    return task


SQL = """
with graded as (
  select subject, analyte, day,
    case when value < case analyte {cut4} end then 4
         when value < case analyte {cut3} end then 3
         when value < case analyte {cut2} end then 2
         when value < lower_limit then 1 else 0 end as grade
  from labs),
worst as (
  select analyte as endpoint, cast(max(grade) as varchar) as label
  from graded where day > 0 group by subject, analyte),
kept as (
  select g.*, grade >= {grade} as low
  from graded g left join events e on e.subject = g.subject
  where e.day is null or g.day <= e.day),
marked as (
  select *, row_number() over (partition by subject, analyte order by day)
          - row_number() over (partition by subject, analyte, low order by day) as run
  from kept),
runs as (
  select subject, analyte, low, min(day) as start, max(day) as last
  from marked group by subject, analyte, low, run),
followed as (
  select *,
    coalesce(lead(start) over (partition by subject, analyte order by start), last) as until
  from runs),
episodes as (
  select subject, analyte, greatest(start, 0) as start, until from followed
  where low and until > 0),
shown as (
  select subject, until - start >= {long} as prolonged, start >= {late} as late_onset,
    start > min(start) over (partition by subject, analyte)
      and min(start) over (partition by subject, analyte) < {late} as biphasic
  from episodes),
flags as (
  select subject, bool_or(prolonged) as prolonged, bool_or(late_onset) as late_onset,
    bool_or(biphasic) as biphasic
  from shown group by subject),
everyone as (
  select coalesce(prolonged, false) as prolonged, coalesce(late_onset, false) as late_onset,
    coalesce(biphasic, false) as biphasic
  from subjects left join flags using (subject)),
lows as (
  select subject, day, cut, day - lag(day) over (partition by cut, subject order by day) as gap
  from labs, (values (0.5), (0.1)) as cuts(cut)
  where analyte = 'neutrophils' and day between 0 and 30 and value <= cut),
numbered as (
  select *, sum(case when gap <= 3 then 0 else 1 end)
    over (partition by cut, subject order by day) as run
  from lows),
lasting as (
  select subject, cut, min(day) as start, max(day) as until, max(day) - min(day) + 1 as days
  from numbered group by subject, cut, run),
longest as (
  select subject,
    coalesce(max(days) filter (where cut = 0.5), 0) as severe,
    coalesce(max(days) filter (where cut = 0.1), 0) as profound,
    coalesce(bool_or(start <= 3 and until = 30) filter (where cut = 0.5), false) as throughout
  from subjects left join lasting using (subject) group by subject),
icaht as (
  select case when throughout or profound >= 14 then '4'
    when severe >= 14 or profound >= 7 then '3'
    when severe >= 7 then '2' when severe >= 1 then '1' else '0' end as label
  from longest),
said as (
  select endpoint, label from worst
  union all select 'icaht', label from icaht
  union all select 'prolonged', case when prolonged then 'yes' else 'no' end from everyone
  union all select 'late_onset', case when late_onset then 'yes' else 'no' end from everyone
  union all select 'biphasic', case when biphasic then 'yes' else 'no' end from everyone)
select endpoint, label, count(*) from said group by endpoint, label
"""


def prepare_duckdb(cohort: Patients) -> Callable[[], Counts]:
    """DuckDB: gaps and islands with window functions, on tables of its own."""
    duckdb = importlib.import_module("duckdb")
    connection = duckdb.connect()
    connection.execute(f"set threads to {os.cpu_count()}")
    with tempfile.TemporaryDirectory() as folder:
        for name in ("subjects", "labs", "events"):
            file = Path(folder) / f"{name}.parquet"
            cohort.table(name).write_parquet(file)
            connection.execute(f"create table {name} as select * from read_parquet('{file}')")
    cuts = {
        f"cut{grade}": " ".join(
            f"when '{name}' then {found[grade - 2]}" for name, found in CUTS.items()
        )
        for grade in (2, 3, 4)
    }
    text = SQL.format(**cuts, grade=GRADE, long=LONG, late=LATE)

    def task() -> Counts:
        found: Counts = {}
        for endpoint, label, number in sorted(connection.execute(text).fetchall()):
            found.setdefault(endpoint, {})[label] = number
        return found

    return task


ENGINES = {
    "stromal": prepare_stromal,
    "plain Polars": prepare_polars,
    "pandas": prepare_pandas,
    "DuckDB": prepare_duckdb,
}


def race(patients: int, turns: int, engines: list[str]) -> None:
    """Let the engines take turns, and print a row for each."""
    cohort = draw_cohort(patients)
    rows = cohort.labs.height
    tasks = {name: ENGINES[name](cohort) for name in engines}
    answers = {
        name: {key: dict(sorted(own.items())) for key, own in sorted(task().items())}
        for name, task in tasks.items()
    }
    for name, answer in answers.items():
        if answer != answers["stromal"]:
            raise SystemExit(f"{name} counts otherwise:\n{answer}\n{answers['stromal']}")
    print(json.dumps(answers["stromal"]))
    took: dict[str, list[tuple[float, float]]] = {name: [] for name in tasks}
    for _ in range(turns):
        for name, task in tasks.items():
            wall, cpu = time.perf_counter(), time.process_time()
            task()
            took[name].append((time.perf_counter() - wall, time.process_time() - cpu))
    load = f"load {os.getloadavg()[0]:.1f} on {os.cpu_count()} cores"
    print(f"{rows:,} rows, {patients:,} patients, {turns} turns, {load}")
    print("| engine | wall, s | CPU, s | million rows per second | plain Polars takes |")
    print("|---|---|---|---|---|")
    for name, found in took.items():
        wall = statistics.median(each[0] for each in found)
        cpu = statistics.median(each[1] for each in found)
        ratios = sorted(
            theirs[0] / ours[0] for ours, theirs in zip(found, took["plain Polars"], strict=True)
        )
        print(
            f"| {name} | {wall:.2f} | {cpu:.2f} | {rows / wall / 1e6:.1f} | "
            f"{statistics.median(ratios):.2f} times as long ({ratios[0]:.2f}-{ratios[-1]:.2f}) |"
        )


def run_alone(name: str, patients: int) -> None:
    """Run one engine in a process of its own, and print its peak memory."""
    cohort = draw_cohort(patients)
    before = read_peak()
    task = ENGINES[name](cohort)
    start = time.perf_counter()
    task()
    peak = read_peak()
    print(
        f"| {name} | {cohort.labs.height:,} | {time.perf_counter() - start:.2f} | "
        f"{before / 1024:.0f} | {peak / 1024:.0f} |"
    )


def write_cohort(folder: Path, patients: int, piece: int = 3600) -> None:
    """Write a cohort as Parquet files, some patients in each."""
    for name in ("subjects", "labs", "events"):
        (folder / name).mkdir()
    for start in range(0, patients, piece):
        cohort = draw_cohort(min(piece, patients - start), start)
        for name in ("subjects", "labs", "events"):
            cohort.table(name).write_parquet(folder / name / f"{start:07d}.parquet")
    pl.scan_parquet(folder / "subjects" / "*.parquet").sink_parquet(folder / "subjects.parquet")


def run_in_parts(folder: Path) -> None:
    """Derive the outcomes of a folder in parts, and print time and peak memory."""
    before = read_peak()
    start = time.perf_counter()
    files = derive_outcomes_in_parts(folder, name_endpoints(), folder / "outcomes", patients=PART)
    took = time.perf_counter() - start
    peak = read_peak()
    rows = pl.scan_parquet(folder / "labs" / "*.parquet").select(pl.len()).collect().item()
    size = sum(file.stat().st_size for file in folder.rglob("*.parquet"))
    print(
        f"| {rows:,} | {len(files)} | {size / 2**20:.0f} | {rows * ROW / 2**20:.0f} | "
        f"{took:.1f} | {before / 1024:.0f} | {peak / 1024:.0f} |"
    )


def bench_parts(patients: int) -> None:
    """Data of growing size in parts of the same size, each in a process of its own."""
    print("| rows | parts | files, MB | as a table, MB | wall, s | start, MB | peak, MB |")
    print("|---|---|---|---|---|---|---|")
    for size in (patients // 4, patients // 2, patients):
        with tempfile.TemporaryDirectory() as name:
            folder = Path(name)
            write_cohort(folder, size)
            command = [sys.executable, __file__, "--parts-of", name]
            subprocess.run(command, check=True)


def main() -> None:
    """Race, or one engine alone."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--patients", type=int, default=3600)
    parser.add_argument("--turns", type=int, default=3)
    parser.add_argument("--engines", nargs="*", default=list(ENGINES))
    parser.add_argument("--memory", action="store_true")
    parser.add_argument("--alone")
    parser.add_argument("--parts", action="store_true")
    parser.add_argument("--parts-of")
    given = parser.parse_args()
    if given.parts_of:
        run_in_parts(Path(given.parts_of))
    elif given.parts:
        bench_parts(given.patients)
    elif given.alone:
        run_alone(given.alone, given.patients)
    elif given.memory:
        for name in given.engines:
            for size in (given.patients // 4, given.patients // 2, given.patients):
                command = [sys.executable, __file__, "--alone", name, "--patients", str(size)]
                subprocess.run(command, check=True)
    else:
        race(given.patients, given.turns, given.engines)


if __name__ == "__main__":
    main()
