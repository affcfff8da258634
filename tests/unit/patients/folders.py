"""Small folders of patients and the protocol they follow."""

from stromal.patients.observed.read import read_patients
from stromal.protocol.protocol import Protocol

PROTOCOL = Protocol.model_validate(
    {
        "format": 2,
        "study": {"name": "small", "title": "A small study", "day_zero": "first_msc_dose"},
        "population": {"description": "adults", "age_min_years": 18, "age_max_years": 70},
        "covariates": {
            "tissue": {"label": "tissue", "type": "category", "levels": ["Cord", "adipose"]},
            "steroids": {"label": "steroids", "type": "flag"},
            "crp_mg_l": {"label": "CRP", "type": "number", "unit": "mg/L"},
        },
        "events": {"fall": {"label": "a fall"}},
        "products": {
            "msc": {
                "kind": "msc",
                "label": "MSC",
                "source": "bone marrow",
                "donor": "third party",
            }
        },
        "arms": {
            "msc": {
                "label": "MSC",
                "regimen": [
                    {
                        "product": "msc",
                        "dose_min": 1,
                        "dose_max": 2,
                        "unit": "10^6 cell/kg",
                        "days": [0],
                    }
                ],
            },
            "control": {"label": "control"},
        },
        "visits": [
            {"name": "start", "day": 0, "before": 7, "after": 7},
            {"name": "day_7", "day": 7, "before": 7, "after": 7},
        ],
        "endpoints": [
            {
                "name": "response",
                "rule": "acute_gvhd_response",
                "visit": "day_7",
                "baseline": "start",
            }
        ],
    }
)

SUBJECTS = "subject,arm,tissue,steroids,crp_mg_l\n1,msc,cord,yes,5\n2,control,adipose,0,\n"


def read(tmp_path, protocol=PROTOCOL, **tables):
    """Patients and issues of a folder with these tables as CSV text."""
    folder = tmp_path / "patients"
    folder.mkdir(exist_ok=True)
    for name, text in ({"subjects": SUBJECTS} | tables).items():
        (folder / f"{name}.csv").write_text(text)
    return read_patients(folder, protocol)


def said(issues):
    return [str(issue) for issue in issues]
