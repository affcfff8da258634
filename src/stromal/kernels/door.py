"""What a run is asked, in four groups: what to read, what happens, how exact, how to work.

`solve`, `solve_to_parquet` and `pose_run` take the same four; `pose_run` checks them, once.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from numpy.typing import ArrayLike

from stromal.errors import InvalidInput, Issue
from stromal.kernels.backends import BackendName
from stromal.kernels.covariates import GivenCovariates
from stromal.kernels.inputs import Doses, Jumps, ParameterChanges
from stromal.kernels.reducers import Reducer
from stromal.kernels.solvers.problem import Precision
from stromal.progress import Tell


@dataclass(frozen=True, slots=True, eq=False)
class Read:
    """What is read off each trajectory.

    Parameters
    ----------
    times
        Times to give outputs at, sorted; the run ends at the last one.
    reducers
        What is computed of each trajectory, whether or not it is kept.
    intervals
        Reducers read outputs on the asked times, at every change and on this many equal intervals
        of the run. There the sizes of compartments that may move are looked at too.
    keep
        Whether values are kept: N x T x O numbers, in memory by `solve`, in files by
        `solve_to_parquet`.

    Examples
    --------
    >>> from stromal.kernels.reducers import Area
    >>> Read(range(61), reducers=[Area("cells")], keep=False).intervals
    720
    """

    times: ArrayLike
    reducers: Sequence[Reducer] = ()
    intervals: int = 720
    keep: bool = True


@dataclass(frozen=True, slots=True, eq=False)
class Schedule:
    """What happens to patients, and from where they go on.

    Parameters
    ----------
    doses, jumps, parameter_changes
        Tables (`patient`, `day`, and `state`, `amount`; `state`, `factor`; `parameter`, `value`) or
        lists of `Dose`, `Jump`, `ParameterChange`. An output at the time of a change shows the
        value after it. A dose adds to a state: for a species, to its amount.
    covariates
        A table (`patient`, `day`, `covariate`, `value`) of values at visits, each carried forward
        as the value of a parameter, or `Covariates(table, linear=[...])` to interpolate some.
    start
        Time of the start; the model's own by default.
    initial_states
        `final_states` of a run before, (N, S), to go on from at `start`; the model's own changes up
        to `start` are taken as done, and past changes of parameters are to be given again. The step
        size begins anew, so that a run in two parts equals one in one part within the tolerance,
        not to the bit.

    Examples
    --------
    >>> from stromal.kernels.timeline import Dose
    >>> Schedule(doses=[Dose(0.0, "drug", 8.0)]).start is None
    True
    """

    doses: Doses = None
    jumps: Jumps = None
    parameter_changes: ParameterChanges = None
    covariates: GivenCovariates = None
    start: float | None = None
    initial_states: ArrayLike | None = None


@dataclass(frozen=True, slots=True, eq=False)
class Accuracy:
    """How near the numbers come to the solution, and when a patient is given up.

    Parameters
    ----------
    rtol, atol
        Relative and absolute tolerance; `atol` is one number, one for each state, or numbers by the
        names of states. Where nothing is said it follows each state's own size in each patient:
        `rtol` times a millionth of the largest that the state has been.
    precision
        `f64`, or `f32` for faster lanes of numbers of about seven digits. These are for populations
        at an `rtol` of about 1e-5 or more, where rounding stays below the error of the method; less
        than 1e-6 is refused. They are no reference, and nothing for a tight tolerance or for small
        differences of large numbers. Steps and changes are timed in f64.
    max_steps
        Steps after which a patient is given up.
    resume_step
        Step to begin with where a run goes on from saved states and nothing changes at its start:
        it is then no new start, and what is zero stays so until something changes. A patient of
        whom a parameter is another from there on has a change of it at the start. Left out, each
        run begins with a short step.

    Examples
    --------
    >>> Accuracy(rtol=1e-6).precision
    'f64'
    """

    rtol: float = 1e-4
    atol: float | Mapping[str, float] | ArrayLike | None = None
    precision: Precision = "f64"
    max_steps: int = 100_000
    resume_step: float | None = None


@dataclass(frozen=True, slots=True, eq=False)
class Work:
    """By what, on how many threads and how much at a time; no number depends on the last two.

    Parameters
    ----------
    backend
        `auto`, `numpy`, `scalar`, `lanes` or `gpu`.
    threads
        Threads to work with; as many as the machine has cores by default.
    chunk
        Patients at a time on each thread, chosen by memory when left out; for `solve_to_parquet`,
        patients of one file, 20,000 when left out.
    progress
        True draws a bar on stderr, where that is a terminal: patients done, rate and time left. A
        function is told the same after every chunk, as a `Progress`.

    Examples
    --------
    >>> Work(threads=2).backend
    'auto'
    """

    backend: BackendName = "auto"
    threads: int | None = None
    chunk: int | None = None
    progress: Tell | bool = False


def check_groups(read: object, schedule: object, accuracy: object, work: object) -> None:
    """Refuse what stands where a group of arguments is meant.

    Raises
    ------
    InvalidInput
        Times where a `Read` is meant, doses where a `Schedule` is, and so on.

    Examples
    --------
    >>> check_groups(Read([1.0]), Schedule(), Accuracy(), Work())
    >>> check_groups([1.0], Schedule(), Accuracy(), Work())
    Traceback (most recent call last):
    stromal.errors.InvalidInput: `read` is of type list, not Read.
    hint: write Read(times), of stromal.kernels.door
    """
    groups = {
        "read": (read, Read, "Read(times)"),
        "schedule": (schedule, Schedule, "Schedule(doses=...)"),
        "accuracy": (accuracy, Accuracy, "Accuracy(rtol=...)"),
        "work": (work, Work, "Work(threads=...)"),
    }
    issues = [
        Issue(
            f"`{name}` is of type {type(given).__name__}, not {wanted.__name__}",
            hint=f"write {example}, of stromal.kernels.door",
        )
        for name, (given, wanted, example) in groups.items()
        if not isinstance(given, wanted)
    ]
    if issues:
        raise InvalidInput(issues)
