"""Every table of clearing with something about a displaced employee. What figures are made of stays."""

from __future__ import annotations

from services.clearing.matching.models import Duty, Match
from services.clearing.referrals.models import Offer, Referral
from services.clearing.registrations.models import RedundancyCost, Registration
from services.clearing.trials.models import Placement, Saving
from shared.orm import table_of
from shared.personal_data import NOBODY, PersonalTable, by, unknown_key

REGISTRATIONS = table_of(Registration)
REFERRALS = table_of(Referral)
PLACEMENTS = table_of(Placement)
COSTS = table_of(RedundancyCost)
MATCHES = table_of(Match)
OFFERS = table_of(Offer)
DUTIES = table_of(Duty)
SAVINGS = table_of(Saving)
PERSON = "registration_id"

# Children before what they hang on. The ids are those of registrations.
TABLES: tuple[PersonalTable, ...] = (
    PersonalTable(COSTS, by(COSTS, PERSON), is_deleted=True),
    PersonalTable(MATCHES, by(MATCHES, PERSON), {"explanation": {}}),
    PersonalTable(REFERRALS, by(REFERRALS, PERSON), {"name": NOBODY, "email": "", "profile": {}, "reasons": None}),
    PersonalTable(OFFERS, by(OFFERS, PERSON), {"difference": "", "answer_reason": None}),
    PersonalTable(PLACEMENTS, by(PLACEMENTS, PERSON), {"person_name": NOBODY, "person_email": "", "end_reason": None}),
    PersonalTable(SAVINGS, by(SAVINGS, PERSON)),
    PersonalTable(DUTIES, by(DUTIES, PERSON), {"reason": None}),
    PersonalTable(
        REGISTRATIONS,
        by(REGISTRATIONS),
        {
            "name": NOBODY,
            "email": "",
            "employee_number": NOBODY,
            "person_key": unknown_key(),
            "job_title": NOBODY,
            "outcode": "",
            "travel_corrections": {},
            "areas": [],
            "skills": None,
            "qualifications": None,
            "professional_registrations": None,
            "occupations": None,
            "working_patterns": None,
            "decision_reason": None,
            "protected_until": None,
        },
        secret=frozenset({"person_key"}),
    ),
)
