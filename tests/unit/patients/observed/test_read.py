from stromal.errors import Severity, has_errors
from tests.unit.patients.folders import read, said


def test_a_folder_gives_patients_without_an_issue(tmp_path):
    patients, issues = read(
        tmp_path,
        labs="subject,day,analyte,value,unit\n1,0,haemoglobin,9.9,g/dL\n",
        events="subject,day,event\n1,90,fall\n2,100,last_follow_up\n",
    )
    assert issues == ()
    assert patients.labs.select("subject", "day", "analyte", "value", "unit").row(0) == (
        ("1", 0.0, "haemoglobin", 99.0, "g/L")
    )
    assert patients.place("labs", 15) == ("labs.csv", 17)


def test_every_issue_of_every_table_at_once(tmp_path, snapshot):
    _, issues = read(
        tmp_path,
        subjects="subject,arm,sex,tissue,steroids,crp_mg_l,ward\n1,msc,x,corde,maybe,high,5\n",
        doses=(
            "subject,day,product,amount,unit\n1,0,msc,2,\n1,7,msc,2,spoons\n1,8,msc,1,10^6 cells\n"
        ),
        labs=(
            "subject,day,analyte,value,unit\n1,0,Hb,9,g/dL\n1,0,platelets,9,g/L\n1,1,platelets,9,\n"
        ),
        assessments=(
            "subject,day,scale,item,value\n1,0,acute_gvhd,skin,1\n1,0,acute_gvhd_stage,skn,1\n"
            "1,0,acute_gvhd_stage,skin,5\n1,0,ice,score,ten\n1,0,investigator,itp_response,good\n"
        ),
        events="subject,day,event\n1,5,deth\n",
        notes="anything\n",
    )
    assert has_errors(issues)
    assert "\n".join(said(issues)) == snapshot


def test_a_broken_table_leaves_the_others_readable(tmp_path):
    patients, issues = read(tmp_path, labs="")
    assert patients.labs.is_empty()
    assert patients.subjects.height == 2
    assert [issue.table for issue in issues] == ["labs.csv"]


def test_without_a_protocol_covariates_are_set_aside(tmp_path):
    patients, issues = read(tmp_path, protocol=None)
    assert "tissue" not in patients.subjects.columns
    assert {issue.severity for issue in issues} == {Severity.WARNING}


def test_a_link_out_of_the_study_is_refused(tmp_path):
    study = tmp_path / "study"
    study.mkdir()
    (tmp_path / "elsewhere.csv").write_text("subject,day,event\n1,0,death\n")
    (study / "patients").mkdir()
    (study / "patients" / "events.csv").symlink_to(tmp_path / "elsewhere.csv")
    patients, issues = read(study)
    assert patients.events.is_empty()
    assert "symbolic link" in issues[0].message


def test_a_lot_passes_through_with_origin_and_replicate(tmp_path):
    text = (
        "subject,origin,replicate,day,product,lot,amount,unit\n"
        "1,,,0,msc,007,1,10^6 cell/kg\n"
        "2,simulated,3,0,msc,,1,10^6 cell/kg\n"
    )
    patients, _ = read(tmp_path, doses=text)
    columns = ("origin", "replicate", "product", "lot", "amount")
    assert patients.doses.select(columns).rows() == [
        (None, None, "msc", "007", 1e6),
        ("simulated", 3, "msc", None, 1e6),
    ]
