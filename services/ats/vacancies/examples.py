"""Request bodies for the API's manual, in use as they stand."""

from __future__ import annotations

from typing import Any

SMALLEST: dict[str, Any] = {
    "employer": "SAW",
    "title": "Business support officer",
    "hours_per_week": "37",
    "contract": "permanent",
    "postcode": "B69 3DE",
    "scp_min": 9,
    "scp_max": 14,
}
WHOLE: dict[str, Any] = {
    "employer": "SAW",
    "source_system": "talentlink",
    "external_reference": "REQ-2041",
    "title": "Homelessness prevention officer",
    "grade": "Grade 7",
    "scp_min": 20,
    "scp_max": 24,
    "hours_per_week": "37",
    "contract": "fixed_term",
    "contract_months": 12,
    "working_pattern": "office_hours",
    "office_days_per_week": 2,
    "postcode": "B69 3DE",
    "directorate": "Housing",
    "description": "You help people to keep their home, or to find one.",
    "essential": [
        {
            "kind": "experience",
            "text": "A year advising people with housing or welfare needs",
            "families": ["housing_homelessness", "revenues_benefits"],
            "months": 12,
        },
        {
            "kind": "skill",
            "text": "Applies homelessness law in ordinary cases",
            "skill_id": "homelessness_law",
            "level": 2,
            "trainable": True,
            "weeks_to_train": 16,
        },
    ],
    "desirable": [{"skill_id": "case_recording", "level": 2, "weight": 1}],
    "openings": 2,
    "starts_on": "2027-03-01",
    "advert_days": 14,
}
EXTERNAL: dict[str, Any] = SMALLEST | {
    "management": "external",
    "source_system": "tribepad",
    "external_reference": "7781",
    "apply": {"method": "url", "url": "https://jobs.council.example/7781"},
}
CREATE_EXAMPLES = {
    "smallest": {"summary": "The smallest vacancy", "value": SMALLEST},
    "whole": {"summary": "With criteria, two openings and a natural key", "value": WHOLE},
    "external": {"summary": "Candidates apply in the council's own system", "value": EXTERNAL},
}
KEY = ("employer", "source_system", "external_reference")
PUT_EXAMPLES = {
    name: {**CREATE_EXAMPLES[name], "value": {each: value for each, value in body.items() if each not in KEY}}
    for name, body in (("smallest", SMALLEST), ("whole", WHOLE), ("external", EXTERNAL))
}
