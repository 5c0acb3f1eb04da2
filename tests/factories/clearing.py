"""Displaced people and vacancies for tests of clearing: pure builders, every value can be overridden."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any
from uuid import UUID, uuid4

from shared.events.ats import Criterion, DesirableSkill, OpeningRefused, OpeningReserved, VacancyChanged
from shared.reference.employers import employer_id
from shared.vocabulary import ContractKind, CriterionKind, Management, VacancyState

MONDAY = datetime(2026, 11, 16, 9, 0, tzinfo=UTC)

HOUSING_YEAR = Criterion(
    criterion_id="E1",
    kind=CriterionKind.EXPERIENCE,
    text="A year in housing",
    families=("housing_homelessness",),
    months=12,
)
TENANCY_LAW = Criterion(
    criterion_id="E2",
    kind=CriterionKind.SKILL,
    text="Basic tenancy law",
    skill_id="tenancy_enforcement",
    level=1,
    trainable=True,
    weeks_to_train=12,
)


def registration(**changes: Any) -> dict[str, Any]:
    """A body of POST /v1/registrations: a housing officer of Sandwell under notice, band 5."""
    return {
        "employer": "SAW",
        "employee_number": uuid4().hex[:8],
        "name": "Asha Moreton",
        "email": f"{uuid4().hex[:10]}@people.example",
        "reason": "redundancy_notice",
        "job_title": "Housing officer",
        "notice_given_on": "2026-11-02",
        "employment_ends_on": "2027-01-31",
        "grade_top_scp": 24,
        "fte_pay_pence": 3_658_100,
        "pay_effective_from": "2026-04-01",
        "hours_per_week": "37",
        "hours_min": "30",
        "hours_max": "37",
        "outcode": "B66",
        "working_patterns": ["office_hours"],
        "skills": [{"skill_id": "tenancy_enforcement", "level": 2}],
        "qualifications": [{"level": 3, "subject": "housing"}],
        "professional_registrations": [],
        "occupations": [
            {"title": "Housing officer", "soc2020": "3223", "family": "housing_homelessness", "months": 74}
        ],
        "redundancy": {
            "born_on": "1981-05-14",
            "service_from_on": "2016-04-01",
            "weekly_pay_pence": 64_000,
        },
        "person_told": True,
    } | changes


def vacancy(**changes: Any) -> VacancyChanged:
    """A housing officer at Birmingham, band 5, that entered clearing on Monday 16 November 2026 at 9 am."""
    return VacancyChanged(
        **{
            "vacancy_id": uuid4(),
            "version": 3,
            "content_version": 1,
            "employer_id": employer_id("BIR"),
            "reference": "BIR-2026-00001",
            "title": "Housing officer",
            "state": VacancyState.IN_CLEARING,
            "management": Management.HOSTED,
            "soc2020": "3223",
            "family": "housing_homelessness",
            "scp_min": 20,
            "scp_max": 24,
            "salary_min_pence": 3_367_300,
            "salary_max_pence": 3_658_100,
            "pay_effective_from": "2026-04-01",
            "hours_per_week": "37",
            "contract": ContractKind.PERMANENT,
            "working_pattern": "office_hours",
            "outcode": "B1",
            "openings": 1,
            "openings_remaining": 1,
            "essential": (HOUSING_YEAR, TENANCY_LAW),
            "desirable": (DesirableSkill(skill_id="tenancy_enforcement", level=2, weight=3),),
            "entered_clearing_at": MONDAY,
        }
        | changes
    )


def reserved(request: dict[str, Any], **changes: Any) -> OpeningReserved:
    """The answer of ats to an `OpeningRequested` payload."""
    return OpeningReserved(
        **{
            "vacancy_id": UUID(request["vacancy_id"]),
            "employer_id": UUID(request["gaining_employer_id"]),
            "request_id": UUID(request["request_id"]),
            "referral_id": UUID(request["referral_id"]),
            "opening_no": 1,
            "held_until": request["reply_by"],
        }
        | changes
    )


def refused(request: dict[str, Any]) -> OpeningRefused:
    return OpeningRefused(
        vacancy_id=UUID(request["vacancy_id"]),
        employer_id=UUID(request["gaining_employer_id"]),
        request_id=UUID(request["request_id"]),
        referral_id=UUID(request["referral_id"]),
        reason="no_opening_left",
    )


def terms(**changes: Any) -> dict[str, Any]:
    """A body of POST /v1/referrals/{id}/request-offer."""
    return {
        "starts_on": "2027-02-01",
        "fte_pay_pence": 3_658_100,
        "hours_per_week": "37",
        "terms_differ": True,
        "difference": "Another council and workplace.",
    } | changes
