"""Who is in the cohort: covariates and the parameters of the model, drawn patient by patient."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace

import numpy as np
import polars as pl
from numpy.typing import NDArray

from stromal.errors import InvalidInput, Issue, Severity
from stromal.kernels.draws import Categorical, Distribution, Population, derive_distributions
from stromal.models.parameters import PARAMETERS, SPECIES, VARIATION_CHECKS
from stromal.protocol.protocol import Protocol
from stromal.protocol.simulation import Simulation, Varying
from stromal.simulate.model import SimulatedModel
from stromal.simulate.numbering import Members, Numbering, Wholes
from stromal.simulate.uncertain import Uncertain, list_spreads
from stromal.tables.subjects import SEXES, SUBJECTS

Floats = NDArray[np.float64]

DRAWN = ("age_years", "weight_kg", "sex")
"""Columns of every study that a simulation may draw, beside declared covariates."""

_COVARIATE = "covariate\0"
_FIELDS = ("value", "distribution", "sd", "low", "high", "share", "level", "level_sd")


@dataclass(frozen=True, slots=True)
class Cohort:
    """How the patients of a simulation are drawn, and what is not known of their parameters."""

    parameters: Population
    covariates: Population
    ports: Mapping[str, str]
    uncertain: Uncertain


@dataclass(frozen=True, slots=True)
class People:
    """Patients who were drawn: where they belong, their rows of `subjects`, their parameters."""

    members: Members
    numbers: Wholes
    subjects: pl.DataFrame
    parameters: Mapping[str, Floats]

    @property
    def count(self) -> int:
        """Return how many they are."""
        return len(self.numbers)


def pose_cohort(
    protocol: Protocol, simulation: Simulation, model: SimulatedModel, numbering: Numbering
) -> tuple[Cohort, tuple[Issue, ...]]:
    """Return how patients are drawn, and warnings.

    Raises
    ------
    InvalidInput
        Every issue: parameters and covariates that nobody knows, distributions that make no sense,
        correlations that no parameters can have together.
    """
    table = _with_changes(model.parameters, simulation.parameters)
    vary = _list_varying(simulation, model)
    # What does not vary may have any value, such as 0 for what is turned off.
    own = [name for name in simulation.parameters if vary is None or name in vary]
    issues = [
        *_check_parameters(simulation, model),
        *_check_variation(table.filter(pl.col("name").is_in(own)), "simulation.parameters"),
        *_check_covariates(protocol, simulation, model),
        *_check_variation(_tabulate_covariates(simulation), "simulation.covariates"),
    ]
    if any(issue.severity is Severity.ERROR for issue in issues):
        raise InvalidInput(issues)
    species, seed = protocol.study.species, seed_of(protocol)
    try:
        drawn = derive_distributions(table, species, vary=vary)
    except InvalidInput as error:
        raise InvalidInput([_placed(issue, "simulation") for issue in error.issues]) from None
    drawn = {name: each for name, each in drawn.items() if name not in simulation.switches}
    said = _distribute(simulation)
    levels = {"study": numbering.study, "lot": numbering.lot}
    pairs = {pair: size for pair, size in model.correlations.items() if set(pair) <= set(drawn)}
    pairs |= {(each.first, each.second): each.correlation for each in simulation.correlations}
    of: dict[bool, dict[tuple[str, str], float]] = {True: {}, False: {}}
    for pair, size in pairs.items():
        of[all(name in said for name in pair)][pair] = size
    try:
        parameters = Population(drawn, seed=seed, levels=levels, correlation=of[False] or None)
        covariates = Population(
            {_COVARIATE + name: each for name, each in said.items()},
            seed=seed,
            levels=levels,
            correlation={
                (_COVARIATE + first, _COVARIATE + second): size
                for (first, second), size in of[True].items()
            }
            or None,
        )
    except InvalidInput as error:
        raise InvalidInput([_placed(issue, "simulation") for issue in error.issues]) from None
    ports = {
        name: model.ports.covariates[name].parameter
        for name in said
        if name in model.ports.covariates
    }
    uncertain = _pose_uncertain(table, simulation, model, frozenset(drawn), species)
    return Cohort(parameters, covariates, ports, uncertain), tuple(issues)


def _list_varying(simulation: Simulation, model: SimulatedModel) -> tuple[str, ...] | None:
    """Return the parameters that vary: as the study says, else as the model does, and its own."""
    if simulation.vary is not None or model.vary is None:
        return simulation.vary
    changed = simulation.parameters.items()
    own = [name for name, given in changed if given.distribution not in (None, "fixed")]
    held = {name for name, given in changed if given.distribution == "fixed"}
    return tuple(dict.fromkeys(name for name in (*model.vary, *own) if name not in held))


def seed_of(protocol: Protocol) -> int:
    """Return the seed of a simulation: its own, else the study's."""
    own = None if protocol.simulation is None else protocol.simulation.seed
    return protocol.study.seed if own is None else own


def draw_people(
    cohort: Cohort, protocol: Protocol, numbering: Numbering, members: Members
) -> People:
    """Draw patients: their rows of `subjects` and the parameters of the model.

    Parameters
    ----------
    cohort
        How they are drawn.
    protocol
        Its arms, and the species.
    numbering
        What patients share.
    members
        Who is drawn.

    Returns
    -------
    People
        In the order of `members`.
    """
    numbers = numbering.patients(members)
    distinct, places = np.unique(numbers, return_inverse=True)
    drawn = {
        name: np.asarray(values, np.float64)[places]
        for name, values in cohort.parameters.at(distinct).items()
    }
    drawn = cohort.uncertain.move(drawn, numbers, numbering, int(cohort.parameters.seed))
    covariates = {
        name.removeprefix(_COVARIATE): values[places]
        for name, values in cohort.covariates.at(distinct).items()
    }
    for name, parameter in cohort.ports.items():
        drawn[parameter] = np.asarray(covariates[name], np.float64)
    arms = list(protocol.arms)
    subjects = pl.DataFrame(
        {
            "subject": [
                f"{arms[arm]}-{place + 1}"
                for arm, place in zip(members.arm.tolist(), members.place.tolist(), strict=True)
            ],
            "origin": ["simulated"] * len(numbers),
            "replicate": members.replicate + 1,
            "arm": [arms[arm] for arm in members.arm.tolist()],
            "species": [protocol.study.species] * len(numbers),
        }
        | {name: _as_recorded(name, values) for name, values in covariates.items()}
    )
    return People(members, numbers, SUBJECTS.conform(subjects), drawn)


def _as_recorded(name: str, values: NDArray[np.generic]) -> list[object]:
    """Return values as a ward writes them: ages in whole years, weights to a hundred grams."""
    digits = {"age_years": 0, "weight_kg": 1}.get(name)
    if digits is None or values.dtype.kind not in "fiu":
        return list(values.tolist())
    # Mice weigh 20 g: two digits of what there is, and never nothing.
    kept = np.asarray(values, np.float64)
    small = kept < 1
    return list(np.where(small, kept.round(4), kept.round(digits)).tolist())


def _with_changes(parameters: pl.DataFrame, changes: Mapping[str, Varying]) -> pl.DataFrame:
    """Return the table of parameters with what the study says otherwise."""
    rows = []
    for row in parameters.iter_rows(named=True):
        given = changes.get(row["name"])
        if given is not None:
            own = given.model_dump(include=set(_FIELDS), exclude_unset=True)
            # A distribution of the study's own does not inherit the limits of another.
            fresh = dict.fromkeys(_FIELDS[2:]) if given.distribution is not None else {}
            # The value holds for patients of whatever species are simulated.
            mouse = {"mouse": own["value"]} if "value" in own else {}
            rows.append(row | fresh | own | mouse)
        else:
            rows.append(row)
    return pl.DataFrame(rows, schema=PARAMETERS.dtypes)


def _distribute(simulation: Simulation) -> dict[str, Distribution]:
    """Return the distribution of each covariate, in their order."""
    numbers = derive_distributions(_tabulate_covariates(simulation))
    found: dict[str, Distribution] = {}
    for name, given in simulation.covariates.items():
        if given.shares:
            whole = sum(given.shares.values())
            found[name] = Categorical({level: part / whole for level, part in given.shares.items()})
        else:
            found[name] = numbers[name]
    return found


def _tabulate_covariates(simulation: Simulation) -> pl.DataFrame:
    """Return the covariates that are numbers as rows of a table of parameters."""
    rows = []
    for name, given in simulation.covariates.items():
        if given.shares:
            continue
        row = {field: getattr(given, field) for field in _FIELDS}
        row |= {"name": name, "distribution": given.distribution or "fixed", "unit": "1"}
        if row["distribution"] == "fixed":
            value = given.value
            row |= {"distribution": "two_values", "low": value, "high": value, "share": 0.5}
        rows.append(row)
    dtypes = {name: PARAMETERS.dtypes[name] for name in (*_FIELDS, "name", "unit")}
    return PARAMETERS.conform(pl.DataFrame(rows, schema=dtypes))


def _pose_uncertain(
    table: pl.DataFrame,
    simulation: Simulation,
    model: SimulatedModel,
    varying: frozenset[str],
    species: str,
) -> Uncertain:
    """Return what is not known of the parameters, as a simulation asks for it."""
    if simulation.uncertain is False:
        return Uncertain()
    # what the study sets is known to it
    told = {*simulation.switches, *simulation.parameters, *_list_set(simulation)}
    listed = {name: each for name, each in model.uncertain.items() if name not in told}
    spreads = list_spreads(table, species, varying, listed, model.study_share)
    return Uncertain(spreads, model.posterior if simulation.uncertain == "posterior" else None)


def _list_set(simulation: Simulation) -> Iterator[str]:
    for action in simulation.actions:
        yield from action.sets


def _check_parameters(simulation: Simulation, model: SimulatedModel) -> Iterator[Issue]:
    known = set(model.parameters["name"])
    for table, names in (
        ("parameters", simulation.parameters),
        ("switches", simulation.switches),
    ):
        for name in names:
            if name not in known:
                hint = f"write a parameter of {model.name}/parameters.csv"
                what = f"the model has no parameter `{name}`"
                yield _issue(what, f"simulation.{table}.{name}", hint)
    if simulation.uncertain == "posterior" and model.posterior is None:
        what = f"nothing was fitted of {model.name}, so that there is no posterior"
        yield _issue(what, "simulation.uncertain", 'write `true`, or "prior"')
    for name in simulation.parameters.keys() & simulation.switches.keys():
        hint = "write one of them; a switch is the same for all patients"
        what = f"`{name}` is both a parameter and a switch"
        yield _issue(what, f"simulation.switches.{name}", hint)


def _check_variation(table: pl.DataFrame, place: str) -> Iterator[Issue]:
    """Yield what is wrong with the values and distributions that the study says itself."""
    for row in table.iter_rows(named=True):
        # A study says one value, which stands in the columns of all species.
        said = dict.fromkeys(
            (message, "value" if column in SPECIES.values() else column, hint)
            for check in VARIATION_CHECKS
            for message, column, hint in check(row)
        )
        for message, column, hint in said:
            yield _issue(f"`{row['name']}`: {message}", f"{place}.{row['name']}.{column}", hint)


def _check_covariates(
    protocol: Protocol, simulation: Simulation, model: SimulatedModel
) -> Iterator[Issue]:
    """Yield covariates that are not declared, that are not fully said, or that feed nothing."""
    for name, given in simulation.covariates.items():
        column = f"simulation.covariates.{name}"
        declared = protocol.covariates.get(name)
        if name not in DRAWN and declared is None:
            hint = f"declare it as `[covariates.{name}]`, or draw {', '.join(DRAWN)}"
            yield _issue(f"`{name}` is no column of this study", column, hint)
            continue
        wanted: tuple[str, ...] = SEXES if name == "sex" else ("yes", "no")
        if declared is not None and declared.type == "category":
            wanted = declared.levels
        number = name in ("age_years", "weight_kg") or (
            declared is not None and declared.type == "number"
        )
        if number and given.shares:
            yield _issue(f"`{name}` is a number and has shares", column, "write its distribution")
        elif number and given.value is None and given.distribution != "uniform":
            yield _issue(f"`{name}` has no value", column, "write `value`, its median or mean")
        elif not number and not given.shares:
            hint = f"write `shares = {{ {' = ..., '.join(wanted)} = ... }}`"
            yield _issue(f"`{name}` has no shares", column, hint)
        elif not number and (others := set(given.shares) - set(wanted)):
            hint = f"its levels are {', '.join(wanted)}"
            yield _issue(f"`{name}` is never {', '.join(sorted(others))}", column, hint)
        if name not in DRAWN and name not in model.ports.covariates:
            hint = "write a port in ports.toml, or know that it changes nothing"
            what = f"covariate `{name}` feeds no parameter of the model"
            yield _issue(what, column, hint, Severity.WARNING)


def _placed(issue: Issue, column: str) -> Issue:
    """Return an issue of a population as one of the protocol."""
    where = column if issue.column is None else f"{column}.parameters.{issue.column}"
    return replace(issue, table="protocol.toml", column=where)


def _issue(message: str, column: str, hint: str, severity: Severity = Severity.ERROR) -> Issue:
    return Issue(message, "protocol.toml", column=column, hint=hint, severity=severity)
