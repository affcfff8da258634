"""Simulated trials of a study in memory, for a page that shows them beside real patients."""

from __future__ import annotations

import csv
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from hashlib import sha256
from importlib.resources import files

import polars as pl

from stromal.analyses.kind import Setting
from stromal.report.simulation import ShownSimulation
from stromal.simulate.effective import find_rules
from stromal.simulate.trial import Trial
from stromal.study.gather import Part
from stromal.study.predict import list_unmet_endpoints, predict
from stromal.study.read import Study
from stromal.study.simulate import prepare_study, score_all
from stromal.study.simulated_courses import Kept
from stromal.study.simulated_figures import BANDS_OF, draw_figures
from stromal.tables.patients import PATIENT_TABLES, Patients


@dataclass(frozen=True, slots=True)
class SimulatedTrials:
    """All simulated trials of a study: what they say, and the first of them as a cohort.

    `kept` are the tables of the first trials, for figures.
    """

    trial: Trial
    predictions: pl.DataFrame
    failures: pl.DataFrame
    first: Setting
    kept: Kept


def simulate_trials(study: Study, seed: int | None = None) -> SimulatedTrials:
    """Simulate every trial of a study; of all but the first, outcomes alone are kept.

    Parameters
    ----------
    study
        With a simulation in its protocol.
    seed
        Instead of that of the protocol.

    Raises
    ------
    InvalidInput
        The simulation of the protocol has errors.
    """
    trial = prepare_study(study, seed=seed)
    size = trial.numbering.trial
    shown = min(max(BANDS_OF // size, 1), trial.numbering.replicates)
    tables: dict[str, list[pl.DataFrame]] = {name: [] for name in PATIENT_TABLES}
    outcomes, failures = [], []

    def keep() -> Iterator[Part]:
        for scored in score_all(trial):
            patients = scored.batch.patients
            failures.append(scored.batch.failures)
            if scored.first < size:
                outcomes.append(scored.outcomes.filter(pl.col("replicate") == 1))
            if scored.first < shown * size:
                for name, parts in tables.items():
                    parts.append(patients.table(name).filter(pl.col("replicate") <= shown))
            yield patients.subjects, scored.outcomes

    found = predict(study, trial, keep())
    kept = Kept({name: pl.concat(parts) for name, parts in tables.items()}, shown)
    # What reads events that no simulated patient has would tell of those who died alone.
    unmet = list_unmet_endpoints(study, trial)
    own = pl.concat(outcomes).filter(~pl.col("endpoint").is_in(unmet))
    first = {name: table.filter(pl.col("replicate") == 1) for name, table in kept.tables.items()}
    labels = {item.name: item.labels for item in study.endpoints}
    setting = Setting(study.protocol, Patients.of(None, **first), own, labels, "simulated", 1)
    return SimulatedTrials(trial, found.predictions, pl.concat(failures), setting, kept)


def show_simulation(found: SimulatedTrials, published: pl.DataFrame) -> ShownSimulation:
    """Return what a page says of simulated trials: numbers, figures, and what must be said.

    `published` is what was printed, which some figures show beside.
    """
    trial, numbering = found.trial, found.trial.numbering
    digest = sha256("".join(trial.model.files.values()).encode()).hexdigest()
    return ShownSimulation(
        predictions=found.predictions,
        model=trial.model.name,
        version=digest[:12],
        replicates=numbering.replicates,
        patients=numbering.trial,
        seed=trial.seed,
        failures=dict(Counter(found.failures["reason"].to_list())),
        assumed=tuple(_list_assumed(trial)),
        fitted=_FITTED,
        predicted=_PREDICTED,
        unknown=tuple(_list_unknown(trial)),
        notes=trial.simulation.notes,
        figures=draw_figures(trial, found.kept, found.predictions, published),
    )


_FITTED = (
    "Nothing was fitted to the patients of this study by this run",
    (
        "Values of the model whose source says `calibrated` were set by hand to published results, "
        "by people who knew them"
    ),
)
_PREDICTED = (
    (
        "The simulated numbers, under the assumptions listed here; where the published "
        "number was known to who set the model's values, agreement is no prediction"
    ),
)


def _list_assumed(trial: Trial) -> Iterator[str]:
    """Yield what nobody measured: values of the model, doses, effects of preparations, changes."""
    table, products = trial.model.parameters, trial.protocol.products
    assumed = table.filter(pl.col("source") == "assumed").height
    yield (
        f"{assumed} of the {table.height} values of the model are assumed; its table of parameters "
        f"gives the reason of each"
    )
    if trial.cohort.uncertain:
        how = "by 5, 15 or 30 % where confidence is high, medium or low (assumed)"
        if trial.cohort.uncertain.members is not None:
            how = "as a fit to published trials left them"
        yield f"{len(trial.cohort.uncertain)} parameters are uncertain in their middle, {how}"
    for name, given in trial.simulation.assumed.items():
        yield f"Dose of {products[name].label}: {given.note}"
    for name in trial.simulation.left_out:
        yield f"{products[name].label} is not simulated"
    used = {each.product for arm in trial.protocol.arms.values() for each in arm.regimen}
    for name in sorted(used):
        stated = [rule for rule in find_rules(products[name]) if rule.uncertainty]
        listed = ", ".join(f"{rule.attribute} {rule.value}" for rule in stated)
        if listed:
            yield (
                f"No mean effect and a wide uncertainty of what {products[name].label} are: "
                f"{listed}; each lot is one draw"
            )
    for name, change in trial.simulation.parameters.items():
        if change.note:
            yield f"Parameter `{name}`: {change.note}"


def _list_unknown(trial: Trial) -> Iterator[str]:
    """Yield what data cannot tell, of the model's setting."""
    text = (files("stromal.simulate") / "cannot_know.csv").read_text("utf-8")
    for row in csv.DictReader(text.splitlines()):
        if row["setting"] in ("any", trial.simulation.setting):
            yield row["text"]
