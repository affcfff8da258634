"""Every statistic of the `estimates` table, listed once: its name, its words, its scale."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Literal

Scale = Literal["share", "time", "value", "count", "difference", "ratio", "test", "P"]


@dataclass(frozen=True, slots=True)
class Statistic:
    """A statistic: its name in tables, its words, its scale, and whether it is of a day.

    `scale` says what the number is: a share of patients (0 to 1), a time [day], a value in the
    unit of its endpoint, a count, a difference of shares, a ratio, a test statistic, or a P value.
    """

    name: str
    words: str
    scale: Scale
    dated: bool = False


PROPORTION = Statistic("proportion", "share of patients", "share")
AGREEMENT = Statistic("agreement", "share with the reported label", "share")
SURVIVAL_PROBABILITY = Statistic(
    "survival probability", "survival probability", "share", dated=True
)
CUMULATIVE_INCIDENCE = Statistic(
    "cumulative incidence", "cumulative incidence", "share", dated=True
)
MEDIAN_TIME = Statistic("median time", "median time", "time")
MEDIAN_FOLLOW_UP = Statistic("median follow-up", "median follow-up", "time")
RESTRICTED_MEAN = Statistic("restricted mean", "restricted mean time", "time", dated=True)
RESTRICTED_MEAN_DIFFERENCE = Statistic(
    "restricted mean difference", "difference of restricted mean times", "time", dated=True
)
MEDIAN = Statistic("median", "median", "value")
LOCATION_SHIFT = Statistic("location shift", "difference (Hodges-Lehmann)", "value")
MEAN_DIFFERENCE = Statistic("mean difference", "difference of means", "value")
GEOMETRIC_MEAN_RATIO = Statistic("geometric mean ratio", "ratio of geometric means", "ratio")
PARALLEL_P = Statistic("parallel courses p", "check that the difference stays the same", "P")
SHARE_SLOPE = Statistic("share slope", "change of the share from group to group", "difference")
ORDERED_PAIRS = Statistic(
    "ordered pairs", "share of pairs in which the later group has the higher number", "share"
)
TREND_Z = Statistic("trend z", "z of the test for trend", "test")
STATE_PROBABILITY = Statistic("state probability", "probability of a state", "share", dated=True)
TIME_IN_STATE = Statistic("time in state", "mean time in a state", "time", dated=True)
TIME_IN_STATE_DIFFERENCE = Statistic(
    "time in state difference", "difference of mean times in a state", "time", dated=True
)
LOWER_QUARTILE = Statistic("lower quartile", "lower quartile", "value")
UPPER_QUARTILE = Statistic("upper quartile", "upper quartile", "value")
MINIMUM = Statistic("minimum", "minimum", "value")
MAXIMUM = Statistic("maximum", "maximum", "value")
NOT_EVALUABLE = Statistic("not evaluable", "patients without an outcome", "count")
NEVER_AT_RISK = Statistic("never at risk", "patients never at risk", "count")
LEFT_OUT = Statistic("left out", "patients left out", "count")
LOG_RANK = Statistic("log-rank chi-squared", "log-rank test", "test")
LOG_RANK_P = Statistic("log-rank p", "P of the log-rank test", "P")
RISK_DIFFERENCE = Statistic("risk difference", "difference of shares", "difference")
RISK_RATIO = Statistic("risk ratio", "risk ratio", "ratio")
ODDS_RATIO = Statistic("odds ratio", "odds ratio", "ratio")
CHI_SQUARED = Statistic("chi-squared", "chi-squared test", "test")
TEST_P = Statistic("p", "P value", "P")
CORRECTED_P = Statistic("corrected p", "P corrected for several tests", "P")
EVENTS_PER_TERM = Statistic("events per term", "events for each term", "value")
HAZARD_RATIO = Statistic("hazard ratio", "hazard ratio", "ratio")
SUBDISTRIBUTION_HAZARD_RATIO = Statistic(
    "subdistribution hazard ratio", "subdistribution hazard ratio", "ratio"
)
GRAY = Statistic("Gray chi-squared", "Gray's test", "test")
GRAY_P = Statistic("Gray p", "P of Gray's test", "P")
PROPORTIONAL_HAZARDS_P = Statistic("proportional hazards p", "check of proportional hazards", "P")

STATISTICS: Mapping[str, Statistic] = MappingProxyType(
    {
        item.name: item
        for item in (
            PROPORTION,
            AGREEMENT,
            SURVIVAL_PROBABILITY,
            CUMULATIVE_INCIDENCE,
            MEDIAN_TIME,
            MEDIAN_FOLLOW_UP,
            RESTRICTED_MEAN,
            RESTRICTED_MEAN_DIFFERENCE,
            MEDIAN,
            LOWER_QUARTILE,
            UPPER_QUARTILE,
            MINIMUM,
            MAXIMUM,
            LOCATION_SHIFT,
            MEAN_DIFFERENCE,
            GEOMETRIC_MEAN_RATIO,
            PARALLEL_P,
            SHARE_SLOPE,
            ORDERED_PAIRS,
            TREND_Z,
            STATE_PROBABILITY,
            TIME_IN_STATE,
            TIME_IN_STATE_DIFFERENCE,
            NOT_EVALUABLE,
            NEVER_AT_RISK,
            LEFT_OUT,
            LOG_RANK,
            LOG_RANK_P,
            RISK_DIFFERENCE,
            RISK_RATIO,
            ODDS_RATIO,
            CHI_SQUARED,
            TEST_P,
            CORRECTED_P,
            EVENTS_PER_TERM,
            HAZARD_RATIO,
            SUBDISTRIBUTION_HAZARD_RATIO,
            GRAY,
            GRAY_P,
            PROPORTIONAL_HAZARDS_P,
        )
    }
)
