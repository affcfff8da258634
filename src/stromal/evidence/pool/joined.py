"""Controlled and single-arm studies in one model, with a bias of the single arms that is told."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.optimize import minimize
from scipy.special import ndtr, ndtri

from stromal.evidence.pool.effects import Effects, Floats

FEWEST = 2
TOO_FEW = "fewer than two controlled studies: the bias of single arms has nothing to be told by"


@dataclass(frozen=True, slots=True)
class Joined:
    """The effect of treatment on log odds from both kinds of study.

    `value` is the log odds ratio, `bias` by how much single arms say more than they should (None
    where it is not in the model), `control` the log odds under control. `control_spread` and
    `effect_spread` are deviations between studies. All None, with `reason`, where nothing can be
    told.
    """

    value: float | None
    error: float | None
    low: float | None
    high: float | None
    level: float
    p: float | None
    bias: float | None
    bias_error: float | None
    control: float | None
    control_spread: float | None
    effect_spread: float | None
    controlled: int
    single: int
    method: str
    sources: tuple[str, ...] = ("spiegelhalter2003",)
    reason: str | None = None


def join_studies(
    treated: Effects,
    control: Effects,
    single: Effects,
    *,
    bias: float | None,
    level: float = 0.95,
) -> Joined:
    """Join controlled and single-arm studies.

    Log odds under control differ between studies, and so does the effect; a single arm has no
    control of its own and is off by a bias that all of them share, which is normal around zero with
    the deviation `bias` beforehand. Deviations between studies are of the restricted likelihood.
    Show it beside the controlled studies alone, and beside `bias=0.0`, which believes single arms.
    [spiegelhalter2003]

    Parameters
    ----------
    treated, control
        (k,) log odds of the two groups of controlled studies (`logit_proportions`).
    single
        (m,) log odds of single arms.
    bias
        Deviation of the bias beforehand: 0 is none, infinity leaves it to the data; None leaves
        single arms out.
    level
        Of the interval.

    Raises
    ------
    ValueError
        Another number of treated groups than of controls, or a negative bias.

    Examples
    --------
    >>> from stromal.evidence.pool.effects import logit_proportions
    >>> treated = logit_proportions([40, 30, 22], [60, 50, 30])
    >>> control = logit_proportions([30, 22, 15], [60, 50, 30])
    >>> single = logit_proportions([27, 18, 30], [30, 24, 40])
    >>> for bias in (None, 0.5, 0.0):
    ...     found = join_studies(treated, control, single, bias=bias)
    ...     print(f"{found.value:.2f} ({found.low:.2f} to {found.high:.2f})")
    0.73 (0.24 to 1.21)
    0.79 (0.32 to 1.26)
    1.00 (0.50 to 1.50)

    Witness: R metafor::rma.mv, tests/reference/pool.
    """
    if treated.values.shape != control.values.shape or (bias is not None and not bias >= 0):
        raise ValueError("each treated group has one control, and a bias is not negative")
    pairs = treated.known & control.known
    alone = single.known if bias is not None else np.zeros(single.values.shape, bool)
    controlled, others = int(pairs.sum()), int(alone.sum())
    method = "joined studies, restricted maximum likelihood, " + _of_bias(bias)
    if controlled < FEWEST:
        return Joined(
            None, None, None, None, level, None, None, None, None, None, None, controlled, others,
            method, reason=TOO_FEW,
        )  # fmt: skip
    data = _Data(
        np.concatenate([control.values[pairs], treated.values[pairs], single.values[alone]]),
        np.concatenate(
            [control.variances[pairs], treated.variances[pairs], single.variances[alone]]
        ),
        controlled,
        others,
        0.0 if bias is None or not others else bias,
    )
    spreads = _most_likely(data)
    estimates, covariance, _ = data.fit(*spreads)
    errors = np.sqrt(np.diag(covariance))
    value, error = float(estimates[1]), float(errors[1])
    reach = float(ndtri(0.5 + level / 2)) * error
    told = estimates.size > 2
    return Joined(
        value=value,
        error=error,
        low=value - reach,
        high=value + reach,
        level=level,
        p=2 * float(ndtr(-abs(value / error))),
        bias=float(estimates[2]) if told else None,
        bias_error=float(errors[2]) if told else None,
        control=float(estimates[0]),
        control_spread=spreads[0],
        effect_spread=spreads[1],
        controlled=controlled,
        single=others,
        method=method,
    )


@dataclass(frozen=True, slots=True, eq=False)
class _Data:
    """Log odds of controls, then of treated groups, then of single arms."""

    values: Floats
    variances: Floats
    controlled: int
    single: int
    bias: float

    def fit(self, control_spread: float, effect_spread: float) -> tuple[Floats, Floats, float]:
        """Estimates, their covariance, and twice the negative restricted log likelihood."""
        k, m = self.controlled, self.single
        design = np.zeros((2 * k + m, 3))
        design[:, 0], design[k:, 1], design[2 * k :, 2] = 1.0, 1.0, 1.0
        total = np.diag(self.variances + control_spread**2)
        total[range(k, 2 * k + m), range(k, 2 * k + m)] += effect_spread**2
        total[range(k), range(k, 2 * k)] += control_spread**2
        total[range(k, 2 * k), range(k)] += control_spread**2
        if self.bias == 0.0:
            design = design[:, :2]
        root = np.linalg.cholesky(total)
        x, y = np.linalg.solve(root, design), np.linalg.solve(root, self.values)
        information = x.T @ x
        if design.shape[1] > 2 and np.isfinite(self.bias):
            information[2, 2] += self.bias**-2.0
        covariance = np.linalg.inv(information)
        estimates = covariance @ (x.T @ y)
        misfit = float(y @ y - estimates @ (x.T @ y))
        size = 2 * float(np.sum(np.log(np.diag(root))))
        return estimates, covariance, size + float(np.linalg.slogdet(information)[1]) + misfit


def _most_likely(data: _Data) -> tuple[float, float]:
    """Deviations between studies of the restricted likelihood, each zero or more."""

    def loss(at: Floats) -> float:
        return data.fit(float(abs(at[0])), float(abs(at[1])))[2]

    tries = [
        minimize(
            loss,
            np.array(first),
            method="Nelder-Mead",
            options={"xatol": 1e-10, "fatol": 1e-12, "maxiter": 4000},
        )
        for first in ((0.5, 0.5), (0.1, 1.0), (1.0, 0.1), (0.5, 0.0), (0.0, 0.5))
    ]
    found = min(tries, key=lambda one: float(one.fun))
    return float(abs(found.x[0])), float(abs(found.x[1]))


def _of_bias(bias: float | None) -> str:
    if bias is None:
        return "controlled studies alone"
    if bias == 0.0:
        return "single arms believed"
    if np.isinf(bias):
        return "bias of single arms free"
    return f"bias of single arms with deviation {bias:g} beforehand"
