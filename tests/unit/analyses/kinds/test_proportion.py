from tests.unit.analyses.example import answer


def texts(view):
    return [[cell.text for cell in row] for row in view.rows]


SHARES = {"estimate": "proportion", "endpoint": "response", "by": "arm",
          "combine": {"overall": ["CR", "R"]}}  # fmt: skip


def test_labels_that_nobody_has_are_named_under_the_table():
    kind, found = answer(SHARES)
    view = kind.tabulate(found)
    assert view.note.endswith("No patient had: NR.")
    assert ["", "overall", "100 %", "29 to 100 %", "3/3"] in texts(view)


def test_the_figure_shows_every_label_that_somebody_has_with_its_interval():
    kind, found = answer(SHARES)
    figure = kind.plot(found)
    assert ">overall<" in figure.svg
    assert ">NR<" not in figure.svg
    assert "Clopper-Pearson" in figure.caption


def test_nobody_with_a_label_is_no_figure():
    kind, found = answer(SHARES, outcomes=None)
    assert kind.plot(found) is None
