"""Every table of ats with something about a candidate. What figures and the clock are made of stays."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import ColumnElement, String, cast, or_, select, text, tuple_
from sqlalchemy.dialects.postgresql import ARRAY, JSONB

from services.ats.applications.models import Application, CandidateContact, InterviewClaim, PoolMember, RejectionEntry
from services.ats.bulk_actions.models import BatchItem
from services.ats.checks.models import CheckEntry, CheckPlan, PreEmploymentCheck
from services.ats.drafts.models import ApplicationDraft
from services.ats.employment_references.models import ExplainedGap, ReferenceAnswers, ReferenceRequest
from services.ats.files.models import Document
from services.ats.hires.models import Hire
from services.ats.interviews.models import AdjustmentRequest, InterviewBooking, InterviewInvitation
from services.ats.job_alerts.models import JobAlert
from services.ats.offers.models import Offer
from services.ats.panels.models import ConflictDeclaration, ModerationNote, ScoreSheet
from services.ats.persons.models import PersonLink
from services.ats.persons.queries import is_of_person
from services.ats.reserve_lists.models import ReserveEntry
from services.ats.talent_pool.models import PoolInvitation
from shared.orm import table_of
from shared.personal_data import PersonalTable, by, unknown_key

APPLICATIONS = table_of(Application)
CONTACTS = table_of(CandidateContact)
CLAIMS = table_of(InterviewClaim)
REJECTIONS = table_of(RejectionEntry)
RESERVE_ENTRIES = table_of(ReserveEntry)
POOL_MEMBERS = table_of(PoolMember)
POOL_INVITATIONS = table_of(PoolInvitation)
SHEETS = table_of(ScoreSheet)
NOTES = table_of(ModerationNote)
DECLARATIONS = table_of(ConflictDeclaration)
CHECKS = table_of(PreEmploymentCheck)
ENTRIES = table_of(CheckEntry)
PLANS = table_of(CheckPlan)
OFFERS = table_of(Offer)
ALERTS = table_of(JobAlert)
DRAFTS = table_of(ApplicationDraft)
INVITATIONS = table_of(InterviewInvitation)
BOOKINGS = table_of(InterviewBooking)
ADJUSTMENTS = table_of(AdjustmentRequest)
REFERENCES = table_of(ReferenceRequest)
REFERENCE_ANSWERS = table_of(ReferenceAnswers)
GAPS = table_of(ExplainedGap)
HIRES = table_of(Hire)
BATCH_ITEMS = table_of(BatchItem)
DOCUMENTS = table_of(Document)
LINKS = table_of(PersonLink)
CANDIDATE = "application_id"
KEYS_OF_LINKS = ("first_key", "second_key")
SECRET_OF_DOCUMENTS = frozenset({"storage_key", "copy_key", "sha256", "person_key"})

WORDS_OF_AN_OFFER = ("withdrawn_reason", "outside_grade_reason", "refusal_reason")
# A score is part of how the panel chose; the words beside it are about the person.
SCORES_ALONE = text(
    "(SELECT coalesce(jsonb_agg(each || '{\"note\": \"\"}'), '[]') FROM jsonb_array_elements(scores) AS each)"
)


def entries_of(ids: Sequence[UUID]) -> ColumnElement[bool]:
    return ENTRIES.c.check_id.in_(select(CHECKS.c.id).where(CHECKS.c[CANDIDATE].in_(ids)))


def pool_invitations_of(ids: Sequence[UUID]) -> ColumnElement[bool]:
    theirs = select(POOL_MEMBERS.c.id).where(POOL_MEMBERS.c[CANDIDATE].in_(ids))
    return POOL_INVITATIONS.c.member_id.in_(theirs)


def reference_answers_of(ids: Sequence[UUID]) -> ColumnElement[bool]:
    asked = select(REFERENCES.c.id).where(REFERENCES.c[CANDIDATE].in_(ids))
    return REFERENCE_ANSWERS.c.request_id.in_(asked)


def declarations_about(ids: Sequence[UUID]) -> ColumnElement[bool]:
    named = cast([str(each) for each in ids], ARRAY(String))
    return DECLARATIONS.c.application_ids.cast(JSONB).has_any(named)


# The ids are those of applications. Whoever asks to be erased has left the pool, also where an application is kept.
POOL_TABLES: tuple[PersonalTable, ...] = (
    PersonalTable(POOL_INVITATIONS, pool_invitations_of, is_deleted=True),
    PersonalTable(POOL_MEMBERS, by(POOL_MEMBERS, CANDIDATE), is_deleted=True),
)


def links_of(ids: Sequence[UUID]) -> ColumnElement[bool]:
    """What was decided of these people. Another application under the same address still needs it."""
    others = APPLICATIONS.alias()
    remains = select(others.c.id).where(
        others.c.employer_id == APPLICATIONS.c.employer_id,
        others.c.person_key == APPLICATIONS.c.person_key,
        others.c.id.not_in(ids),
    )
    theirs = select(APPLICATIONS.c.employer_id, APPLICATIONS.c.person_key).where(
        APPLICATIONS.c.id.in_(ids), ~remains.exists()
    )
    return or_(*(tuple_(LINKS.c.employer_id, LINKS.c[side]).in_(theirs) for side in KEYS_OF_LINKS))


# Children before what they hang on. The ids are those of applications.
TABLES: tuple[PersonalTable, ...] = (
    *POOL_TABLES,
    PersonalTable(CONTACTS, by(CONTACTS, CANDIDATE), is_deleted=True),
    PersonalTable(CLAIMS, by(CLAIMS, CANDIDATE), is_deleted=True),
    PersonalTable(REJECTIONS, by(REJECTIONS, CANDIDATE)),
    PersonalTable(RESERVE_ENTRIES, by(RESERVE_ENTRIES, CANDIDATE), {"skip_reason": None}),
    PersonalTable(SHEETS, by(SHEETS, CANDIDATE), {"scores": SCORES_ALONE}),
    PersonalTable(NOTES, by(NOTES, CANDIDATE), {"note": ""}),
    PersonalTable(DECLARATIONS, declarations_about, {"what": None}),
    PersonalTable(ENTRIES, entries_of, {"words": None, "evidence_reference": None}),
    PersonalTable(
        CHECKS,
        by(CHECKS, CANDIDATE),
        {"evidence_reference": None, "reason": None, "waiver_reason": None, "risk_assessment": None},
    ),
    PersonalTable(PLANS, by(PLANS, CANDIDATE)),
    PersonalTable(OFFERS, by(OFFERS, CANDIDATE), dict.fromkeys(WORDS_OF_AN_OFFER)),
    # Their contents go when an erasure is committed, or with the next sweep of the store.
    PersonalTable(
        DOCUMENTS,
        by(DOCUMENTS, CANDIDATE),
        is_deleted=True,
        secret=SECRET_OF_DOCUMENTS,
    ),
    PersonalTable(INVITATIONS, by(INVITATIONS, CANDIDATE)),
    PersonalTable(BOOKINGS, by(BOOKINGS, CANDIDATE)),
    PersonalTable(ADJUSTMENTS, by(ADJUSTMENTS, CANDIDATE), is_deleted=True),
    # Given in confidence, and so not shown to the person it is about (DPA 2018 Sch. 2 para. 24).
    PersonalTable(
        REFERENCE_ANSWERS, reference_answers_of, is_deleted=True, secret=frozenset({"answers", "evidence_reference"})
    ),
    PersonalTable(REFERENCES, by(REFERENCES, CANDIDATE), is_deleted=True, secret=frozenset({"referee_key"})),
    PersonalTable(GAPS, by(GAPS, CANDIDATE), is_deleted=True),
    PersonalTable(HIRES, by(HIRES, CANDIDATE)),
    PersonalTable(BATCH_ITEMS, by(BATCH_ITEMS, CANDIDATE), {"problem": None}),
    PersonalTable(LINKS, links_of, is_deleted=True, secret=frozenset(KEYS_OF_LINKS)),
    PersonalTable(
        APPLICATIONS,
        by(APPLICATIONS),
        {
            "answers": [],
            "supporting_statement": "",
            "form_answers": {},
            "knock_outs": [],
            "interview_place": None,
            "person_key": unknown_key(),
        },
        secret=frozenset({"person_key"}),
    ),
)
# Saved searches belong to no employer. The ids are those of the searches.
ALERT_TABLES = (PersonalTable(ALERTS, by(ALERTS), is_deleted=True, secret=frozenset({"person_key", "search_key"})),)
# What is begun and not sent. The ids are those of the drafts.
DRAFT_TABLES = (
    PersonalTable(DOCUMENTS, by(DOCUMENTS, "draft_id"), is_deleted=True, secret=SECRET_OF_DOCUMENTS),
    PersonalTable(DRAFTS, by(DRAFTS), is_deleted=True, secret=frozenset({"person_key"})),
)


def under_address(person_key: str, employer_id: UUID | None) -> ColumnElement[bool]:
    """The applications of a case that were sent under this very address."""
    return _at(APPLICATIONS.c.person_key == person_key, employer_id)


def of_person(person_key: str, employer_id: UUID | None) -> ColumnElement[bool]:
    """The applications of a case, and at each employer those under addresses that it found to be the same person's."""
    return _at(is_of_person(person_key, APPLICATIONS.c.employer_id, APPLICATIONS.c.person_key), employer_id)


def _at(is_theirs: ColumnElement[bool], employer_id: UUID | None) -> ColumnElement[bool]:
    return is_theirs if employer_id is None else is_theirs & (APPLICATIONS.c.employer_id == employer_id)
