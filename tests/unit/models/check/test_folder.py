"""A folder of a model: its files are read and checked together."""

from __future__ import annotations

from pathlib import Path

from stromal.models.check.folder import check_model_folder

MODEL = "unit time_unit = 86400 second; PLT = 250; x = 1; PLT' = -k*PLT; x' = -k*x; k = 0.1"
PORTS = '[outputs.platelets]\noutput = "PLT"\nunit = "10^9/L"\n'


def _write(folder: Path, **files: str) -> list[str]:
    for name, text in files.items():
        suffix = {"model": "ant", "ports": "toml", "parameters": "csv"}[name]
        (folder / f"{name}.{suffix}").write_text(text, "utf-8")
    return [f"{issue.place}: {issue.message}" for issue in check_model_folder(folder)]


def test_a_folder_without_a_model(tmp_path: Path) -> None:
    (issue,) = check_model_folder(tmp_path)
    assert issue.message == "has no model"
    assert "model.ant" in (issue.hint or "")


def test_a_state_that_no_port_reads_is_told(tmp_path: Path) -> None:
    told = _write(tmp_path, model=MODEL)
    assert not any("no path" in text or "reach" in text for text in told)
    told = _write(tmp_path, ports=PORTS)
    assert any("`x`" in text for text in told)


def test_issues_of_all_files_at_once(tmp_path: Path) -> None:
    told = _write(
        tmp_path,
        model=MODEL.replace("k = 0.1", "k = 0.1 +"),
        ports=PORTS.replace("unit", "unitt"),
        parameters="name,value\nk,x\n",
    )
    assert any("this is not Antimony" in text for text in told)
    assert any(text.startswith("ports.toml row 3") for text in told)
    assert any(text.startswith("parameters.csv") for text in told)


def test_units_of_the_parameter_table_are_compared_with_ports(tmp_path: Path) -> None:
    header = "name,value,unit,meaning,source,locator\n"
    told = _write(
        tmp_path,
        model=MODEL,
        ports=PORTS,
        parameters=f"{header}PLT,,/uL,platelets,assumed,none\nk,0.1,1/day,loss,assumed,none\n",
    )
    assert any("platelets is in 10^9/L here, and `PLT` is in" in text for text in told)
