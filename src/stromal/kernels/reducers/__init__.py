"""Reducers: a few numbers per patient from a trajectory that is not kept."""

from __future__ import annotations

from stromal.kernels.reducers.extremes import Maximum, Minimum, TimeOfMaximum, TimeOfMinimum
from stromal.kernels.reducers.integrals import Area, Mean
from stromal.kernels.reducers.reducer import Reducer, read_all
from stromal.kernels.reducers.runs import (
    EpisodesAbove,
    EpisodesBelow,
    FirstRun,
    LongestAbove,
    LongestBelow,
    ReturnAbove,
)
from stromal.kernels.reducers.thresholds import FirstCrossing, TimeAbove, TimeBelow
from stromal.kernels.reducers.visits import AtVisits, Change, FirstRunAtVisits, ValueAt

__all__ = [
    "Area",
    "AtVisits",
    "Change",
    "EpisodesAbove",
    "EpisodesBelow",
    "FirstCrossing",
    "FirstRun",
    "FirstRunAtVisits",
    "LongestAbove",
    "LongestBelow",
    "Maximum",
    "Mean",
    "Minimum",
    "Reducer",
    "ReturnAbove",
    "TimeAbove",
    "TimeBelow",
    "TimeOfMaximum",
    "TimeOfMinimum",
    "ValueAt",
    "read_all",
]
