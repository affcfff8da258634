"""Every scenario of the physiology, run through the engine; the assertions ask them.

Numbers of the biology are those of the library; numbers of a scenario (doses, days) stand here.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from scipy.special import ndtri

from stromal.kernels.door import Accuracy, Read, Schedule, Work
from stromal.kernels.draws import LogNormal, Uniform, draw_parameters
from stromal.kernels.kernel import compile_kernel
from stromal.kernels.solve import solve
from stromal.kernels.timeline import Dose, Jump, ParameterChange
from stromal.models.library.read import read_library_model
from stromal.models.parameters import find_values

SEED = 1
Arrays = dict[str, np.ndarray]

# ------------------------------------------------------------------------------------ the machine


@lru_cache(maxsize=2)
def read_the_model(species="human"):
    """The model with the values of a species."""
    return read_library_model("physiology", species)


@lru_cache(maxsize=2)
def values(species="human"):
    """Values of all parameters in a species."""
    return find_values(read_the_model(species).parameters, species)


def value(symbol: str, species: str = "human") -> float:
    """A parameter's value in a species."""
    return values(species)[symbol]


@lru_cache(maxsize=1)
def _spreads():
    """Of the parameters, and of those that vary in a setting alone."""
    found = {}
    for setting in ("lymphoma", "acute_gvhd", "itp", "healthy"):
        table = read_library_model("physiology", setting=setting).parameters
        found |= {k: sd for k, sd in table.select("name", "sd").iter_rows() if sd is not None}
    return found


def spread(symbol: str) -> float:
    """Standard deviation of a parameter's logarithm between patients."""
    return float(_spreads()[symbol])


@lru_cache(maxsize=64)
def _kernel(species, outputs, vary, fixed, dosed):
    return compile_kernel(
        read_the_model(species).model, outputs=outputs, vary=vary, fixed=dict(fixed), dosed=dosed
    )


@lru_cache(maxsize=1)
def state_names() -> tuple[str, ...]:
    """Every state of the model."""
    model = read_the_model().model
    return compile_kernel(model, outputs=["neutrophils_blood"], prune=False).states


@dataclass(frozen=True)
class Course:
    """What a run gave: `times` (T,), each output (N, T), and who failed (N,)."""

    times: np.ndarray
    outputs: Arrays
    failed: np.ndarray

    def __getitem__(self, name: str) -> np.ndarray:
        return self.outputs[name]

    def at(self, name: str, day: float) -> np.ndarray:
        """An output on the day of the grid that is nearest."""
        return self.outputs[name][:, np.argmin(np.abs(self.times - day))]

    def since(self, day: float) -> Course:
        """The part from a day on."""
        keep = self.times >= day - 1e-9
        kept = {k: v[:, keep] for k, v in self.outputs.items()}
        return Course(self.times[keep], kept, self.failed)


def run(
    outputs: Sequence[str],
    patients: Mapping[str, np.ndarray | float],
    times: np.ndarray,
    *,
    start: float,
    doses: Sequence[Dose] = (),
    jumps: Sequence[Jump] = (),
    changes: Sequence[ParameterChange] = (),
    fixed: Mapping[str, float] | None = None,
    species: str = "human",
    rtol: float = 1e-4,
    atol: float | None = None,
) -> Course:
    """One call of the engine. `patients` vary, `fixed` are constants, all else is of the species."""
    constants = dict(fixed or {})
    for name in patients:
        constants.pop(name, None)
    n = max((np.size(v) for v in patients.values()), default=1)
    columns = {k: np.broadcast_to(np.asarray(v, float), (n,)).copy() for k, v in patients.items()}
    for name in {c.parameter for c in changes} - set(columns):
        columns[name] = np.full(n, constants.pop(name, value(name, species)))
    dosed = sorted({change.state for change in (*doses, *jumps)})
    kernel = _kernel(
        species, tuple(outputs), tuple(columns), tuple(sorted(constants.items())), tuple(dosed)
    )
    solution = solve(
        kernel,
        columns,
        Read(times),
        schedule=Schedule(list(doses), list(jumps), list(changes), start=start),
        accuracy=Accuracy(rtol=rtol, atol=atol),
        work=Work(threads=1),
    )
    return Course(times, {o: solution.output(o) for o in outputs}, solution.failed)


def draw(
    n: int,
    symbols: Sequence[str],
    seed: int = SEED,
    medians: Mapping[str, float] | None = None,
    spreads: Mapping[str, float] | None = None,
) -> Arrays:
    """Log-normal parameters of n patients, with the spread of parameters.csv."""
    medians, spreads = medians or {}, spreads or {}
    wanted = {
        s: LogNormal(medians.get(s, value(s)), spreads[s] if s in spreads else spread(s))
        for s in symbols
    }
    return draw_parameters(seed, 0, n, wanted)


def uniform(n: int, name: str, seed: int = SEED) -> np.ndarray:
    """Numbers between 0 and 1, a stream for each name."""
    return draw_parameters(seed, 0, n, {name: Uniform(0.0, 1.0)})[name]


def normal(n: int, name: str, seed: int = SEED) -> np.ndarray:
    """Normal deviates, a stream for each name."""
    return ndtri(uniform(n, name, seed))


def msc(days: Sequence[float], size: float | np.ndarray = 1.0) -> list[Dose]:
    """MSC of `size` reference doses on each day."""
    return [Dose(float(day), "msc_blood", size) for day in days]


# ------------------------------------------------------------------------------ CAR-T cells in man

CART_OUTPUTS = (
    "neutrophils_blood",
    "platelets_blood",
    "haemoglobin",
    "lymphocytes_blood",
    "car_t_effectors",
    "interferon_excess",
    "tumour_volume",
    "tumour_with_antigen",
    "leukocytes_blood",
)
CART_VARY = (
    "neutrophils_rest",
    "platelets_rest",
    "haemoglobin_rest",
    "lymphocytes_rest",
    "neutrophil_transit",
    "megakaryocyte_transit",
    "chemotherapy_kill_granulocytic",
    "chemotherapy_kill_progenitors",
    "chemotherapy_kill_lymphocytes",
    "interferon_half_activation",
    "interferon_from_car_t",
    "car_t_growth",
    "tumour_killing",
    "reserve",
    "stroma_start",
    "tumour_share_without_antigen",
)
LYMPHOMA = {
    "neutrophils_rest": 4.5,
    "platelets_rest": 215.0,
    "haemoglobin_rest": 118.0,
    "lymphocytes_rest": 1.0,
    "reserve": 0.70,
    "stroma_start": 0.62,
    "tumour_share_without_antigen": 5e-4,
}
"""Medians of patients with relapsed lymphoma, where they are not those of the healthy."""

COHORTS = {"axi-cel-like": 1.0, "Xia-like": 0.20}
"""Myelotoxicity of a cohort, a factor on kapM and kapP: the random effect of a study."""

LOW_EXPANDERS = 0.197, 0.5
"""Share of patients, and factor on rhoC. [Mueller-Schoell 2021]"""

SUSTAINED = 0.15, 0.15
"""Share of patients with sustained marrow inflammation, and factor on kMIo. [Li 2023]"""


def cart_doses(chemotherapy=1.0, beam=None, car=28.0, tumour=100.0, fneg=0.0) -> list[Dose]:
    """Tumour at day -6, chemotherapy (three thirds, or four doses of BEAM), CAR-T cells on day 0."""
    doses = [
        Dose(-6.0, "tumour_with_antigen", tumour * (1.0 - fneg)),
        Dose(-6.0, "tumour_without_antigen", tumour * fneg),
    ]
    if beam is None:
        doses += [Dose(d, "chemotherapy", chemotherapy / 3.0) for d in (-5.0, -4.0, -3.0)]
    else:
        doses += [
            Dose(d, "chemotherapy", chemotherapy[~beam] / 3.0, patients=~beam)
            for d in (-5.0, -4.0, -3.0)
        ]
        doses += [
            Dose(d, "chemotherapy", 0.45 * chemotherapy[beam], patients=beam)
            for d in (-6.0, -5.0, -4.0, -3.0)
        ]
    return doses + ([Dose(0.0, "car_t_infused", car)] if car else [])


def cart_typical(
    *,
    reserve=0.7,
    stroma=0.65,
    tumour=100.0,
    chemotherapy=1.0,
    car=28.0,
    given=(),
    until=120.0,
    fixed=None,
    outputs=CART_OUTPUTS,
    **more,
) -> Course:
    """The typical patient; any argument may be an array with one number for each variant."""
    sizes = np.broadcast_arrays(
        *(np.asarray(x, float) for x in (reserve, stroma, tumour, chemotherapy))
    )
    reserve, stroma, tumour, chemotherapy = (np.atleast_1d(x) for x in sizes)
    return run(
        outputs,
        {"reserve": reserve, "stroma_start": stroma},
        np.arange(-5.0, until + 0.1, 0.5),
        start=-35.0,
        doses=[*cart_doses(chemotherapy, None, car, tumour), *given],
        fixed=fixed,
        **more,
    )


def cart_patients(n: int, cohort: str = "axi-cel-like", seed: int = SEED) -> tuple[Arrays, Arrays]:
    """Parameters of patients with lymphoma, and what they get."""
    own = draw(
        n,
        CART_VARY,
        seed,
        LYMPHOMA,
        {"platelets_rest": 0.40, "neutrophils_rest": 0.45, "haemoglobin_rest": 0.12},
    )
    own["reserve"] = np.clip(own["reserve"], 0.10, 1.1)
    own["stroma_start"] = np.clip(own["stroma_start"], 0.12, 1.0)
    own["tumour_share_without_antigen"] = np.clip(own["tumour_share_without_antigen"], 0.0, 0.9)
    for name in ("chemotherapy_kill_progenitors", "chemotherapy_kill_granulocytic"):
        own[name] *= COHORTS[cohort]
    share, factor = LOW_EXPANDERS
    own["car_t_expansion"] = np.where(uniform(n, "low_expander", seed) < share, factor, 1.0)
    share, factor = SUSTAINED
    slow = uniform(n, "sustained", seed) < share
    own["inflammation_resolution"] = np.where(slow, factor, 1.0)
    escape = uniform(n, "tumour_escape", seed) < 0.55
    given = {
        "chemotherapy": np.clip(0.85 * np.exp(0.4 * normal(n, "chemotherapy", seed)), 0.25, 2.2),
        "tumour_volume": np.clip(
            90.0 * np.exp(1.3 * normal(n, "tumour_volume", seed)), 2.5, 3500.0
        ),
        "tumour_share_without_antigen": escape * own.pop("tumour_share_without_antigen"),
        "beam": uniform(n, "beam", seed) < 0.2,
    }
    return own, given


def cart_population(
    n=2000,
    cohort="axi-cel-like",
    given=(),
    until=180.0,
    seed=SEED,
    fixed=None,
    outputs=CART_OUTPUTS,
) -> Course:
    """Patients with lymphoma; `given` are further doses, such as MSC."""
    own, treatment = cart_patients(n, cohort, seed)
    doses = cart_doses(
        treatment["chemotherapy"],
        treatment["beam"],
        28.0,
        treatment["tumour_volume"],
        treatment["tumour_share_without_antigen"],
    )
    return run(
        outputs,
        own,
        np.arange(0.0, until + 0.1, 0.5),
        start=-35.0,
        doses=[*doses, *given],
        fixed=fixed,
    )


# Grade 3 below the first number, any grade below the second, recovered above the third.
THRESHOLDS = {
    "neutrophils_blood": (1.0, 2.0, 1.5),
    "platelets_blood": (50, 140, 75),
    "haemoglobin": (80, 120, 90),
    "lymphocytes_blood": (0.5, 1.0, 0.8),
}


def patterns(times: np.ndarray, x: np.ndarray, low: float, recovered: float) -> Arrays:
    """Ever, late (day 28 on), biphasic and prolonged (28 days running) below `low`, each (N,)."""
    below, index = x < low, np.arange(times.size)
    ever = below.any(1)
    first = np.where(ever, below.argmax(1), times.size)
    up = (x > recovered) & (index > first[:, None])
    again = np.where(up.any(1), up.argmax(1), times.size)
    biphasic = (below & (index > again[:, None])).any(1)
    running, longest, step = np.zeros(len(x)), np.zeros(len(x)), times[1] - times[0]
    for column in below.T:
        running = np.where(column, running + step, 0.0)
        longest = np.maximum(longest, running)
    late = (below & (times >= 28.0)).any(1)
    return {"ever": ever, "late": late, "biphasic": biphasic, "prolonged": longest >= 28.0}


def cart_summary(course: Course) -> dict[str, float]:
    """Shares and days that trials of CAR-T cells print."""
    course, out = course.since(0.0), {}
    found = {
        k: patterns(course.times, course[k], low, up) for k, (low, _, up) in THRESHOLDS.items()
    }
    for name, (_, any_grade, _) in THRESHOLDS.items():
        out[f"{name} any"] = float((course[name] < any_grade).any(1).mean())
        for pattern in ("ever", "late", "biphasic", "prolonged"):
            out[f"{name} G3 {pattern}"] = float(found[name][pattern].mean())
    for pattern in ("ever", "late", "biphasic", "prolonged"):
        any_lineage = np.any([found[k][pattern] for k in THRESHOLDS], axis=0)
        out[f"any lineage G3 {pattern}"] = float(any_lineage.mean())
    anc, step = course["neutrophils_blood"], course.times[1] - course.times[0]
    severe = (anc[:, course.times <= 60.0] < 0.5).sum(1) * step
    out |= {
        "ANC<0.1": float((anc < 0.1).any(1).mean()),
        "ANC<0.5": float((anc < 0.5).any(1).mean()),
        "days ANC<0.5": float(np.median(severe)),
        "ANC<0.5 for 14 d": float((severe >= 14.0).mean()),
        "ANC<1 on day 21 or later": float((anc[:, course.times >= 21.0] < 1.0).any(1).mean()),
        "ANC<1 day 30": float((course.at("neutrophils_blood", 30) < 1.0).mean()),
        "ANC<1 day 90": float((course.at("neutrophils_blood", 90) < 1.0).mean()),
        "failed": float(course.failed.mean()),
    }
    return out


# ---------------------------------------------------------------------------------- transplantation

MYELOABLATIVE, REDUCED, NON_MYELOABLATIVE = 1.0, 0.4, 2.0 / 11.5
"""Units of conditioning. Reduced intensity is 4.6 Gy, the ceiling of its definition in one fraction."""

GRAFTS = {
    "marrow": {"cd34": 2.5},
    "haplo": {"cd34": 6.0, "graft_megakaryocyte_competence": 0.45},
    "mobilised blood": {
        "cd34": 5.8,
        "graft_progenitors_per_cd34": 1.5,
        "graft_megakaryocyte_competence": 2.8,
    },
    "cord blood": {
        "cd34": 0.25,
        "graft_progenitors_per_cd34": 2.0,
        "graft_megakaryocyte_competence": 0.15,
        "graft_bias_loss": 0.004,
    },
}
"""CD34+ cells (1e6/kg) and what is special about them."""

HSCT_OUTPUTS = (
    "neutrophils_blood",
    "platelets_blood",
    "haemoglobin",
    "donor_chimerism",
    "progenitors",
    "donor_progenitors",
)
HSCT_VARY = (
    "neutrophil_transit",
    "megakaryocyte_transit",
    "progenitor_turnover",
    "homing_rate",
    "msc_half_effect",
    "megakaryopoiesis_msc",
)


def conditioning(units: float = MYELOABLATIVE, day: float = -5.0) -> list[Dose]:
    """Conditioning, over within a day."""
    return [Dose(day, "conditioning", units)]


def hsct_typical(
    cd34=5.0,
    *,
    given=(),
    units=MYELOABLATIVE,
    gcsf=None,
    until=120.0,
    fixed=None,
    outputs=HSCT_OUTPUTS,
    patients=None,
    step=0.25,
    **more,
) -> Course:
    """One recipient, or one for each number of `cd34`."""
    cd34 = np.atleast_1d(np.asarray(cd34, float))
    own = {"msc_half_effect": np.full(len(cd34), value("msc_half_effect")), **(patients or {})}
    changes = (
        []
        if gcsf is None
        else [
            ParameterChange(gcsf[0], "g_csf_given", 30.0),
            ParameterChange(gcsf[1], "g_csf_given", 0.0),
        ]
    )
    return run(
        outputs,
        own,
        np.arange(-7.0, until + 0.01, step),
        start=-7.0,
        doses=[*conditioning(units), Dose(0.0, "graft_blood", cd34), *given],
        changes=changes,
        fixed=fixed,
        **more,
    )


def hsct_population(n=300, graft="haplo", given=(), until=120.0, seed=5, fixed=None) -> Course:
    """Recipients after myeloablation, with G-CSF from day 5 to 25."""
    special = dict(GRAFTS[graft])
    own = draw(n, HSCT_VARY, seed, spreads={"megakaryocyte_transit": 0.2})
    stroma = np.clip(0.45 * np.exp(0.35 * normal(n, "stroma_hit", seed)), 0.1, 0.95)
    own["conditioning_kill_stroma"] = -np.log(stroma)
    cd34 = special.pop("cd34") * np.exp(0.4 * normal(n, "cd34", seed))
    return hsct_typical(
        cd34,
        given=given,
        gcsf=(5.0, 25.0),
        until=until,
        fixed={**special, **(fixed or {})},
        patients=own,
        step=0.5,
    )


def engrafted(course: Course, name: str, threshold: float) -> np.ndarray:
    """First of three days running above a threshold after day 3, infinite if there is none, (N,).

    Residual cells of the host do not count: the count must have been below before. Who never falls
    to the threshold is recovered from day 3 on.
    """
    after = course.since(3.0)
    x, step = after[name], after.times[1] - after.times[0]
    need = int(round(2.0 / step)) + 1
    above = (x > threshold).astype(int)
    below_once = np.maximum.accumulate(x <= threshold, axis=1)
    below_once |= ~below_once[:, -1:]
    sums = np.cumsum(np.pad(above, ((0, 0), (1, 0))), axis=1)
    full = sums[:, need:] - sums[:, :-need] == need
    good = full & below_once[:, : full.shape[1]]
    return np.where(good.any(1), after.times[good.argmax(1)], np.inf)


# --------------------------------------------------------------------------------------------- GVHD

STAGES = {
    "skin_damage": (0.20, 0.35, 0.50, 0.65),
    "gut_damage": (0.25, 0.40, 0.55, 0.68),
    "liver_damage": (0.15, 0.25, 0.35, 0.50),
}


def gvhd_grade(skin: np.ndarray, gut: np.ndarray, liver: np.ndarray) -> np.ndarray:
    """Overall grade 0 to 4 from damage of organs."""
    s, g, li = (
        np.sum([x > b for b in STAGES[k]], axis=0)
        for k, x in (("skin_damage", skin), ("gut_damage", gut), ("liver_damage", liver))
    )
    grade = np.where(s > 0, 1, 0)
    grade = np.where((s == 3) | (g == 1) | (li == 1), 2, grade)
    grade = np.where((g >= 2) | (li >= 2), 3, grade)
    return np.where(np.maximum(np.maximum(s, g), li) >= 4, 4, grade)


COMPLETE = 0.9
"""[new] Complete response: every organ below this part of its stage 1. Stage 0 of the gut still allows
diarrhoea of half a litre, so that "not gradeable" is not yet "no signs"."""


def gvhd_patients(n: int, seed=SEED) -> Arrays:
    """Recipients with alloreactivity, and how steroids and second-line treatment work in them."""
    own = draw(
        n,
        ("alloreactive_growth", "regulatory_suppression", "alloreactivity"),
        seed,
        {"alloreactivity": 0.50},
    )
    own |= draw(n, ("msc_half_effect",), seed, {"msc_half_effect": 0.35}, {"msc_half_effect": 0.6})
    for organ in ("skin", "gut", "liver"):
        own |= draw(n, (f"{organ}_repair", f"{organ}_damage_rate"), seed)
    own["msc_immune_arm"] = np.clip(1.0 + 0.35 * normal(n, "source", seed), 0.0, 1.6)
    own["prophylaxis"] = np.full(n, 0.6)
    return own


def gvhd_run(
    own: Arrays,
    until: float,
    step: float,
    changes=(),
    given=(),
    outputs=("skin_damage", "gut_damage", "liver_damage"),
    fixed=None,
) -> Course:
    """Recipients of a graft with donor T cells; prophylaxis is tapered on day 100."""
    doses = [*conditioning(), Dose(0.0, "graft_blood", 5.0), *given]
    own = {"graft_t_cells": np.ones(len(own["alloreactivity"])), **own}
    taper = ParameterChange(100.0, "prophylaxis", 0.36)
    zero = {
        k: np.zeros(len(own["alloreactivity"]))
        for k in ("steroid_effect", "second_line_effect")
        if k not in own
    }
    return run(
        outputs,
        {**own, **zero},
        np.arange(-7.0, until + 0.01, step),
        start=-7.0,
        doses=doses,
        changes=[*changes, taper],
        fixed=fixed,
    )


def _subset(own: Arrays, who: np.ndarray) -> Arrays:
    return {k: v[who] for k, v in own.items()}


def gvhd_trial(
    n=1200,
    arms: Mapping[str, tuple[int, float, float]] | None = None,
    seed=SEED,
    fixed=None,
    until=500.0,
) -> dict:
    """Acute GVHD, steroids, and second-line treatment with and without MSC in who is refractory.

    `arms` are (doses, days between, size). Gives shares of all, and for each arm arrays over the
    refractory patients.
    """
    arms = arms or {"control": (0, 0.0, 0.0), "MSC": (8, 3.5, 1.0)}
    own = gvhd_patients(n, seed)
    steroid = np.clip(0.5 + 0.25 * normal(n, "steroid", seed), 0.0, 0.9)
    second = np.clip(0.08 + 0.25 * normal(n, "second_line", seed), 0.0, 0.85)
    grade_of = lambda c: gvhd_grade(c["skin_damage"], c["gut_damage"], c["liver_damage"])

    untreated = gvhd_run(own, 150.0, 0.5, fixed=fixed)
    grade = grade_of(untreated)
    ill = (grade >= 2) & (untreated.times > 14.0)
    got = np.flatnonzero(ill.any(1))
    onset = untreated.times[ill[got].argmax(1)]

    mine, everyone = _subset(own, got), np.arange(got.size)
    on_steroids = ParameterChange(onset, "steroid_effect", steroid[got], patients=everyone)
    treated = gvhd_run(mine, 170.0, 0.5, [on_steroids], fixed=fixed)
    grade = grade_of(treated)
    column = lambda day: np.searchsorted(treated.times, day - 1e-6)
    at = lambda day: grade[everyone, np.minimum(column(day), len(treated.times) - 1)]
    g0, g5, g14 = at(onset), at(onset + 5.0), at(onset + 14.0)
    worse = g5 > g0
    refractory = worse | (g14 >= np.maximum(2, g0))
    entry = (onset + np.where(worse, 5.0, 14.0))[refractory]
    sr = got[refractory]

    mine, everyone = _subset(own, sr), np.arange(sr.size)
    out = {
        "aGVHD II-IV": got.size / n,
        "onset": float(np.median(onset)),
        "refractory": sr.size / max(got.size, 1),
        "n": sr.size,
    }
    for name, (count, between, size) in arms.items():
        changes = [
            ParameterChange(onset[refractory], "steroid_effect", steroid[sr], patients=everyone),
            ParameterChange(entry, "second_line_effect", second[sr], patients=everyone),
            ParameterChange(
                entry + 56.0, "second_line_effect", 0.5 * second[sr], patients=everyone
            ),
        ]
        given = [
            Dose(entry + between * i, "msc_blood", size, patients=everyone) for i in range(count)
        ]
        course = gvhd_run(
            mine,
            until,
            0.5,
            changes,
            given,
            ("skin_damage", "gut_damage", "liver_damage", "death_hazard_total", "chronic_gvhd"),
            fixed,
        )
        grade = grade_of(course)
        index = lambda day: np.minimum(
            np.searchsorted(course.times, day - 1e-6), len(course.times) - 1
        )
        start_grade, day28 = grade[everyone, index(entry)], grade[everyone, index(entry + 28.0)]
        healed = np.all(
            [course[o][everyone, index(entry + 28.0)] < COMPLETE * STAGES[o][0] for o in STAGES],
            axis=0,
        )
        hazard = lambda day: (
            course["death_hazard_total"][everyone, index(entry + day)]
            - course["death_hazard_total"][everyone, index(entry)]
        )
        out[name] = {
            "grade": start_grade,
            "OR": day28 < start_grade,
            "CR": healed & (day28 < start_grade),
            "s180": np.exp(-hazard(180.0)),
            "chronic_gvhd": course.at("chronic_gvhd", 365.0),
        }
    return out


def prophylaxis(n=400, given=(), seed=SEED, fixed=None) -> np.ndarray:
    """Chronic GVHD burden on day 365 of all recipients."""
    return gvhd_run(
        gvhd_patients(n, seed), 366.0, 1.0, given=given, outputs=("chronic_gvhd",), fixed=fixed
    ).at("chronic_gvhd", 365.0)


# ---------------------------------------------------------------------------------------------- ITP

ITP = {
    "itp_clearance": 12.0,
    "itp_output_loss": 1.0,
    "itp_t_cell_clearance": 2.0,
    "itp_clearance_block_msc": 0.80,
    "suppressor_most": 2.0,
    "msc_half_effect": 0.35,
}


def itp_typical(
    sizes: Sequence[float],
    fixed=None,
    doses=4,
    outputs=("platelets_blood", "thrombopoietin", "autoantibody", "suppressor_cells"),
) -> Course:
    """A typical responder for each size of four weekly doses, from a run-in of 500 days."""
    sizes = np.asarray(sizes, float)
    own = {k: np.full(sizes.size, v) for k, v in ITP.items()}
    given = [Dose(7.0 * i, "msc_blood", sizes) for i in range(doses)]
    return run(outputs, own, np.arange(-1.0, 201.0), start=-500.0, doses=given, fixed=fixed)


ITP_CLEARANCE = 14.0
"""Median clearance by autoantibody in a population, fold."""


def itp_patients(n: int, seed=SEED) -> Arrays:
    """Patients with chronic ITP; about two in three can respond."""
    responder = uniform(n, "responder", seed) < 0.68
    own = draw(
        n,
        ("itp_clearance", "itp_output_loss", "itp_t_cell_clearance"),
        seed,
        {"itp_clearance": ITP_CLEARANCE, "itp_output_loss": 1.0, "itp_t_cell_clearance": 2.0},
    )
    own |= draw(
        n,
        ("platelets_rest", "msc_half_effect", "suppressor_most"),
        seed,
        {"platelets_rest": 230.0, "msc_half_effect": 0.35, "suppressor_most": 2.0},
        {"platelets_rest": 0.2},
    )
    own["itp_clearance_block_msc"] = np.full(n, 0.80)
    own["itp_responsiveness"] = np.where(responder, 1.0, 0.1)
    return own


def itp_population(n=600, size=2.0, seed=SEED, fixed=None) -> Course:
    """Four weekly doses; patients whose platelets at the start are below 30."""
    course = run(
        ("platelets_blood",),
        itp_patients(n, seed),
        np.arange(-1.0, 201.0),
        start=-500.0,
        doses=msc((0, 7, 14, 21), size) if size else [],
        fixed=fixed,
    )
    low = course.at("platelets_blood", -1.0) < 30.0
    return Course(
        course.times, {"platelets_blood": course["platelets_blood"][low]}, course.failed[low]
    )


def itp_response(course: Course) -> float:
    """Share with platelets of 30 or more and at least doubled within 8 weeks."""
    first = course.at("platelets_blood", -1.0)[:, None]
    within = (course.times >= 0) & (course.times <= 56)
    x = course["platelets_blood"][:, within]
    return float(((x >= 30.0) & (x >= 2.0 * first)).any(1).mean())


# -------------------------------------------------------------------------------------------- mouse

MOUSE_GROUPS = ("healthy", "conditioned", "CAR-T", "CAR-T + MSC")


def mouse(group: str, *, size=1.0, day=1.0, until=40.0, fixed=None, **more) -> Course:
    """BALB/c with A20 lymphoma after 3 Gy: the four groups of Xia 2024."""
    doses = []
    if group != "healthy":
        doses = [
            *conditioning(1.0, day=-19.0),
            Dose(-17.9, "tumour_with_antigen", 0.004),
            *(Dose(d, "chemotherapy", 1 / 3) for d in (-4.0, -3.0, -2.0)),
        ]
    if group.startswith("CAR-T"):
        doses.append(Dose(0.0, "car_t_infused", 3125.0))
    if group.endswith("MSC"):
        doses += msc([day], size)
    return run(
        (
            "neutrophils_blood",
            "platelets_blood",
            "haemoglobin",
            "leukocytes_blood",
            "marrow_cells",
            "cxcl12",
            "tumour_volume",
            "car_t_effectors",
            "interferon_excess",
            "macrophage_activation",
            "progenitors",
        ),
        {"msc_half_effect": [value("msc_half_effect", "mouse")]},
        np.arange(-20.0, until + 0.1, 0.25),
        start=-20.0,
        doses=doses,
        fixed=fixed,
        species="mouse",
        **more,
    )


# ---------------------------------------------------------------------------------------- leukaemia


def leukaemia(*, drug=False, given=(), until=200.0, crosstalk=True, fixed=None) -> Course:
    """Leukaemia of 1 % beside a healthy marrow, with and without a drug and MSC."""
    constants = {
        "drug_killing": 0.12 if drug else 0.0,
        "drug_given": float(drug),
        "leukaemia_start": 1.0,
        **(fixed or {}),
    }
    if crosstalk:
        constants |= {"leukaemia_slowed_msc": 0.3, "leukaemia_protected_msc": 0.6}
    return run(
        ("leukaemia_dividing", "leukaemia_quiescent", "leukaemia"),
        {"msc_half_effect": [value("msc_half_effect")]},
        np.arange(0.0, until + 1),
        start=0.0,
        doses=list(given),
        fixed=constants,
    )


def leukaemia_after_hsct(given=(), until=400.0, fixed=None) -> Course:
    """Residual leukaemia under a graft with donor T cells."""
    jumps = [Jump(-4.0, "leukaemia_dividing", 1e-4), Jump(-4.0, "leukaemia_quiescent", 1e-2)]
    doses = [
        *conditioning(),
        Dose(-7.0, "leukaemia_dividing", 4.0),
        Dose(0.0, "graft_blood", 5.0),
        Dose(0.0, "donor_t_cells", 1.0),
        Dose(0.0, "regulatory_cells", 0.3),
        *given,
    ]
    return run(
        ("leukaemia",),
        {"msc_half_effect": [value("msc_half_effect")]},
        np.arange(-7.0, until + 1),
        start=-7.0,
        doses=doses,
        jumps=jumps,
        fixed={"alloreactivity": 0.5, "prophylaxis": 0.6, "leukaemia_start": 1.0, **(fixed or {})},
    )
