"""`python -m stromal.calibrate`: fit the posterior, and simulate the trials of every target.

`fit` writes the posterior beside the model, in some ten minutes of a processor; `credibility`
simulates every target with the prior and with the posterior, and keeps what came out.
"""

from __future__ import annotations

import argparse

import polars as pl

from stromal.calibrate.comparisons import MODEL
from stromal.calibrate.credibility import REPLICATES, judge_targets, score_all_trials
from stromal.calibrate.fit import ASSIMILATIONS, MEMBERS, fit_posterior
from stromal.calibrate.learned import report_learned, sum_learned
from stromal.calibrate.stored import write_credibility, write_learned, write_probe
from stromal.models.library.read import find_folder
from stromal.simulate.posterior import POSTERIOR_FILE, write_posterior


def main() -> None:
    """Run what the command line asks for."""
    parser = argparse.ArgumentParser(prog="python -m stromal.calibrate", description=__doc__)
    parser.add_argument("what", choices=["fit", "credibility"])
    parser.add_argument("--members", type=int, default=MEMBERS)
    parser.add_argument("--assimilations", type=int, default=ASSIMILATIONS)
    parser.add_argument("--replicates", type=int, default=REPLICATES)
    parser.add_argument("--seed", type=int, default=1)
    asked = parser.parse_args()
    if asked.what == "fit":
        _fit(asked)
    else:
        _judge(asked)


def _fit(asked: argparse.Namespace) -> None:
    fit = fit_posterior(members=asked.members, assimilations=asked.assimilations, seed=asked.seed)
    write_posterior(fit.posterior, find_folder(MODEL) / POSTERIOR_FILE)
    facts = {
        "members": asked.members,
        "assimilations": asked.assimilations,
        "seed": asked.seed,
        "data": list(fit.data),
        "misfit": [round(each, 3) for each in fit.misfit],
        "learned": round(sum_learned(fit), 1),
    }
    write_learned(report_learned(fit), facts)


def _judge(asked: argparse.Namespace) -> None:
    parts = []
    fitted = (find_folder(MODEL) / POSTERIOR_FILE).exists()
    for parameters in ("prior", "posterior") if fitted else ("prior",):
        scores = score_all_trials(parameters, asked.replicates, asked.seed, uncertain=parameters)
        parts.append(judge_targets(scores, parameters))
    write_credibility(pl.concat(parts))
    write_probe()


if __name__ == "__main__":
    main()
