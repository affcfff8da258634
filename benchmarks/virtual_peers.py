"""The patients of the virtual trial through this project's solver and its peers, printed.

    python benchmarks/virtual_peers.py [PATIENTS]

Patients of the arm with MSC of `cart-cytopenia`, with the parameters and doses that the virtual
trial draws, from day -35 to day 180. Each engine gives the same daily table: four counts, the
tumour, and the hazard of death; rules of the ward are not asked. One thread, CPU time, engines take
turns; a tolerance is the loosest with which an engine's largest error is no larger than
libRoadRunner's at 1e-6.
"""

from __future__ import annotations

import re
import statistics
import sys
from importlib.metadata import version
from pathlib import Path

import machine
import numpy as np
from accuracy import errors_of
from engines import Numbalsoda, Ours, RoadRunner, why_absent
from ensemble import ATOL, PEER, REFERENCE, Entrant, choose, race

from cases import Case, Floats
from stromal.kernels.kernel import Kernel, compile_kernel
from stromal.kernels.timeline import Dose
from stromal.models.library.read import find_folder
from stromal.simulate.effective import draw_effect
from stromal.simulate.population import People, draw_people
from stromal.simulate.rounds import ACCURACY
from stromal.simulate.schedule import derive_doses, derive_kernel_doses
from stromal.simulate.trial import Trial
from stromal.study.read import read_study
from stromal.study.simulate import prepare_study

STUDY = Path(__file__).resolve().parents[1] / "studies" / "cart-cytopenia"
ARM = "car_t_msc"
OUTPUTS = (
    "neutrophils_blood",
    "platelets_blood",
    "haemoglobin",
    "lymphocytes_all",
    "tumour_volume",
    "death_hazard_total",
)
REPEATS = 5


def draw_case(patients: int) -> tuple[Case, Kernel]:
    """The patients of an arm, and the model as the trial compiles it."""
    study = read_study(STUDY)
    trial = prepare_study(study, patients=patients, replicates=1)
    first = list(trial.protocol.arms).index(ARM) * patients
    members = trial.numbering.members(first, first + patients)
    people = draw_people(trial.cohort, trial.protocol, trial.numbering, members)
    given = list_doses(trial, people)
    kernel = compile_daily(trial, given)
    columns = [
        people.parameters.get(name, np.full(patients, trial.kernel.defaults[name]))
        for name in kernel.parameters
    ]
    start, end = trial.simulation.start_day, trial.simulation.end_day
    case = Case(
        name=trial.model.name,
        text=write_text(trial),
        outputs=OUTPUTS,
        vary=tuple(kernel.parameters),
        parameters=np.column_stack(columns),
        starts={},
        doses=add_up(given),
        start=start,
        times=np.arange(start, end + 1),
        rapid=(),
    )
    return case, kernel


def list_doses(trial: Trial, people: People) -> list[Dose]:
    """What everybody of the arm is given, worth what its lot is worth; on the same days in all."""
    rows, _ = derive_doses(trial.protocol, people.subjects)
    found = []
    for (product,), own in rows.group_by("product", maintain_order=True):
        name = str(product)
        (dose,) = derive_kernel_doses(own, people.subjects, trial.protocol, trial.model.ports)
        order = np.lexsort((dose.patients, dose.time))
        patients = np.asarray(dose.patients)[order]
        worth = draw_effect(
            name, trial.protocol.products[name], people.numbers, trial.numbering, trial.seed
        )
        amount = np.asarray(dose.amount)[order] * worth[patients]
        time = np.asarray(dose.time)[order]
        if (patients.reshape(-1, people.count) != np.arange(people.count)).any():
            message = f"not everybody is given {name} on the same days"
            raise ValueError(message)
        found.append(Dose(time, dose.state, amount, patients=patients))
    return found


def add_up(given: list[Dose]) -> tuple[tuple[float, str, Floats], ...]:
    """Doses as a case has them: a state has one a day, of all products together."""
    found: dict[tuple[float, str], Floats] = {}
    for dose in given:
        time, amount = np.asarray(dose.time), np.asarray(dose.amount)
        for day in np.unique(time).tolist():
            own = amount[time == day]
            found[day, dose.state] = found.get((day, dose.state), np.zeros_like(own)) + own
    return tuple(
        (day, state, amount)
        for (day, state), amount in sorted(found.items(), key=lambda item: item[0])
    )


def compile_daily(trial: Trial, given: list[Dose]) -> Kernel:
    """The model as the trial compiles it, with the outputs of the daily table alone."""
    vary = tuple(trial.kernel.parameters)
    known = {item.name for item in trial.model.model.parameters}.difference(vary)
    return compile_kernel(
        trial.model.model,
        outputs=OUTPUTS,
        vary=vary,
        fixed={name: value for name, value in trial.model.values.items() if name in known},
        dosed=tuple(dict.fromkeys(dose.state for dose in given)),
        slopes=False,
    )


def write_text(trial: Trial) -> str:
    """The model's text with its values, a line for each rate; its one event is of a graft."""
    text = (find_folder(trial.simulation.model) / "model.ant").read_text("utf-8")
    text = re.sub(r"\\\n\s*", " ", text)
    text = re.sub(r"^\s*\w+: at .*$", "", text, flags=re.MULTILINE)
    known = {item.name for item in trial.model.model.parameters}
    values = "\n".join(
        f"  {name} = {value!r};" for name, value in trial.model.values.items() if name in known
    )
    return re.sub(r"^end$", f"{values}\nend", text, flags=re.MULTILINE)


def line_up(case: Case, kernel: Kernel, reference: Floats) -> list[Entrant]:
    """Engines at tolerances with which no error of theirs is above libRoadRunner's largest."""
    removed = tuple(each.state for each in kernel.program.removed)
    peer = RoadRunner(case, kernel, removed)
    name = f"libRoadRunner {version('libroadrunner')}, the same states"
    most = errors_of(peer(case, *PEER), reference).max()
    entrants = [
        Entrant("libRoadRunner, all states", RoadRunner(case, kernel), case.patients, *PEER, name),
        Entrant(name, peer, case.patients, *PEER, name),
    ]
    runs = [("lanes f64", Ours(kernel, "lanes")), ("scalar", Ours(kernel, "scalar"))]
    if why_absent("numbalsoda") is None:
        runs.append((f"numbalsoda LSODA {version('numbalsoda')}", Numbalsoda(kernel)))
    for label, run in runs:
        rtol = choose(run, case, reference, most)
        entrants.append(Entrant(label, run, case.patients, rtol, ATOL * rtol, name))
    trial = ACCURACY.rtol
    label = "lanes f64, as the trial asks for it"
    entrants.append(Entrant(label, runs[0][1], case.patients, trial, ATOL * trial, name))
    return entrants


def main(words: list[str]) -> None:
    """Race the engines and print their table."""
    case, kernel = draw_case(int(words[0]) if words else 200)
    print(f"{machine.describe()}; load {machine.load()}")
    states, gone = len(kernel.states), len(kernel.program.removed)
    print(f"{case.name}: {case.patients} patients, {states} states, {gone} more that are left out")
    reference = Ours(kernel, "scalar")(case, *REFERENCE)
    tight = RoadRunner(case, kernel)(case.head(8), 1e-11, 1e-14)
    gap = errors_of(tight, reference[:8]).max()
    print(f"reference against libRoadRunner at 1e-11, 8 patients: {gap:.1e}\n", flush=True)
    entrants = line_up(case, kernel, reference)
    race(case, entrants, reference, REPEATS)
    peer = next(one for one in entrants if one.name == one.peer)
    print("| engine | rtol | patients per core-second | times libRoadRunner | max / median error |")
    print("|---|---|---|---|---|")
    for one in entrants:
        ratio = statistics.median(a / b for a, b in zip(one.rates, peer.rates, strict=True))
        print(
            f"| {one.name} | {one.rtol:.3g} | {statistics.median(one.rates):,.0f} "
            f"({min(one.rates):,.0f}-{max(one.rates):,.0f}) | {ratio:.1f} "
            f"| {one.errors.max():.1e} / {np.median(one.errors):.1e} |"
        )
    print(f"\nload at the end {machine.load()}")


if __name__ == "__main__":
    main(sys.argv[1:])
