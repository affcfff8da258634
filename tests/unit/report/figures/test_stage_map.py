from stromal.report.figures.stage_map import StageRow, frame_stages, plot_stage_map, read_stages


def test_grades_that_differ_are_counted_and_letters_are_not_compared():
    rows = [
        StageRow("1", {"skin": "4"}, {"magic": "IV", "ibmtr": "D"}, "III"),
        StageRow("2", {"skin": None}, {"magic": None, "ibmtr": "A"}, "I"),
    ]
    svg = plot_stage_map(frame_stages(rows), ["skin"], ["magic", "ibmtr"], name="x", title="Stages")
    assert "grade differs in 1." in svg
    assert svg.count("stroke-width: 1.5") == 1
    assert ">–<" in svg


def test_without_reported_grades_the_column_is_left_out():
    frame = frame_stages([StageRow("1", {"skin": "2"})])
    svg = plot_stage_map(frame, ["skin"], name="x", title="Stages")
    assert ">reported<" not in svg


def test_many_patients_are_drawn_in_blocks():
    rows = [StageRow(f"P{i}", {"skin": str(i % 5)}) for i in range(137)]
    svg = plot_stage_map(frame_stages(rows), ["skin"], name="x", title="Stages")
    assert all(f">P{i}<" in svg for i in (0, 70, 136))


def test_the_frame_keeps_every_cell():
    rows = (
        StageRow("1", {"skin": "4", "gut": None}, {"magic": "IV"}, "III"),
        StageRow("2", {}, {}, None),
    )
    assert read_stages(frame_stages(rows)) == rows
