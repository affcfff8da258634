import polars as pl

from stromal.report.figures.dose_response import plot_dose_response

FRAME = pl.DataFrame(
    {
        "dose": [2.0, 0.5],
        "value": [0.5, 0.1],
        "low": [0.25, None],
        "high": [0.75, None],
        "events": [6, None],
        "n": [12, None],
    }
)


def test_doses_in_order_with_printed_counts_where_there_are_any():
    svg = plot_dose_response(FRAME, name="d", title="D", xlabel="Dose", ylabel="Response")
    assert "dose 0.5: simulated 10 %; dose 2: simulated 50 %, printed 6 of 12" in svg
    assert ">6/12<" in svg


def test_without_printed_counts_nothing_is_called_printed():
    alone = FRAME.with_columns(events=pl.lit(None, pl.Int64), n=pl.lit(None, pl.Int64))
    assert "printed" not in plot_dose_response(alone, name="d", title="D", xlabel="x", ylabel="y")
