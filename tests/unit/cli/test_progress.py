from stromal.cli.progress import show_progress


def test_nothing_is_drawn_where_nobody_looks(capsys):
    with show_progress("itp-dose") as tell:
        tell("reading", 0, 5)
        tell("writing", 4, 5)
    captured = capsys.readouterr()
    assert (captured.out, captured.err) == ("", "")


def test_a_terminal_sees_the_stage(capsys, monkeypatch):
    monkeypatch.setenv("FORCE_COLOR", "1")
    monkeypatch.setenv("TERM", "xterm")
    with show_progress("itp-dose") as tell:
        tell("drawing figures", 3, 5)
    captured = capsys.readouterr()
    assert captured.out == ""
    assert "drawing figures" in captured.err
