import inspect
import pkgutil
from importlib import import_module

from stromal.errors import has_errors
from stromal.patients import check
from stromal.patients.check.check import CHECKS, FIRST_CHECKS, check_patients
from stromal.tables.patients import PATIENT_TABLES, Patients
from tests.unit.patients.folders import PROTOCOL, read, said

LABS = "subject,day,analyte,value,unit\n"
DOSES = "subject,day,product,amount,unit\n"


def test_clean_patients_have_no_issue(tmp_path):
    patients, _ = read(
        tmp_path,
        labs=LABS + "1,20,haemoglobin,13.2,g/dL\n",
        doses=DOSES + "1,0,msc,1.5,10^6 cell/kg\n",
    )
    assert check_patients(patients, PROTOCOL) == ()


def test_no_patients_are_no_traceback():
    issues = check_patients(Patients.of(), PROTOCOL)
    assert [issue.message for issue in issues] == [
        f"no patient is in arm `{a}`" for a in PROTOCOL.arms
    ]


def test_every_check_is_on_the_list():
    written = {
        item
        for module in pkgutil.iter_modules(check.__path__)
        if module.name != "check"
        for name, item in inspect.getmembers(import_module(f"{check.__name__}.{module.name}"))
        if name.startswith("check_") and inspect.isfunction(item)
    }
    assert written == {*FIRST_CHECKS, *CHECKS}


def test_messages(tmp_path, snapshot):
    patients, _ = read(
        tmp_path,
        subjects=(
            "subject,arm,tissue,steroids,crp_mg_l,age_years,weight_kg,first_day,last_day\n"
            "1,msc,cord,yes,5,17,60,0,90\n1,msc,cord,yes,5,30,60,0,90\n"
            "2,placebo,cord,no,5,130,6000,10,5\n"
        ),
        doses=DOSES + "1,0,msc,3,10^6 cell/kg\n1,7,mcs,2,10^6 cell/kg\n1,8,msc,-1,Gy\n",
        labs=(
            "subject,day,analyte,value,unit,lower_limit,upper_limit\n"
            "1,0,haemoglobin,13.2,g/L,,\n1,1,haemoglobin,132,g/dL,,\n1,1,platelets,250000,10^9/L,,\n"
            "1,1,leukocytes,7000,10^9/L,12,4\n1,2,crp,-1,mg/L,,\n1,2,crp,5,mg/L,,\n1,95,crp,5,mg/L,,\n"
            "9,0,crp,5,mg/L,,\n"
        ),
        assessments=(
            "subject,day,scale,item,value\n1,3,acute_gvhd_stage,skin,1\n1,3,acute_gvhd_stage,skin,2\n"
        ),
        events="subject,day,event\n1,50,death\n1,60,relapse\n1,70,death\n",
    )
    issues = check_patients(patients, PROTOCOL)
    assert has_errors(issues)
    assert "\n".join(f"[{i.severity}] {i}" for i in issues) == snapshot


def test_the_house_message(tmp_path):
    rows = "".join(f"1,{day},crp,5,mg/L\n" for day in range(20, 35))
    patients, _ = read(tmp_path, labs=LABS + rows + "1,20,haemoglobin,13.2,g/L\n")
    assert "\n".join(said(check_patients(patients, PROTOCOL))) == (
        "labs.csv row 17: haemoglobin is 13.2 g/L, outside 20 to 250 g/L.\n"
        "hint: this looks like g/dL; write the unit in the `unit` column"
    )


def test_patients_that_were_never_in_a_file_are_checked_too():
    patients = Patients.of(
        **{name: schema.empty() for name, schema in PATIENT_TABLES.items() if name != "subjects"},
        subjects=PATIENT_TABLES["subjects"].empty(),
    )
    assert not has_errors(check_patients(patients, PROTOCOL))
