"""`python -m stromal.calibrate credibility`: simulate the trials of every target, and keep it."""

from __future__ import annotations

import argparse

from stromal.calibrate.credibility import REPLICATES, judge_targets, score_all_trials
from stromal.calibrate.stored import write_credibility


def main() -> None:
    """Run what the command line asks for."""
    parser = argparse.ArgumentParser(prog="python -m stromal.calibrate", description=__doc__)
    parser.add_argument("what", choices=["credibility"])
    parser.add_argument("--replicates", type=int, default=REPLICATES)
    parser.add_argument("--seed", type=int, default=1)
    asked = parser.parse_args()
    scores = score_all_trials("prior", asked.replicates, asked.seed)
    write_credibility(judge_targets(scores, "prior"))


if __name__ == "__main__":
    main()
