import numpy as np

from stromal.kernels.trace import Trace, explain_traces


def test_what_is_followed_or_lost_is_not_told():
    assert explain_traces(np.array([[0, 1]], np.int8), ["a", "b"]) == ("",)


def test_each_state_without_digits_is_named():
    (note,) = explain_traces(np.array([[Trace.NEVER_SEEN, Trace.CAME_BACK]], np.int8), ["a", "b"])
    assert note.startswith("a below its absolute tolerance throughout; b grew again")
