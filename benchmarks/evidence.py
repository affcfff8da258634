"""A query and pooled estimates on made-up studies beside R metafor: CPU time, never asserted."""

from __future__ import annotations

import shutil
import subprocess
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import machine
import numpy as np
import polars as pl

from stromal.evidence.library.reader import Library
from stromal.evidence.library.schemas import ARMS, OUTCOMES, STUDIES
from stromal.evidence.pool.binomial import pool_binomial
from stromal.evidence.pool.counts import pool_mantel_haenszel
from stromal.evidence.pool.effects import log_risk_ratios
from stromal.evidence.pool.inverse_variance import pool_effects
from stromal.evidence.question.select import select_rows
from stromal.evidence.question.sensitivity import assess_sensitivity
from stromal.protocol.evidence import Evidence

SIZES = (1_000, 10_000, 100_000)
MOST_R = {"rma": 1_000, "mh": 100_000}
"""Studies up to which R is asked: rma builds matrices of studies by studies."""

SCRIPT = """
suppressMessages(library(metafor))
rows <- read.csv(commandArgs(TRUE)[1])
cpu <- function(task) sum(system.time(task)[c(1, 2)])
if (commandArgs(TRUE)[2] == "rma") {
  time <- cpu(fit <- rma(measure = "RR", ai = events, n1i = total, ci = reference_events,
                         n2i = reference_total, data = rows, drop00 = TRUE, add = 0,
                         method = "REML", test = "knha"))
} else {
  time <- cpu(fit <- rma.mh(measure = "RR", ai = events, n1i = total, ci = reference_events,
                            n2i = reference_total, data = rows))
}
cat(time, fit$b[1])
"""


EVIDENCE = Evidence.model_validate(
    {
        "population": {"indications": ("acute_gvhd_treatment",)},
        "comparison": "control",
        "questions": (
            {
                "name": "response",
                "outcomes": ("overall_response",),
                "scale": "risk_ratio",
                "day": 28,
            },
        ),
    }
)
"""A protocol's table: the risk ratio of response on day 28."""


def make_studies(count: int, seed: int = 1) -> pl.DataFrame:
    """Studies of 20 to 200 patients a group; half of them are of another indication or day."""
    rng = np.random.default_rng(seed)
    n, m = rng.integers(20, 200, (2, count))
    odds, effect = rng.normal(-0.5, 0.5, count), rng.normal(0.3, 0.3, count)
    return pl.DataFrame(
        {
            "study": [f"S{i:06d}" for i in range(count)],
            "indication": rng.choice(["acute_gvhd_treatment"] * 3 + ["itp"], count),
            "day": rng.choice([28.0, 28.0, 56.0], count),
            "events": rng.binomial(n, 1 / (1 + np.exp(-odds - effect))),
            "total": n,
            "reference_events": rng.binomial(m, 1 / (1 + np.exp(-odds))),
            "reference_total": m,
        }
    )


def make_library(rows: pl.DataFrame) -> Library:
    """The studies as a record: two arms and two numbers each."""
    studies = rows.select(
        "study", year=2020, reference=pl.lit("made up"), design=pl.lit("randomised")
    )
    arms, outcomes = [], []
    for arm, lead in (("MSC", ""), ("control", "reference_")):
        one = rows.select(
            "study",
            "indication",
            "day",
            arm=pl.lit(arm),
            read_in=pl.lit("made up"),
            events=pl.col(f"{lead}events"),
            total=pl.col(f"{lead}total"),
            n=pl.col(f"{lead}total"),
            status=pl.lit("use"),
        )
        cells = ("bone_marrow", "third_party") if arm == "MSC" else ("none", "none")
        arms.append(
            one.with_columns(
                source=pl.lit(cells[0]), donor=pl.lit(cells[1]), age_group=pl.lit("adults")
            )
        )
        outcomes.append(
            one.with_columns(
                row=pl.col("study") + f"-{arm}",
                outcome=pl.lit("overall_response"),
                scale=pl.lit("proportion"),
                unit=pl.lit("%"),
                locator=pl.lit("Table 1"),
                value=100 * pl.col("events") / pl.col("total"),
            )
        )
    return Library(
        STUDIES.conform(studies),
        ARMS.conform(pl.concat(arms)).select(ARMS.names),
        OUTCOMES.conform(pl.concat(outcomes)).select(OUTCOMES.names),
    )


def columns(rows: pl.DataFrame) -> tuple[np.ndarray, ...]:
    """The four counts of each study."""
    names = ("events", "total", "reference_events", "reference_total")
    return tuple(rows[name].to_numpy() for name in names)


def seconds(task: Callable[[], object], repeats: int = 3) -> float:
    """Least CPU time of a task: what it needs when nothing else disturbs it."""
    times = []
    for _ in range(repeats):
        begun = time.process_time()
        task()
        times.append(time.process_time() - begun)
        if times[-1] > 5:
            break
    return min(times)


def ask_r(rows: pl.DataFrame, kind: str) -> tuple[float, float] | None:
    """CPU time and estimate of metafor; None where it is not installed."""
    if shutil.which("Rscript") is None:
        return None
    with tempfile.TemporaryDirectory() as folder:
        path, script = Path(folder) / "rows.csv", Path(folder) / "script.R"
        rows.write_csv(path)
        script.write_text(SCRIPT, "utf-8")
        done = subprocess.run(
            ["Rscript", "--vanilla", str(script), str(path), kind],
            capture_output=True,
            text=True,
            check=False,
        )
    if done.returncode:
        return None
    used, estimate = done.stdout.split()[-2:]
    return float(used), float(estimate)


def beside(rows: pl.DataFrame, kind: str, ours: float) -> tuple[str, str]:
    """Cells of R: CPU time, and how far its estimate is from ours."""
    if rows.height > MOST_R[kind]:
        return "not asked", ""
    found = ask_r(rows, kind)
    if found is None:
        return "not installed", ""
    return f"{found[0]:.3f}", f"{abs(found[1] - ours):.1e}"


def line(*cells: object) -> None:
    """Print a row of the table."""
    print("| " + " | ".join(str(cell) for cell in cells) + " |", flush=True)


def race(size: int) -> None:
    """Print the rows of one number of studies."""
    rows = make_studies(size)
    library = make_library(rows)
    question = EVIDENCE.questions[0]
    found = select_rows(library, EVIDENCE, question).chosen
    used = seconds(lambda: select_rows(library, EVIDENCE, question))
    line(f"{size:,}", f"query by protocol, {found.height:,} answer", f"{used:.3f}", "", "")
    table = columns(rows)
    random = pool_effects(log_risk_ratios(*table))
    used = seconds(lambda: pool_effects(log_risk_ratios(*table)))
    told = beside(rows, "rma", random.value or 0.0)
    line(f"{size:,}", "risk ratio, REML, Knapp-Hartung", f"{used:.3f}", *told)
    fixed = pool_mantel_haenszel(*table)
    used = seconds(lambda: pool_mantel_haenszel(*table))
    told = beside(rows, "mh", fixed.value or 0.0)
    line(f"{size:,}", "risk ratio, Mantel-Haenszel", f"{used:.4f}", *told)
    used = seconds(lambda: pool_binomial(table[0], table[1]))
    line(f"{size:,}", "share, binomial with random log odds", f"{used:.2f}", "", "")


def leave_out(studies: int = 200) -> None:
    """Print what it takes to leave each study out in turn, where all models are pooled again."""
    rows = make_studies(studies).with_columns(
        pl.lit(None, pl.String).alias("why"), pl.lit("use").alias("status")
    )
    for scale in ("proportion", "risk_ratio"):
        used = seconds(lambda scale=scale: assess_sensitivity(rows, scale), repeats=1)
        line(
            f"{studies:,}",
            f"{scale.replace('_', ' ')}, each left out in turn",
            f"{used:.2f}",
            "",
            "",
        )


def main() -> None:
    print(machine.describe())
    print(machine.load())
    line("studies", "task", "CPU s", "metafor, CPU s", "difference of the estimates")
    line(*["---"] * 5)
    leave_out()
    for size in SIZES:
        race(size)


if __name__ == "__main__":
    main()
