"""Thousands of live vacancies with everything that belongs to one, and who has applied for them. Nobody in it exists.

Rows are made as the commands leave them: an advert, its vacancy, its opening, its approval, its steps in the hiring
log; an application, who sent it, its steps. The same seed gives the same rows.
"""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

from services.ats.applications.models import Application, CandidateContact
from services.ats.applications.states import ApplicationSource, RejectionReason, Stage
from services.ats.approval_flows.rules import EXPIRES_AFTER_MONTHS, REMINDER_WORKING_DAYS, expiry_of
from services.ats.approvals.models import Approval, ApprovalState
from services.ats.audit.actor import ActorKind
from services.ats.base import Base
from services.ats.hiring_log.models import HiringLogEntry
from services.ats.hiring_log.vocabulary import HiringEvent, LogSource
from services.ats.jobs.models import PublishedJob
from services.ats.vacancies.approved_content import content_hash, content_of
from services.ats.vacancies.criteria import CriterionWrite, DesirableWrite
from services.ats.vacancies.models import Opening, Vacancy
from shared.vocabulary import ContractKind, CriterionKind, HiringRoute, Management, VacancyState
from tests.ats.jobs.many_rows import adverts

Rows = list[dict[str, Any]]
LIMITED = (ContractKind.FIXED_TERM, ContractKind.SECONDMENT)
PEOPLE_PER_APPLICATION = 0.3
LETTERS = "23456789ABCDEFGHJKMNPQRSTVWXYZ"
FIRST = "Amara Ben Chloe Dev Ewa Faisal Grace Harpreet Imani Jack Kwame Leila Mohammed Nadia Owen Priya".split()
LAST = "Ahmed Begum Clarke Dhillon Evans Foster Gill Hussain Iqbal Jones Khan Lewis Mistry Nowak Osei Patel".split()
SAID = (
    "I have kept records that others rely on, and I have learnt to listen before I advise.",
    "In my present post I see some thirty residents a week and follow each question to its end.",
    "I led the change to one register for three teams, and trained the people who use it now.",
)
STAGES = (Stage.SUBMITTED,) * 15 + (Stage.REJECTED,) * 3 + (Stage.SHORTLISTED, Stage.WITHDRAWN)


@dataclass
class Region:
    """Rows by table. `numbers`: how many references each employer has given out by now, in this year."""

    tables: dict[type[Base], Rows] = field(default_factory=dict)
    numbers: Counter[UUID] = field(default_factory=Counter)


def live_vacancies(count: int, now: datetime, given_out: Mapping[UUID, int], *, seed: int = 1) -> Region:
    """So many live vacancies with their side tables, their references after those that are given out."""
    region = Region(numbers=Counter(given_out))
    made: dict[type[Base], Rows] = {kind: [] for kind in (Vacancy, Opening, Approval, PublishedJob, HiringLogEntry)}
    for advert in adverts(count, now, seed):
        employer = advert["employer_id"]
        region.numbers[employer] += 1
        advert["reference"] = f"{advert['employer_code']}-{now.year}-{region.numbers[employer]:05}"
        advert["contract_months"] = 12 if advert["contract"] in LIMITED else None
        vacancy = _vacancy(advert)
        advert["essential"] = [
            {"criterion_id": each["criterion_id"], "text": each["text"]} for each in vacancy.essential
        ]
        made[PublishedJob].append(advert)
        made[Vacancy].append(_row(vacancy))
        made[Opening].append(_row(Opening(employer_id=employer, vacancy_id=vacancy.id, opening_no=1)))
        made[Approval].append(_row(_approval(vacancy)))
        made[HiringLogEntry] += [_row(each) for each in _steps(vacancy)]
    region.tables = made
    return region


def _vacancy(advert: Mapping[str, Any]) -> Vacancy:
    published: datetime = advert["published_at"]
    same = (
        *("id", "employer_id", "reference", "title", "family", "salary_min_pence", "salary_max_pence", "contract"),
        *("outcode", "postcode", "description", "office_days_per_week", "working_pattern", "contract_months"),
        *("closes_at", "published_at"),
    )
    months = {"kind": CriterionKind.EXPERIENCE, "families": [advert["family"]], "months": 12}
    asked = [CriterionWrite.model_validate(months | each) for each in advert["essential"]]
    wanted = DesirableWrite(skill_id="case_recording", level=2, weight=1)
    vacancy = Vacancy(
        **{name: advert[name] for name in same},
        management=Management.HOSTED,
        hours_per_week=Decimal(str(advert["hours_per_week"])),
        pay_effective_from=date(published.year, 4, 1),
        openings_count=1,
        content_hash="",
        source_system="seed",
        external_reference=advert["reference"],
        essential=[each.model_dump(mode="json") for each in asked],
        desirable=[wanted.model_dump(mode="json")],
        created_at=published - timedelta(days=9),
        updated_at=published,
        state=VacancyState.LIVE,
        version=advert["version"],
        approved_at=published - timedelta(days=8),
        entered_clearing_at=published - timedelta(days=8),
        window_opened_at=published - timedelta(days=8),
        window_closes_at=published,
        window_matched=0,
        released_content_version=1,
        released_at=published,
        release_reason="nobody_matched",
        first_published_at=published,
        adverts_count=1,
    )
    vacancy.content_hash = vacancy.approved_hash = content_hash(content_of(vacancy))
    return vacancy


def _approval(vacancy: Vacancy) -> Approval:
    assert vacancy.approved_at is not None
    return Approval(
        employer_id=vacancy.employer_id,
        vacancy_id=vacancy.id,
        content_hash=vacancy.content_hash,
        requested_by=None,
        requested_at=vacancy.approved_at,
        groups=[{"name": "Approvers", "quorum": 1, "approver_ids": []}],
        expires_after_months=EXPIRES_AFTER_MONTHS,
        reminder_working_days=REMINDER_WORKING_DAYS,
        expires_at=expiry_of(vacancy.approved_at, EXPIRES_AFTER_MONTHS),
        state=ApprovalState.APPROVED,
        decided_at=vacancy.approved_at,
        is_attested=True,
        attested_by="Head of Service",
        attested_reference=f"WF-{vacancy.reference}",
    )


def _steps(vacancy: Vacancy) -> Iterator[HiringLogEntry]:
    assert vacancy.approved_at is not None
    assert vacancy.published_at is not None
    for event, at, source in (
        (HiringEvent.APPROVED, vacancy.approved_at, LogSource.HOSTED),
        (HiringEvent.CLEARING_ENTERED, vacancy.approved_at, LogSource.HOSTED),
        (HiringEvent.RELEASED, vacancy.published_at, LogSource.CLEARING),
        (HiringEvent.ADVERT_LIVE, vacancy.published_at, LogSource.HOSTED),
    ):
        yield HiringLogEntry(
            employer_id=vacancy.employer_id,
            vacancy_id=vacancy.id,
            event=event,
            occurred_at=at,
            actor_kind=ActorKind.SYSTEM,
            actor_id=None,
            source=source,
        )


def applications(region: Region, count: int, now: datetime, *, seed: int = 2) -> dict[type[Base], Rows]:
    """So many applications for the region's vacancies, more for some than for others; nobody twice for one.

    `person_key` is left as the number of the person: the keys are the instance's own.
    """
    chance = random.Random(seed)
    vacancies = region.tables[Vacancy]
    weights = [chance.expovariate(1) + 0.1 for _ in vacancies]
    people = max(50, int(count * PEOPLE_PER_APPLICATION))
    share = Counter(chance.choices(range(len(vacancies)), weights, k=count))
    references = iter(_references(chance, count))
    made: dict[type[Base], Rows] = {Application: [], CandidateContact: [], HiringLogEntry: []}
    for place, number in share.items():
        vacancy = vacancies[place]
        # A seat has more takers than there are people only in the smallest of regions.
        for person in chance.sample(range(max(people, number)), number):
            _apply(made, vacancy, person, next(references), chance, now)
    return made


def _apply(
    made: dict[type[Base], Rows],
    vacancy: Mapping[str, Any],
    person: int,
    reference: str,
    chance: random.Random,
    now: datetime,
) -> None:
    published: datetime = vacancy["published_at"]
    submitted = published + (now - published) * chance.random()
    stage = chance.choice(STAGES)
    is_rejected = stage is Stage.REJECTED
    entered = submitted if stage is Stage.SUBMITTED else submitted + (now - submitted) / 2
    own = {"employer_id": vacancy["employer_id"]}
    applied = UUID(int=chance.getrandbits(128), version=4)
    made[Application].append(
        own
        | {
            "id": applied,
            "vacancy_id": vacancy["id"],
            "reference": reference,
            "source": ApplicationSource.BOARD,
            "route": HiringRoute.EXTERNAL,
            "person_key": str(person),
            "submitted_at": submitted,
            "stage_entered_at": entered,
            "stage": stage,
            "version": 1 if stage is Stage.SUBMITTED else 2,
            "is_anonymised": True,
            "claims_interview": False,
            "answers": [{"criterion_id": "E0", "answer": chance.choice(SAID)}],
            "supporting_statement": " ".join(chance.sample(SAID, 2)),
            "rejection_reason": RejectionReason.ESSENTIAL_NOT_MET if is_rejected else None,
            "unmet_criteria": ["E0"] if is_rejected else [],
            "decided_at": entered if stage in {Stage.REJECTED, Stage.SHORTLISTED} else None,
        }
    )
    name = f"{FIRST[person % 16]} {LAST[person // 16 % 16]}"
    made[CandidateContact].append(
        own | {"application_id": applied, "name": name, "email": address_of(person), "phone": None}
    )
    made[HiringLogEntry].append(
        own
        | {
            "vacancy_id": vacancy["id"],
            "application_id": applied,
            "event": HiringEvent.APPLIED,
            "occurred_at": submitted,
            "actor_kind": ActorKind.CLIENT,
            "source": LogSource.HOSTED,
            "route": HiringRoute.EXTERNAL,
        }
    )


def address_of(person: int) -> str:
    return f"candidate.{person}@people.example"


def _references(chance: random.Random, count: int) -> set[str]:
    found: set[str] = set()
    while len(found) < count:
        found.add("A-" + "".join(chance.choices(LETTERS, k=8)))
    return found


def _row(made: Base) -> dict[str, Any]:
    """What the model says, but for what the database works out."""
    columns = [each for each in made.__table__.columns if each.computed is None and each.identity is None]
    return {each.name: getattr(made, each.name) for each in columns if each.server_default is None}
