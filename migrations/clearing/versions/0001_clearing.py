"""What this service begins with: registrations, windows, matches, referrals, placements, and what nobody rewrites."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

from migrations.mechanism import create_mechanism, drop_mechanism
from shared.rls import protect

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

SCHEMA = "clearing"
INSTANT = sa.DateTime(timezone=True)
BOTH = ("home_employer_id", "gaining_employer_id")
HOME = ("home_employer_id",)
MATCHED_TO_READER = "EXISTS (SELECT FROM clearing.matches WHERE matches.vacancy_id = vacancies.id)"
PROTECTED = (
    *protect("clearing.transitions", employers=BOTH, subjects=("registration_id",)),
    *protect("clearing.readings", employers=BOTH),
    *protect("clearing.registrations", employers=HOME, subjects=("id",)),
    # What a dismissal would cost is between the council and its auditors: the person's own link does not reach it.
    *protect("clearing.redundancy_costs", employers=HOME),
    # A person and their home council read the vacancies that were suggested to them, and no others.
    *protect("clearing.vacancies", readable=MATCHED_TO_READER),
    *protect("clearing.windows"),
    *protect("clearing.clearing_policies", readable="true"),
    # The gaining council has no way to a match: who fits is known only once that person is interested (R54).
    *protect("clearing.matches", employers=HOME, subjects=("registration_id",)),
    *protect("clearing.duties", employers=HOME),
    *protect("clearing.placements", employers=BOTH, subjects=("registration_id",)),
    *protect("clearing.savings", employers=HOME),
    *protect("clearing.referrals", employers=BOTH, subjects=("registration_id",)),
    *protect("clearing.offers", employers=BOTH, subjects=("registration_id",)),
)
# R56: the audit is append-only for everyone, its owner included.
APPEND_ONLY = """
CREATE FUNCTION clearing.refuse_change() RETURNS trigger LANGUAGE plpgsql AS
$$ BEGIN RAISE EXCEPTION '% is append-only', TG_TABLE_NAME USING ERRCODE = 'restrict_violation'; END $$;
CREATE TRIGGER refuse_change BEFORE UPDATE OR DELETE ON clearing.transitions
FOR EACH ROW EXECUTE FUNCTION clearing.refuse_change();
"""
REGION_POLICY = """
INSERT INTO clearing.clearing_policies (id, employer_id, effective_from, window_order, window_working_days,
    interviews_per_opening, offer_reply_working_days)
VALUES ('0a51c7b0-0000-4000-8000-000000000001', NULL, '2026-04-01', 'concurrent', 5, 4, 5)
"""


def upgrade() -> None:
    create_mechanism(SCHEMA)
    create_audit()
    create_registrations()
    create_vacancy_mirror()
    create_matching()
    create_trials()
    create_referrals()
    for statement in (REGION_POLICY, *PROTECTED, APPEND_ONLY):
        op.execute(statement)


def downgrade() -> None:
    op.execute("DROP POLICY may_read ON clearing.vacancies")
    for table in (
        "offers",
        "referrals",
        "savings",
        "placements",
        "duties",
        "matches",
        "clearing_policies",
        "windows",
        "vacancies",
        "redundancy_costs",
        "registrations",
        "readings",
        "transitions",
    ):
        op.drop_table(table, schema=SCHEMA)
    op.execute("DROP FUNCTION clearing.refuse_change()")
    drop_mechanism(SCHEMA)


def create_audit() -> None:
    op.create_table(
        "transitions",
        sa.Column("subject", sa.String(40), nullable=False),
        sa.Column("subject_id", sa.Uuid, nullable=False),
        sa.Column("from_state", sa.String(40), nullable=True),
        sa.Column("to_state", sa.String(40), nullable=False),
        sa.Column("happened_at", INSTANT, nullable=False),
        sa.Column("actor_kind", sa.String(40), nullable=False),
        sa.Column("actor_id", sa.Uuid, nullable=True),
        sa.Column("home_employer_id", sa.Uuid, nullable=True),
        sa.Column("gaining_employer_id", sa.Uuid, nullable=True),
        sa.Column("registration_id", sa.Uuid, nullable=True),
        sa.Column("recorded_at", INSTANT, server_default=sa.text("clock_timestamp()"), nullable=False),
        sa.Column("id", sa.Uuid, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_transitions"),
        schema=SCHEMA,
    )
    op.create_index("ix_transitions_registration_id", "transitions", ["registration_id"], schema=SCHEMA)
    op.create_index(
        "ix_transitions_subject_id_happened_at", "transitions", ["subject_id", "happened_at"], schema=SCHEMA
    )
    op.create_table(
        "readings",
        sa.Column("referral_id", sa.Uuid, nullable=False),
        sa.Column("reader_id", sa.Uuid, nullable=False),
        sa.Column("home_employer_id", sa.Uuid, nullable=False),
        sa.Column("gaining_employer_id", sa.Uuid, nullable=False),
        sa.Column("opened_at", INSTANT, nullable=False),
        sa.PrimaryKeyConstraint("referral_id", "reader_id", name="pk_readings"),
        schema=SCHEMA,
    )


def create_registrations() -> None:
    op.create_table(
        "registrations",
        sa.Column("home_employer_id", sa.Uuid, nullable=False),
        sa.Column("employee_number", sa.String(40), nullable=False),
        sa.Column("name", sa.String(200), nullable=False),
        sa.Column("email", sa.String(254), nullable=False),
        sa.Column("person_key", sa.String(64), nullable=False),
        sa.Column("reason", sa.String(40), nullable=False),
        sa.Column("source", sa.String(40), nullable=False),
        sa.Column("job_title", sa.String(200), nullable=False),
        sa.Column("band", sa.Integer, nullable=False),
        sa.Column("fte_pay_pence", sa.Integer, nullable=False),
        sa.Column("pay_effective_from", sa.Date, nullable=False),
        sa.Column("hours_hundredths", sa.Integer, nullable=False),
        sa.Column("hours_min", sa.Integer, nullable=False),
        sa.Column("hours_max", sa.Integer, nullable=False),
        sa.Column("outcode", sa.String(4), nullable=False),
        sa.Column("created_at", INSTANT, nullable=False),
        sa.Column("state_since", INSTANT, nullable=False),
        sa.Column("employment", sa.String(40), nullable=False),
        sa.Column("grade_top_scp", sa.Integer, nullable=True),
        sa.Column("grade_top_pence", sa.Integer, nullable=True),
        sa.Column("state", sa.String(40), nullable=False),
        sa.Column("tier", sa.Integer, nullable=True),
        sa.Column("protected_until", sa.Date, nullable=True),
        sa.Column("at_risk_on", sa.Date, nullable=True),
        sa.Column("notice_given_on", sa.Date, nullable=True),
        sa.Column("employment_ends_on", sa.Date, nullable=True),
        sa.Column("max_travel_minutes", sa.Integer, nullable=False),
        sa.Column("max_miles", sa.Integer, nullable=True),
        sa.Column("hybrid_max_travel_minutes", sa.Integer, nullable=True),
        sa.Column("travel_corrections", JSONB, nullable=False),
        sa.Column("areas", JSONB, nullable=False),
        sa.Column("working_patterns", JSONB, nullable=True),
        sa.Column("accepts_fixed_term", sa.Boolean, nullable=False),
        sa.Column("accepts_short_fixed_term", sa.Boolean, nullable=False),
        sa.Column("accepts_more_than_two_bands_lower", sa.Boolean, nullable=False),
        sa.Column("skills", JSONB, nullable=True),
        sa.Column("qualifications", JSONB, nullable=True),
        sa.Column("professional_registrations", JSONB, nullable=True),
        sa.Column("occupations", JSONB, nullable=True),
        sa.Column("person_told", sa.Boolean, nullable=False),
        sa.Column("registered_by", sa.Uuid, nullable=True),
        sa.Column("submitted_at", INSTANT, nullable=True),
        sa.Column("verified_at", INSTANT, nullable=True),
        sa.Column("verified_by", sa.Uuid, nullable=True),
        sa.Column("activate_at", INSTANT, nullable=True),
        sa.Column("match_due_at", INSTANT, nullable=True),
        sa.Column("decision_reason", sa.String(2000), nullable=True),
        sa.Column("closing_reason", sa.String(40), nullable=True),
        sa.Column("version", sa.Integer, nullable=False),
        sa.Column("id", sa.Uuid, nullable=False),
        sa.CheckConstraint(
            "tier IS NOT NULL OR state NOT IN ('verified', 'active')", name="ck_registrations_verified_has_tier"
        ),
        sa.CheckConstraint("hours_min <= hours_max", name="ck_registrations_hours"),
        sa.CheckConstraint("tier BETWEEN 1 AND 5", name="ck_registrations_tier"),
        sa.PrimaryKeyConstraint("id", name="pk_registrations"),
        schema=SCHEMA,
    )
    op.create_index(
        "ix_registrations_activation",
        "registrations",
        ["activate_at"],
        schema=SCHEMA,
        postgresql_where=sa.text("state = 'verified'"),
    )
    op.create_index(
        "ix_registrations_band", "registrations", ["band"], schema=SCHEMA, postgresql_where=sa.text("state = 'active'")
    )
    op.create_index(
        "ix_registrations_home_employer_id_state_submitted_at",
        "registrations",
        ["home_employer_id", "state", "submitted_at"],
        schema=SCHEMA,
    )
    op.create_index(
        "ix_registrations_match_due",
        "registrations",
        ["match_due_at"],
        schema=SCHEMA,
        postgresql_where=sa.text("match_due_at IS NOT NULL"),
    )
    op.create_index("ix_registrations_person_key", "registrations", ["person_key"], schema=SCHEMA)
    op.create_index(
        "uq_registrations_live_employment",
        "registrations",
        ["home_employer_id", "employee_number", "employment"],
        unique=True,
        schema=SCHEMA,
        postgresql_where=sa.text("state NOT IN ('rejected', 'placed', 'closed')"),
    )
    op.create_table(
        "redundancy_costs",
        sa.Column("registration_id", sa.Uuid, nullable=False),
        sa.Column("home_employer_id", sa.Uuid, nullable=False),
        sa.Column("born_on", sa.Date, nullable=False),
        sa.Column("service_from_on", sa.Date, nullable=False),
        sa.Column("weekly_pay_pence", sa.Integer, nullable=False),
        sa.Column("pension_member_from_on", sa.Date, nullable=True),
        sa.Column("uses_actual_week", sa.Boolean, nullable=False),
        sa.Column("strain_pence", sa.Integer, nullable=True),
        sa.Column("strain_is_quoted", sa.Boolean, nullable=False),
        sa.Column("pilon_pence", sa.Integer, nullable=False),
        sa.ForeignKeyConstraint(
            ["registration_id"], ["clearing.registrations.id"], name="fk_redundancy_costs_registration_id"
        ),
        sa.PrimaryKeyConstraint("registration_id", name="pk_redundancy_costs"),
        schema=SCHEMA,
    )


def create_vacancy_mirror() -> None:
    op.create_table(
        "vacancies",
        sa.Column("version", sa.Integer, nullable=False),
        sa.Column("content_version", sa.Integer, nullable=False),
        sa.Column("employer_id", sa.Uuid, nullable=False),
        sa.Column("reference", sa.String(40), nullable=False),
        sa.Column("title", sa.String(200), nullable=False),
        sa.Column("state", sa.String(40), nullable=False),
        sa.Column("management", sa.String(40), nullable=False),
        sa.Column("band", sa.Integer, nullable=False),
        sa.Column("hours_hundredths", sa.Integer, nullable=False),
        sa.Column("contract", sa.String(40), nullable=False),
        sa.Column("outcode", sa.String(8), nullable=False),
        sa.Column("openings", sa.Integer, nullable=False),
        sa.Column("openings_remaining", sa.Integer, nullable=False),
        sa.Column("family", sa.String(60), nullable=True),
        sa.Column("soc2020", sa.String(4), nullable=True),
        sa.Column("salary_min_pence", sa.Integer, nullable=True),
        sa.Column("salary_max_pence", sa.Integer, nullable=True),
        sa.Column("pay_effective_from", sa.Date, nullable=True),
        sa.Column("contract_months", sa.Integer, nullable=True),
        sa.Column("working_pattern", sa.String(60), nullable=True),
        sa.Column("office_days_per_week", sa.Integer, nullable=True),
        sa.Column("starts_on", sa.Date, nullable=True),
        sa.Column("essential", JSONB, nullable=False),
        sa.Column("desirable", JSONB, nullable=False),
        sa.Column("entered_clearing_at", INSTANT, nullable=True),
        sa.Column("content_changed_at", INSTANT, nullable=True),
        sa.Column("clearing_exemption", sa.String(60), nullable=True),
        sa.Column("hiring_manager_id", sa.Uuid, nullable=True),
        sa.Column("id", sa.Uuid, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_vacancies"),
        schema=SCHEMA,
    )
    op.create_index("ix_vacancies_employer_id_state", "vacancies", ["employer_id", "state"], schema=SCHEMA)
    op.create_table(
        "windows",
        sa.Column("vacancy_id", sa.Uuid, nullable=False),
        sa.Column("employer_id", sa.Uuid, nullable=False),
        sa.Column("content_version", sa.Integer, nullable=False),
        sa.Column("state", sa.String(40), nullable=False),
        sa.Column("order", sa.String(40), nullable=False),
        sa.Column("opened_at", INSTANT, nullable=False),
        sa.Column("closes_at", INSTANT, nullable=False),
        sa.Column("state_since", INSTANT, nullable=False),
        sa.Column("due_at", INSTANT, nullable=True),
        sa.Column("matched", sa.Integer, nullable=False),
        sa.Column("held_from", sa.String(40), nullable=True),
        sa.Column("working_days_left", sa.Integer, nullable=True),
        sa.Column("released_at", INSTANT, nullable=True),
        sa.Column("revoked_at", INSTANT, nullable=True),
        sa.Column("release_reason", sa.String(40), nullable=True),
        sa.Column("version", sa.Integer, nullable=False),
        sa.Column("id", sa.Uuid, nullable=False),
        sa.ForeignKeyConstraint(["vacancy_id"], ["clearing.vacancies.id"], name="fk_windows_vacancy_id"),
        sa.PrimaryKeyConstraint("id", name="pk_windows"),
        schema=SCHEMA,
    )
    op.create_index(
        "ix_windows_due", "windows", ["due_at"], schema=SCHEMA, postgresql_where=sa.text("due_at IS NOT NULL")
    )
    op.create_index("ix_windows_employer_id_state", "windows", ["employer_id", "state"], schema=SCHEMA)
    op.create_index(
        "ix_windows_reviewed",
        "windows",
        ["id"],
        schema=SCHEMA,
        postgresql_where=sa.text("state IN ('review', 'regional_review') AND due_at IS NULL"),
    )
    op.create_index(
        "ix_windows_revoked", "windows", ["id"], schema=SCHEMA, postgresql_where=sa.text("revoked_at IS NOT NULL")
    )
    op.create_index(
        "uq_windows_vacancy_content", "windows", ["vacancy_id", "content_version"], unique=True, schema=SCHEMA
    )
    op.create_table(
        "clearing_policies",
        sa.Column("employer_id", sa.Uuid, nullable=True),
        sa.Column("effective_from", sa.Date, nullable=False),
        sa.Column("window_order", sa.String(40), nullable=False),
        sa.Column("window_working_days", sa.Integer, nullable=False),
        sa.Column("interviews_per_opening", sa.Integer, nullable=False),
        sa.Column("offer_reply_working_days", sa.Integer, nullable=False),
        sa.Column("id", sa.Uuid, nullable=False),
        sa.CheckConstraint("interviews_per_opening >= 1", name="ck_clearing_policies_interviews"),
        sa.CheckConstraint("offer_reply_working_days BETWEEN 3 AND 10", name="ck_clearing_policies_reply_days"),
        sa.CheckConstraint("window_working_days BETWEEN 3 AND 10", name="ck_clearing_policies_window_days"),
        sa.PrimaryKeyConstraint("id", name="pk_clearing_policies"),
        schema=SCHEMA,
    )
    op.create_index(
        "uq_clearing_policies_employer_from",
        "clearing_policies",
        ["employer_id", "effective_from"],
        unique=True,
        schema=SCHEMA,
        postgresql_nulls_not_distinct=True,
    )


def create_matching() -> None:
    op.create_table(
        "matches",
        sa.Column("registration_id", sa.Uuid, nullable=False),
        sa.Column("vacancy_id", sa.Uuid, nullable=False),
        sa.Column("window_id", sa.Uuid, nullable=False),
        sa.Column("home_employer_id", sa.Uuid, nullable=False),
        sa.Column("ring", sa.Integer, nullable=False),
        sa.Column("tier", sa.Integer, nullable=False),
        sa.Column("score", sa.Integer, nullable=False),
        sa.Column("rank_key", sa.String(200), nullable=False),
        sa.Column("explanation", JSONB, nullable=False),
        sa.Column("suggested_at", INSTANT, nullable=False),
        sa.Column("closes_at", INSTANT, nullable=False),
        sa.Column("state_since", INSTANT, nullable=False),
        sa.Column("state", sa.String(40), nullable=False),
        sa.Column("id", sa.Uuid, nullable=False),
        sa.CheckConstraint("score BETWEEN 0 AND 10000", name="ck_matches_score"),
        sa.ForeignKeyConstraint(["registration_id"], ["clearing.registrations.id"], name="fk_matches_registration_id"),
        sa.ForeignKeyConstraint(["vacancy_id"], ["clearing.vacancies.id"], name="fk_matches_vacancy_id"),
        sa.ForeignKeyConstraint(["window_id"], ["clearing.windows.id"], name="fk_matches_window_id"),
        sa.PrimaryKeyConstraint("id", name="pk_matches"),
        schema=SCHEMA,
    )
    op.create_index(
        "ix_matches_expiring", "matches", ["closes_at"], schema=SCHEMA, postgresql_where=sa.text("state = 'suggested'")
    )
    op.create_index(
        "ix_matches_home_employer_id_suggested_at", "matches", ["home_employer_id", "suggested_at"], schema=SCHEMA
    )
    op.create_index("ix_matches_vacancy_id_rank_key", "matches", ["vacancy_id", "rank_key"], schema=SCHEMA)
    op.create_index("uq_matches_person_window", "matches", ["registration_id", "window_id"], unique=True, schema=SCHEMA)
    op.create_table(
        "duties",
        sa.Column("registration_id", sa.Uuid, nullable=False),
        sa.Column("vacancy_id", sa.Uuid, nullable=False),
        sa.Column("match_id", sa.Uuid, nullable=False),
        sa.Column("home_employer_id", sa.Uuid, nullable=False),
        sa.Column("opened_at", INSTANT, nullable=False),
        sa.Column("outcome", sa.String(40), nullable=True),
        sa.Column("reason", sa.String(2000), nullable=True),
        sa.Column("decided_by", sa.Uuid, nullable=True),
        sa.Column("decided_at", INSTANT, nullable=True),
        sa.Column("id", sa.Uuid, nullable=False),
        sa.ForeignKeyConstraint(["match_id"], ["clearing.matches.id"], name="fk_duties_match_id"),
        sa.ForeignKeyConstraint(["registration_id"], ["clearing.registrations.id"], name="fk_duties_registration_id"),
        sa.ForeignKeyConstraint(["vacancy_id"], ["clearing.vacancies.id"], name="fk_duties_vacancy_id"),
        sa.PrimaryKeyConstraint("id", name="pk_duties"),
        schema=SCHEMA,
    )
    op.create_index(
        "ix_duties_open", "duties", ["vacancy_id"], schema=SCHEMA, postgresql_where=sa.text("outcome IS NULL")
    )
    op.create_index("uq_duties_person_vacancy", "duties", ["registration_id", "vacancy_id"], unique=True, schema=SCHEMA)


def create_trials() -> None:
    op.create_table(
        "placements",
        sa.Column("referral_id", sa.Uuid, nullable=False),
        sa.Column("request_id", sa.Uuid, nullable=False),
        sa.Column("registration_id", sa.Uuid, nullable=False),
        sa.Column("vacancy_id", sa.Uuid, nullable=False),
        sa.Column("home_employer_id", sa.Uuid, nullable=False),
        sa.Column("gaining_employer_id", sa.Uuid, nullable=False),
        sa.Column("vacancy_title", sa.String(200), nullable=False),
        sa.Column("person_name", sa.String(200), nullable=False),
        sa.Column("person_email", sa.String(254), nullable=False),
        sa.Column("kind", sa.String(40), nullable=True),
        sa.Column("starts_on", sa.Date, nullable=False),
        sa.Column("ends_on", sa.Date, nullable=True),
        sa.Column("new_fte_pay_pence", sa.Integer, nullable=False),
        sa.Column("new_hours_hundredths", sa.Integer, nullable=False),
        sa.Column("state_since", INSTANT, nullable=False),
        sa.Column("due_at", INSTANT, nullable=True),
        sa.Column("state", sa.String(40), nullable=False),
        sa.Column("reminded_day", sa.Integer, nullable=False),
        sa.Column("ended_on", sa.Date, nullable=True),
        sa.Column("end_reason", sa.String(2000), nullable=True),
        sa.Column("ended_by", sa.Uuid, nullable=True),
        sa.Column("version", sa.Integer, nullable=False),
        sa.Column("id", sa.Uuid, nullable=False),
        sa.ForeignKeyConstraint(
            ["registration_id"], ["clearing.registrations.id"], name="fk_placements_registration_id"
        ),
        sa.ForeignKeyConstraint(["vacancy_id"], ["clearing.vacancies.id"], name="fk_placements_vacancy_id"),
        sa.PrimaryKeyConstraint("id", name="pk_placements"),
        schema=SCHEMA,
    )
    op.create_index(
        "ix_placements_due", "placements", ["due_at"], schema=SCHEMA, postgresql_where=sa.text("due_at IS NOT NULL")
    )
    op.create_index(
        "ix_placements_gaining_employer_id_state", "placements", ["gaining_employer_id", "state"], schema=SCHEMA
    )
    op.create_index("ix_placements_home_employer_id_state", "placements", ["home_employer_id", "state"], schema=SCHEMA)
    op.create_index("ix_placements_registration_id", "placements", ["registration_id"], schema=SCHEMA)
    op.create_index("uq_placements_referral", "placements", ["referral_id"], unique=True, schema=SCHEMA)
    op.create_table(
        "savings",
        sa.Column("registration_id", sa.Uuid, nullable=False),
        sa.Column("home_employer_id", sa.Uuid, nullable=False),
        sa.Column("placement_id", sa.Uuid, nullable=False),
        sa.Column("counted_at", INSTANT, nullable=False),
        sa.Column("net_pence", sa.Integer, nullable=False),
        sa.Column("parts", JSONB, nullable=False),
        sa.Column("service_years_carried", sa.Integer, nullable=False),
        sa.ForeignKeyConstraint(["placement_id"], ["clearing.placements.id"], name="fk_savings_placement_id"),
        sa.ForeignKeyConstraint(["registration_id"], ["clearing.registrations.id"], name="fk_savings_registration_id"),
        sa.PrimaryKeyConstraint("registration_id", name="pk_savings"),
        schema=SCHEMA,
    )
    op.create_index(
        "ix_savings_home_employer_id_counted_at", "savings", ["home_employer_id", "counted_at"], schema=SCHEMA
    )


def create_referrals() -> None:
    op.create_table(
        "referrals",
        sa.Column("registration_id", sa.Uuid, nullable=False),
        sa.Column("vacancy_id", sa.Uuid, nullable=False),
        sa.Column("window_id", sa.Uuid, nullable=False),
        sa.Column("match_id", sa.Uuid, nullable=False),
        sa.Column("home_employer_id", sa.Uuid, nullable=False),
        sa.Column("gaining_employer_id", sa.Uuid, nullable=False),
        sa.Column("vacancy_title", sa.String(200), nullable=False),
        sa.Column("name", sa.String(200), nullable=False),
        sa.Column("email", sa.String(254), nullable=False),
        sa.Column("profile", JSONB, nullable=False),
        sa.Column("ring", sa.Integer, nullable=False),
        sa.Column("priority_band", sa.Integer, nullable=False),
        sa.Column("rank_key", sa.String(200), nullable=False),
        sa.Column("interested_at", INSTANT, nullable=False),
        sa.Column("state_since", INSTANT, nullable=False),
        sa.Column("review_due_at", INSTANT, nullable=False),
        sa.Column("state", sa.String(40), nullable=False),
        sa.Column("has_duty", sa.Boolean, nullable=False),
        sa.Column("unmet_criteria", JSONB, nullable=False),
        sa.Column("reasons", sa.String(4000), nullable=True),
        sa.Column("decided_by", sa.Uuid, nullable=True),
        sa.Column("referred_at", INSTANT, nullable=True),
        sa.Column("interview_at", INSTANT, nullable=True),
        sa.Column("ended_at", INSTANT, nullable=True),
        sa.Column("version", sa.Integer, nullable=False),
        sa.Column("id", sa.Uuid, nullable=False),
        sa.ForeignKeyConstraint(["match_id"], ["clearing.matches.id"], name="fk_referrals_match_id"),
        sa.ForeignKeyConstraint(
            ["registration_id"], ["clearing.registrations.id"], name="fk_referrals_registration_id"
        ),
        sa.ForeignKeyConstraint(["vacancy_id"], ["clearing.vacancies.id"], name="fk_referrals_vacancy_id"),
        sa.ForeignKeyConstraint(["window_id"], ["clearing.windows.id"], name="fk_referrals_window_id"),
        sa.PrimaryKeyConstraint("id", name="pk_referrals"),
        schema=SCHEMA,
    )
    op.create_index(
        "ix_referrals_gaining_employer_id_vacancy_id_rank_key",
        "referrals",
        ["gaining_employer_id", "vacancy_id", "rank_key"],
        schema=SCHEMA,
    )
    op.create_index("ix_referrals_home_employer_id_state", "referrals", ["home_employer_id", "state"], schema=SCHEMA)
    op.create_index("ix_referrals_vacancy_id", "referrals", ["vacancy_id"], schema=SCHEMA)
    op.create_index(
        "uq_referrals_live",
        "referrals",
        ["registration_id", "vacancy_id"],
        unique=True,
        schema=SCHEMA,
        postgresql_where=sa.text(
            "state IN ('interested', 'hr_review', 'referred', 'waiting', 'interview_offered', 'interviewed', 'offered')"
        ),
    )
    op.create_table(
        "offers",
        sa.Column("referral_id", sa.Uuid, nullable=False),
        sa.Column("registration_id", sa.Uuid, nullable=False),
        sa.Column("vacancy_id", sa.Uuid, nullable=False),
        sa.Column("home_employer_id", sa.Uuid, nullable=False),
        sa.Column("gaining_employer_id", sa.Uuid, nullable=False),
        sa.Column("requested_at", INSTANT, nullable=False),
        sa.Column("reply_by", INSTANT, nullable=False),
        sa.Column("starts_on", sa.Date, nullable=False),
        sa.Column("fte_pay_pence", sa.Integer, nullable=False),
        sa.Column("hours_hundredths", sa.Integer, nullable=False),
        sa.Column("terms_differ", sa.Boolean, nullable=False),
        sa.Column("difference", sa.String(2000), nullable=False),
        sa.Column("state", sa.String(40), nullable=False),
        sa.Column("made_at", INSTANT, nullable=True),
        sa.Column("answered_at", INSTANT, nullable=True),
        sa.Column("answer_reason", sa.String(2000), nullable=True),
        sa.Column("decided_by", sa.Uuid, nullable=True),
        sa.Column("id", sa.Uuid, nullable=False),
        sa.CheckConstraint("state <> 'offered' OR made_at IS NOT NULL", name="ck_offers_offered_was_made"),
        sa.ForeignKeyConstraint(["referral_id"], ["clearing.referrals.id"], name="fk_offers_referral_id"),
        sa.PrimaryKeyConstraint("id", name="pk_offers"),
        schema=SCHEMA,
    )
    op.create_index("ix_offers_registration_id", "offers", ["registration_id"], schema=SCHEMA)
    op.create_index(
        "ix_offers_reply",
        "offers",
        ["reply_by"],
        schema=SCHEMA,
        postgresql_where=sa.text("state IN ('requested', 'offered')"),
    )
    op.create_index(
        "uq_offers_live_referral",
        "offers",
        ["referral_id"],
        unique=True,
        schema=SCHEMA,
        postgresql_where=sa.text("state IN ('requested', 'offered', 'accepted')"),
    )
