"""Parameters of virtual patients, drawn so that patient 17 is the same patient in every chunk.

Each parameter has a counter-based stream of its own (Philox [salmon2011]), keyed by the seed and
the parameter's name; patient n takes the n-th number of it. No draw depends on how many patients
are drawn at once, on their order, or on parameters that it is not correlated with.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace

import numpy as np
from scipy.special import ndtri

from stromal.errors import InvalidInput, Issue, IssueList
from stromal.frozen import freeze
from stromal.kernels.arguments import MOST_COUNT, is_whole
from stromal.kernels.draws.composed import Categorical
from stromal.kernels.draws.correlation import Block, Correlation, read_correlation
from stromal.kernels.draws.distribution import Distribution, Floats, Values
from stromal.kernels.draws.empirical import Empirical
from stromal.kernels.draws.levels import (
    MOST_PATIENT,
    By,
    Levels,
    Members,
    Numbering,
    check_numberings,
    find_levels,
    read_members,
    read_members_at,
)
from stromal.kernels.draws.uniforms import Wholes, draw_uniforms, draw_uniforms_at
from stromal.kernels.kernel import Kernel, closest

Uniforms = Callable[[str], Floats]
"""The random numbers of the patients who are drawn, by the name of a stream."""

MOST_SEED = 2**64 - 1
"""Half of the generator's key; the other half is the parameter's name."""


@dataclass(frozen=True, slots=True, eq=False)
class Population:
    """How the parameters of patients vary, together; called with (first, count) it draws them.

    Parameters
    ----------
    distributions
        How each parameter is distributed, by its name. An `Empirical` stands under any name and
        gives the parameters of its columns.
    seed
        A whole number from 0 to 2^64 - 1.
    correlation
        Correlations on the normal scale: pairs (`{("ke", "kill"): 0.5}`), rows by name, or a table.
        The draws of parameters that are correlated depend on each other in the order of their
        names: a new one changes those that it is correlated with, directly or through others, and
        that come after it in the alphabet. No other draw changes.
    levels
        For each level that a `By` or a `Levels` names: the number of each patient from 0 on, or a
        function from an array of patients' numbers to theirs. The same number has the same draw.
    kernel
        Where it is given, every name has to be one of its parameters.

    Raises
    ------
    InvalidInput
        Every issue at once.

    Examples
    --------
    >>> from stromal.kernels.draws import By, LogNormal
    >>> population = Population(
    ...     {"ke": LogNormal(0.4, 0.3), "potency": By("lot", LogNormal(1.0, 0.5))},
    ...     seed=1,
    ...     levels={"lot": lambda patient: patient // 2},
    ... )
    >>> drawn = population(0, 4)["potency"]
    >>> bool(drawn[0] == drawn[1] != drawn[2])
    True
    """

    distributions: Mapping[str, Distribution]
    seed: int = field(kw_only=True)
    correlation: Correlation | None = field(default=None, kw_only=True)
    levels: Mapping[str, Numbering] | None = field(default=None, kw_only=True)
    kernel: Kernel | None = field(default=None, kw_only=True)
    _blocks: tuple[Block, ...] = field(default=(), init=False, repr=False)

    def __post_init__(self) -> None:
        issues = [
            *_check_whole("seed", self.seed, MOST_SEED),
            *_check_distributions(self.distributions),
        ]
        own = _sort_out(self.distributions)
        blocks, found = read_correlation(self.correlation, own)
        issues += found
        issues += (issue for block in blocks for issue in _check_block(block, own))
        issues += check_numberings(own, self.levels)
        issues += _check_names(own, self.kernel)
        if issues:
            raise InvalidInput(issues)
        object.__setattr__(self, "distributions", freeze(self.distributions))
        object.__setattr__(self, "_blocks", blocks)

    @property
    def names(self) -> tuple[str, ...]:
        """Names of the parameters that are drawn."""
        return tuple(name for name, _ in _list_names(self.distributions))

    def __call__(self, first: int, count: int) -> dict[str, Values]:
        """Draw parameters of patients `first` up to `first + count`.

        Parameters
        ----------
        first, count
            Which patients: the number of the first, 0 or more, and how many.

        Returns
        -------
        dict of arrays
            Values of each parameter by its name, each of the shape (count,).

        Raises
        ------
        InvalidInput
            Numbers that are not whole, or numbers of levels that do not fit these patients.
        """
        issues = _check_patients(first, count)
        if issues:
            raise InvalidInput(issues)
        first, count = int(first), int(count)
        found = IssueList()
        members: dict[str, Members] = {
            level: found.of(read_members, level, numbers, first, count)
            for level, numbers in self._needed_levels().items()
        }
        found.stop()
        seed = int(self.seed)
        return self._draw_all(count, members, lambda name: draw_uniforms(seed, name, first, count))

    def at(self, patients: Wholes) -> dict[str, Values]:
        """Draw parameters of some patients by their numbers, which need not follow each other.

        Parameters
        ----------
        patients
            Numbers from 0 on, ascending, (N,); patient 17 is the patient 17 of `population(0, 18)`.

        Returns
        -------
        dict of arrays
            Values of each parameter by its name, each of the shape (N,).

        Raises
        ------
        InvalidInput
            Numbers that do not ascend, or numbers of levels that do not fit these patients.

        Examples
        --------
        >>> from stromal.kernels.draws import LogNormal
        >>> population = Population({"ke": LogNormal(0.4, 0.3)}, seed=1)
        >>> some = population.at(np.array([3, 900]))["ke"]
        >>> bool((some == population(0, 901)["ke"][[3, 900]]).all())
        True
        """
        numbers = np.asarray(patients)
        if numbers.ndim != 1 or numbers.dtype.kind not in "iu" or (np.diff(numbers) <= 0).any():
            hint = "give whole numbers from 0 on, each once, in order"
            raise InvalidInput([Issue("numbers of patients do not ascend", hint=hint)])
        numbers = numbers.astype(np.int64)
        found = IssueList()
        members: dict[str, Members] = {
            level: found.of(read_members_at, level, given, numbers)
            for level, given in self._needed_levels().items()
        }
        found.stop()
        seed = int(self.seed)
        return self._draw_all(
            len(numbers), members, lambda name: draw_uniforms_at(seed, name, numbers)
        )

    def _needed_levels(self) -> dict[str, Numbering]:
        """Numbers of the levels that some distribution needs."""
        needed = {level for each in self.distributions.values() for level in find_levels(each)}
        return {level: own for level, own in (self.levels or {}).items() if level in needed}

    def _draw_all(
        self, count: int, members: Mapping[str, Members], uniforms: Uniforms
    ) -> dict[str, Values]:
        """Values of every parameter, by name, each (count,)."""
        normals = self._draw_blocks(count, members, uniforms)
        drawn: dict[str, Values] = {}
        for name, distribution in self.distributions.items():
            own = self._draw(name, distribution, members, uniforms, normals.get(name))
            base = distribution.distribution if isinstance(distribution, By) else distribution
            if isinstance(base, Empirical):
                rows = own.astype(np.int64)
                drawn |= {column: values[rows] for column, values in base.read_columns().items()}
            else:
                drawn[name] = own
        return drawn

    def _draw_blocks(
        self, count: int, members: Mapping[str, Members], uniforms: Uniforms
    ) -> dict[str, Floats]:
        """Normal numbers of each correlated parameter: of each patient, or number of its level."""
        found: dict[str, Floats] = {}
        for block in self._blocks:
            level = _level_of(self.distributions[block.names[0]])
            size = count if level is None else len(members[level].numbers)
            normals = np.empty((len(block.names), size))
            for row, name in zip(normals, block.names, strict=True):
                ndtri(self._draw_uniforms(name, level, members, uniforms), out=row)
            block.correlate(normals)
            found |= zip(block.names, normals, strict=True)
        return found

    def _draw(
        self,
        name: str,
        distribution: Distribution,
        members: Mapping[str, Members],
        uniforms: Uniforms,
        normal: Floats | None,
    ) -> Values:
        """Values of one parameter, (count,); numbers of rows for an `Empirical`."""
        level = _level_of(distribution)
        if isinstance(distribution, Levels):
            own = distribution.distribution
            if normal is None:
                normal = ndtri(uniforms(name))
            deviation = own.spread * normal
            for shared, spread in distribution.spreads.items():
                common = ndtri(members[shared].draw(int(self.seed), name, shared))
                deviation = deviation + float(spread) * common[members[shared].places]
            return own.at_deviation(deviation)
        if normal is not None:
            base = distribution.distribution if isinstance(distribution, By) else distribution
            values = base.from_normal(normal)
        else:
            values = distribution.quantile(self._draw_uniforms(name, level, members, uniforms))
        return values if level is None else values[members[level].places]

    def _draw_uniforms(
        self, name: str, level: str | None, members: Mapping[str, Members], uniforms: Uniforms
    ) -> Floats:
        """A random number of each patient, or of each number of the level."""
        if level is None:
            return uniforms(name)
        return members[level].draw(int(self.seed), name, level)


def draw_parameters(
    seed: int,
    first: int,
    count: int,
    distributions: Mapping[str, Distribution],
    *,
    correlation: Correlation | None = None,
    levels: Mapping[str, Numbering] | None = None,
    kernel: Kernel | None = None,
) -> dict[str, Values]:
    """Draw parameters of patients `first` up to `first + count`.

    Parameters
    ----------
    seed
        A whole number from 0 to 2^64 - 1.
    first, count
        Which patients: the number of the first, 0 or more, and how many.
    distributions
        How each parameter is distributed.
    correlation, levels, kernel
        As for `Population`. Numbers of levels are those of every patient from 0 on, whichever are
        drawn.

    Returns
    -------
    dict of arrays
        Values of each parameter by its name, each of the shape (count,).

    Raises
    ------
    InvalidInput
        Every issue of the numbers and of the distributions, before anything is drawn.

    Examples
    --------
    >>> from stromal.kernels.draws import LogNormal
    >>> population = {"k": LogNormal(median=0.5, log_sd=0.3)}
    >>> every = draw_parameters(1, 0, 10, population)["k"]
    >>> bool((draw_parameters(1, 7, 3, population)["k"] == every[7:]).all())
    True
    """
    issues = _check_patients(first, count)
    try:
        population = Population(
            distributions, seed=seed, correlation=correlation, levels=levels, kernel=kernel
        )
    except InvalidInput as error:
        raise InvalidInput([*issues, *error.issues]) from None
    if issues:
        raise InvalidInput(issues)
    return population(first, count)


def _level_of(distribution: Distribution) -> str | None:
    """The level at which all of a parameter is drawn; None where it is the patient."""
    return distribution.level if isinstance(distribution, By) else None


def _list_names(distributions: Mapping[str, Distribution]) -> Iterator[tuple[str, Distribution]]:
    """Yield the parameters that come out, each with its distribution."""
    for name, distribution in distributions.items():
        base = distribution.distribution if isinstance(distribution, By) else distribution
        if isinstance(base, Empirical):
            yield from ((str(column), base) for column in base.names)
        else:
            yield name, base


def _check_patients(first: object, count: object) -> list[Issue]:
    """Return issues of the patients who are asked for."""
    return [
        *_check_whole("first", first, MOST_PATIENT),
        *_check_whole("count", count, MOST_COUNT),
    ]


def _check_whole(name: str, given: object, most: int) -> Iterator[Issue]:
    """Yield an issue of what is no whole number from 0 to `most`."""
    if not (is_whole(given) and 0 <= int(given) <= most):
        yield Issue(f"{name} is {given!r}", hint=f"give a whole number from 0 to {most:,}")


def _check_distributions(given: object) -> Iterator[Issue]:
    """Yield issues of what is no distribution by the name of a parameter, and of each that is."""
    hint = 'give distributions by the names of parameters, such as {"k": LogNormal(0.5, 0.3)}'
    if not isinstance(given, Mapping):
        yield Issue(f"distributions are {given!r}", hint=hint)
        return
    for name, distribution in given.items():
        if not isinstance(name, str):
            yield Issue(f"{name!r} stands where the name of a parameter is meant", hint=hint)
        elif not isinstance(distribution, Distribution):
            message = f"{distribution!r} is no distribution"
            yield Issue(message, column=name, hint="give one, such as LogNormal(0.5, 0.3)")
        else:
            yield from (replace(issue, column=name) for issue in distribution.check())


def _sort_out(given: object) -> dict[str, Distribution]:
    """What is a distribution by the name of a parameter."""
    return {
        name: each
        for name, each in (given.items() if isinstance(given, Mapping) else ())
        if isinstance(name, str) and isinstance(each, Distribution)
    }


def _check_block(block: Block, distributions: Mapping[str, Distribution]) -> Iterator[Issue]:
    """Yield issues of parameters that cannot be correlated with each other."""
    for name in block.names:
        distribution = distributions[name]
        base = distribution.distribution if isinstance(distribution, By) else distribution
        if isinstance(base, Empirical):
            message = "rows of an Empirical are drawn whole and cannot be correlated"
            yield Issue(message, column=name, hint="leave it out of the correlations")
    found = {name: _level_of(distributions[name]) for name in block.names}
    if len(set(found.values())) > 1:
        told = ", ".join(
            f"{name} {'for each patient' if level is None else f'by {level}'}"
            for name, level in found.items()
        )
        message = f"correlated parameters are drawn at different levels: {told}"
        yield Issue(message, hint="correlate what is drawn at one level")


def _check_names(distributions: Mapping[str, Distribution], kernel: object) -> Iterator[Issue]:
    """Yield issues of parameters that are drawn twice, or that a kernel does not take."""
    seen: set[str] = set()
    for name, base in _list_names(distributions):
        if name in seen:
            message = f"`{name}` is drawn twice"
            yield Issue(message, hint="leave it out of the rows of Empirical, or give no other")
        seen.add(name)
        if not isinstance(kernel, Kernel):
            continue
        if name not in kernel.parameters:
            otherwise = f"name it in `vary`, or leave it out: {', '.join(kernel.parameters)} vary"
            hint = closest(name, kernel.parameters, otherwise)
            yield Issue(f"`{name}` is no parameter of the kernel", column=name, hint=hint)
        elif isinstance(base, Categorical) and base.has_names:
            message = "names are drawn, and a kernel takes numbers"
            yield Issue(message, column=name, hint="give Categorical numbers")
    if kernel is not None and not isinstance(kernel, Kernel):
        yield Issue(f"kernel is {kernel!r}", hint="give what compile_kernel returns")
