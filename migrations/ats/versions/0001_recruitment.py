"""What this service begins with: identity, vacancies, the public face, applications, and the append-only records."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB, TSVECTOR

from migrations.mechanism import create_mechanism, drop_mechanism
from services.ats.identity import models as identity
from shared.rls import protect

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

SCHEMA = "ats"
INSTANT = sa.DateTime(timezone=True)
SEARCHED = (
    "setweight(to_tsvector('english', title), 'A') ||"
    " setweight(to_tsvector('english', employer_name || ' ' || coalesce(directorate, '')), 'B') ||"
    " setweight(to_tsvector('english', description), 'D')"
)
# Every table of a tenant. `published_jobs` is for everyone and has no policies: it holds published facts alone.
OF_AN_EMPLOYER = (
    "vacancies",
    "vacancy_openings",
    "opening_requests",
    "reference_counters",
    "vacancy_alerts",
    "approvals",
    "milestones",
    "audit_entries",
    "hiring_log",
)
# A candidate who came by a link reads and writes what is theirs, by the application's id.
OF_A_CANDIDATE_TOO = {"applications": "id", "candidate_contacts": "application_id", "offers": "application_id"}
APPEND_ONLY = ("audit_entries", "hiring_log")
REFUSE = """
CREATE FUNCTION ats.refuse_change() RETURNS trigger LANGUAGE plpgsql AS
$$ BEGIN RAISE EXCEPTION '% is append-only', TG_TABLE_NAME USING ERRCODE = 'restrict_violation'; END $$
"""


def upgrade() -> None:
    create_mechanism(SCHEMA)
    create_identity()
    create_vacancies()
    create_public_face()
    create_applications()
    create_records()
    for statement in identity.policies():
        op.execute(statement)
    for table in OF_AN_EMPLOYER:
        for statement in protect(f"ats.{table}"):
            op.execute(statement)
    for table, subject in OF_A_CANDIDATE_TOO.items():
        for statement in protect(f"ats.{table}", subjects=(subject,)):
            op.execute(statement)
    op.execute(REFUSE)
    for table in APPEND_ONLY:
        op.execute(f"REVOKE UPDATE, DELETE ON ats.{table} FROM ats_app")
        op.execute(
            f"CREATE TRIGGER append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON ats.{table}"
            " FOR EACH STATEMENT EXECUTE FUNCTION ats.refuse_change()"
        )


def downgrade() -> None:
    for table in (
        "hiring_log",
        "audit_entries",
        "offers",
        "candidate_contacts",
        "applications",
        "published_jobs",
        "milestones",
        "approvals",
        "vacancy_alerts",
        "reference_counters",
        "opening_requests",
        "vacancy_openings",
        "vacancies",
        "signing_keys",
        "api_clients",
        "sign_in_failures",
        "staff_credentials",
    ):
        op.drop_table(table, schema=SCHEMA)
    op.execute("DROP FUNCTION ats.refuse_change()")
    drop_mechanism(SCHEMA)


def create_identity() -> None:
    op.create_table(
        "staff_credentials",
        sa.Column("staff_id", sa.Uuid, nullable=False),
        sa.Column("login", sa.String(320), nullable=False),
        sa.Column("password_hash", sa.String(200), nullable=True),
        sa.PrimaryKeyConstraint("staff_id", name="pk_staff_credentials"),
        sa.UniqueConstraint("login", name="uq_staff_credentials_login"),
        schema=SCHEMA,
    )
    op.create_table(
        "sign_in_failures",
        sa.Column("key", sa.LargeBinary, nullable=False),
        sa.Column("failures", sa.Integer, nullable=False),
        sa.Column("last_at", INSTANT, nullable=False),
        sa.Column("locked_until", INSTANT, nullable=True),
        sa.PrimaryKeyConstraint("key", name="pk_sign_in_failures"),
        schema=SCHEMA,
    )
    op.create_index("ix_sign_in_failures_last_at", "sign_in_failures", ["last_at"], schema=SCHEMA)
    op.create_table(
        "api_clients",
        sa.Column("name", sa.String(200), nullable=False),
        sa.Column("secret_hash", sa.LargeBinary, nullable=False),
        sa.Column("scopes", sa.ARRAY(sa.Text), nullable=False),
        sa.Column("employer_ids", sa.ARRAY(sa.Uuid), nullable=False),
        sa.Column("is_region", sa.Boolean, nullable=False),
        sa.Column("created_at", INSTANT, nullable=False),
        sa.Column("is_active", sa.Boolean, nullable=False),
        sa.Column("last_used_at", INSTANT, nullable=True),
        sa.Column("id", sa.Uuid, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_api_clients"),
        schema=SCHEMA,
    )
    op.create_index(
        "ix_api_clients_employer_ids", "api_clients", ["employer_ids"], schema=SCHEMA, postgresql_using="gin"
    )
    op.create_table(
        "signing_keys",
        sa.Column("kid", sa.String(64), nullable=False),
        sa.Column("key_id", sa.Uuid, nullable=False),
        sa.Column("sealed_private_key", sa.LargeBinary, nullable=False),
        sa.Column("public_key_pem", sa.Text, nullable=False),
        sa.Column("usable_from", INSTANT, nullable=False),
        sa.Column("retired_at", INSTANT, nullable=True),
        sa.PrimaryKeyConstraint("kid", name="pk_signing_keys"),
        sa.UniqueConstraint("key_id", name="uq_signing_keys_key_id"),
        schema=SCHEMA,
    )


def create_vacancies() -> None:
    op.create_table(
        "vacancies",
        sa.Column("employer_id", sa.Uuid, nullable=False),
        sa.Column("reference", sa.String(30), nullable=False),
        sa.Column("management", sa.String(40), nullable=False),
        sa.Column("title", sa.String(200), nullable=False),
        sa.Column("family", sa.String(60), nullable=False),
        sa.Column("salary_min_pence", sa.Integer, nullable=False),
        sa.Column("salary_max_pence", sa.Integer, nullable=False),
        sa.Column("pay_effective_from", sa.Date, nullable=False),
        sa.Column("hours_per_week", sa.Numeric(precision=4, scale=2), nullable=False),
        sa.Column("contract", sa.String(40), nullable=False),
        sa.Column("outcode", sa.String(4), nullable=False),
        sa.Column("openings_count", sa.SmallInteger, nullable=False),
        sa.Column("content_hash", sa.String(64), nullable=False),
        sa.Column("created_at", INSTANT, nullable=False),
        sa.Column("updated_at", INSTANT, nullable=False),
        sa.Column("source_system", sa.String(60), nullable=True),
        sa.Column("external_reference", sa.String(120), nullable=True),
        sa.Column("soc2020", sa.String(4), nullable=True),
        sa.Column("grade", sa.String(60), nullable=True),
        sa.Column("scp_min", sa.SmallInteger, nullable=True),
        sa.Column("scp_max", sa.SmallInteger, nullable=True),
        sa.Column("contract_months", sa.SmallInteger, nullable=True),
        sa.Column("working_pattern", sa.String(40), nullable=True),
        sa.Column("office_days_per_week", sa.SmallInteger, nullable=True),
        sa.Column("postcode", sa.String(8), nullable=True),
        sa.Column("directorate", sa.String(120), nullable=True),
        sa.Column("description", sa.Text, nullable=False),
        sa.Column("essential", JSONB, nullable=False),
        sa.Column("desirable", JSONB, nullable=False),
        sa.Column("starts_on", sa.Date, nullable=True),
        sa.Column("hiring_manager_id", sa.Uuid, nullable=True),
        sa.Column("apply_method", sa.String(40), nullable=False),
        sa.Column("apply_url", sa.String(500), nullable=True),
        sa.Column("clearing_exemption", sa.String(40), nullable=True),
        sa.Column("state", sa.String(40), nullable=False),
        sa.Column("version", sa.Integer, nullable=False),
        sa.Column("content_version", sa.Integer, nullable=False),
        sa.Column("content_changed_at", INSTANT, nullable=True),
        sa.Column("requested_at", INSTANT, nullable=True),
        sa.Column("requested_by", sa.Uuid, nullable=True),
        sa.Column("pending_approval_id", sa.Uuid, nullable=True),
        sa.Column("approved_at", INSTANT, nullable=True),
        sa.Column("approved_hash", sa.String(64), nullable=True),
        sa.Column("entered_clearing_at", INSTANT, nullable=True),
        sa.Column("held_from", sa.String(40), nullable=True),
        sa.Column("window_id", sa.Uuid, nullable=True),
        sa.Column("window_opened_at", INSTANT, nullable=True),
        sa.Column("window_closes_at", INSTANT, nullable=True),
        sa.Column("window_matched", sa.Integer, nullable=True),
        sa.Column("released_content_version", sa.Integer, nullable=True),
        sa.Column("released_at", INSTANT, nullable=True),
        sa.Column("release_reason", sa.String(40), nullable=True),
        sa.Column("duty_opened_at", INSTANT, nullable=True),
        sa.Column("duty_alert_at", INSTANT, nullable=True),
        sa.Column("advert_days", sa.SmallInteger, nullable=True),
        sa.Column("closes_at", INSTANT, nullable=True),
        sa.Column("is_auto_published", sa.Boolean, nullable=False),
        sa.Column("first_published_at", INSTANT, nullable=True),
        sa.Column("published_at", INSTANT, nullable=True),
        sa.Column("adverts_count", sa.SmallInteger, nullable=False),
        sa.Column("closed_at", INSTANT, nullable=True),
        sa.Column("shortlist_confirmed_at", INSTANT, nullable=True),
        sa.Column("id", sa.Uuid, nullable=False),
        sa.CheckConstraint("openings_count >= 1", name="ck_vacancies_has_an_opening"),
        sa.CheckConstraint("salary_min_pence <= salary_max_pence", name="ck_vacancies_pay_range_is_in_order"),
        sa.PrimaryKeyConstraint("id", name="pk_vacancies"),
        sa.UniqueConstraint(
            "employer_id",
            "source_system",
            "external_reference",
            name="uq_vacancies_employer_id_source_system_external_reference",
        ),
        sa.UniqueConstraint("reference", name="uq_vacancies_reference"),
        schema=SCHEMA,
    )
    op.create_index(
        "ix_vacancies_advert_due", "vacancies", ["closes_at"], schema=SCHEMA, postgresql_where="state = 'live'"
    )
    op.create_index("ix_vacancies_employer_id_state_id", "vacancies", ["employer_id", "state", "id"], schema=SCHEMA)
    op.create_index("ix_vacancies_updated_at_id", "vacancies", ["updated_at", "id"], schema=SCHEMA)
    op.create_table(
        "vacancy_openings",
        sa.Column("employer_id", sa.Uuid, nullable=False),
        sa.Column("opening_no", sa.SmallInteger, nullable=False),
        sa.Column("vacancy_id", sa.Uuid, nullable=False),
        sa.Column("state", sa.String(40), nullable=False),
        sa.Column("taken_for", sa.Uuid, nullable=True),
        sa.Column("held_until", INSTANT, nullable=True),
        sa.Column("route", sa.String(40), nullable=True),
        sa.Column("starts_on", sa.Date, nullable=True),
        sa.ForeignKeyConstraint(["vacancy_id"], ["ats.vacancies.id"], name="fk_vacancy_openings_vacancy_id"),
        sa.PrimaryKeyConstraint("vacancy_id", "opening_no", name="pk_vacancy_openings"),
        schema=SCHEMA,
    )
    op.create_index(
        "ix_vacancy_openings_reservation_due",
        "vacancy_openings",
        ["held_until"],
        schema=SCHEMA,
        postgresql_where="state = 'reserved'",
    )
    op.create_table(
        "opening_requests",
        sa.Column("employer_id", sa.Uuid, nullable=False),
        sa.Column("vacancy_id", sa.Uuid, nullable=False),
        sa.Column("referral_id", sa.Uuid, nullable=False),
        sa.Column("state", sa.String(40), nullable=False),
        sa.Column("opening_no", sa.SmallInteger, nullable=True),
        sa.Column("id", sa.Uuid, nullable=False),
        sa.ForeignKeyConstraint(["vacancy_id"], ["ats.vacancies.id"], name="fk_opening_requests_vacancy_id"),
        sa.PrimaryKeyConstraint("id", name="pk_opening_requests"),
        schema=SCHEMA,
    )
    op.create_index("ix_opening_requests_vacancy_id", "opening_requests", ["vacancy_id"], schema=SCHEMA)
    op.create_table(
        "reference_counters",
        sa.Column("employer_id", sa.Uuid, nullable=False),
        sa.Column("year", sa.SmallInteger, nullable=False),
        sa.Column("last_number", sa.Integer, nullable=False),
        sa.PrimaryKeyConstraint("employer_id", "year", name="pk_reference_counters"),
        schema=SCHEMA,
    )
    op.create_table(
        "vacancy_alerts",
        sa.Column("employer_id", sa.Uuid, nullable=False),
        sa.Column("vacancy_id", sa.Uuid, nullable=False),
        sa.Column("code", sa.String(60), nullable=False),
        sa.Column("raised_at", INSTANT, nullable=False),
        sa.Column("about_id", sa.Uuid, nullable=True),
        sa.Column("recorded_at", INSTANT, server_default=sa.text("clock_timestamp()"), nullable=False),
        sa.Column("id", sa.Uuid, nullable=False),
        sa.ForeignKeyConstraint(["vacancy_id"], ["ats.vacancies.id"], name="fk_vacancy_alerts_vacancy_id"),
        sa.PrimaryKeyConstraint("id", name="pk_vacancy_alerts"),
        schema=SCHEMA,
    )
    op.create_index("ix_vacancy_alerts_vacancy_id", "vacancy_alerts", ["vacancy_id"], schema=SCHEMA)
    op.create_table(
        "approvals",
        sa.Column("employer_id", sa.Uuid, nullable=False),
        sa.Column("vacancy_id", sa.Uuid, nullable=False),
        sa.Column("content_hash", sa.String(64), nullable=False),
        sa.Column("requested_by", sa.Uuid, nullable=True),
        sa.Column("requested_at", INSTANT, nullable=False),
        sa.Column("state", sa.String(40), nullable=False),
        sa.Column("decided_by", sa.Uuid, nullable=True),
        sa.Column("decided_at", INSTANT, nullable=True),
        sa.Column("reason", sa.Text, nullable=True),
        sa.Column("is_attested", sa.Boolean, nullable=False),
        sa.Column("attested_by", sa.String(120), nullable=True),
        sa.Column("attested_reference", sa.String(120), nullable=True),
        sa.Column("recorded_at", INSTANT, server_default=sa.text("clock_timestamp()"), nullable=False),
        sa.Column("id", sa.Uuid, nullable=False),
        sa.ForeignKeyConstraint(["vacancy_id"], ["ats.vacancies.id"], name="fk_approvals_vacancy_id"),
        sa.PrimaryKeyConstraint("id", name="pk_approvals"),
        schema=SCHEMA,
    )
    op.create_index("ix_approvals_vacancy_id", "approvals", ["vacancy_id"], schema=SCHEMA)
    op.create_index(
        "uq_approvals_one_pending",
        "approvals",
        ["vacancy_id"],
        unique=True,
        schema=SCHEMA,
        postgresql_where="state = 'pending'",
    )
    op.create_table(
        "milestones",
        sa.Column("employer_id", sa.Uuid, nullable=False),
        sa.Column("vacancy_id", sa.Uuid, nullable=False),
        sa.Column("external_event_id", sa.String(120), nullable=False),
        sa.Column("kind", sa.String(40), nullable=False),
        sa.Column("occurred_at", INSTANT, nullable=False),
        sa.Column("count", sa.SmallInteger, nullable=True),
        sa.Column("asked_opening_no", sa.SmallInteger, nullable=True),
        sa.Column("opening_nos", JSONB, nullable=False),
        sa.Column("questions", JSONB, nullable=False),
        sa.Column("recorded_at", INSTANT, server_default=sa.text("clock_timestamp()"), nullable=False),
        sa.Column("id", sa.Uuid, nullable=False),
        sa.ForeignKeyConstraint(["vacancy_id"], ["ats.vacancies.id"], name="fk_milestones_vacancy_id"),
        sa.PrimaryKeyConstraint("id", name="pk_milestones"),
        sa.UniqueConstraint("vacancy_id", "external_event_id", name="uq_milestones_vacancy_id_external_event_id"),
        schema=SCHEMA,
    )


def create_public_face() -> None:
    op.create_table(
        "published_jobs",
        sa.Column("employer_id", sa.Uuid, nullable=False),
        sa.Column("employer_name", sa.String(200), nullable=False),
        sa.Column("employer_code", sa.String(10), nullable=False),
        sa.Column("reference", sa.String(30), nullable=False),
        sa.Column("title", sa.String(200), nullable=False),
        sa.Column("family", sa.String(60), nullable=False),
        sa.Column("salary_min_pence", sa.Integer, nullable=False),
        sa.Column("salary_max_pence", sa.Integer, nullable=False),
        sa.Column("hours_per_week", sa.Numeric(precision=4, scale=2), nullable=False),
        sa.Column("contract", sa.String(40), nullable=False),
        sa.Column("outcode", sa.String(4), nullable=False),
        sa.Column("openings", sa.SmallInteger, nullable=False),
        sa.Column("version", sa.Integer, nullable=False),
        sa.Column("published_at", INSTANT, nullable=False),
        sa.Column("closes_at", INSTANT, nullable=False),
        sa.Column("apply_method", sa.String(10), nullable=False),
        sa.Column("description", sa.Text, nullable=False),
        sa.Column("essential", JSONB, nullable=False),
        sa.Column("desirable", JSONB, nullable=False),
        sa.Column("id", sa.Uuid, nullable=False),
        sa.Column("apply_url", sa.String(500), nullable=True),
        sa.Column("grade", sa.String(60), nullable=True),
        sa.Column("scp_min", sa.SmallInteger, nullable=True),
        sa.Column("scp_max", sa.SmallInteger, nullable=True),
        sa.Column("contract_months", sa.SmallInteger, nullable=True),
        sa.Column("working_pattern", sa.String(40), nullable=True),
        sa.Column("office_days_per_week", sa.SmallInteger, nullable=True),
        sa.Column("postcode", sa.String(8), nullable=True),
        sa.Column("directorate", sa.String(120), nullable=True),
        sa.Column("starts_on", sa.Date, nullable=True),
        sa.Column("search", TSVECTOR, sa.Computed(SEARCHED, persisted=True), nullable=True),
        sa.PrimaryKeyConstraint("id", name="pk_published_jobs"),
        schema=SCHEMA,
    )
    op.create_index(
        "ix_published_jobs_employer_id_published_at", "published_jobs", ["employer_id", "published_at"], schema=SCHEMA
    )
    op.create_index("ix_published_jobs_published_at_id", "published_jobs", ["published_at", "id"], schema=SCHEMA)
    op.create_index("ix_published_jobs_search", "published_jobs", ["search"], schema=SCHEMA, postgresql_using="gin")


def create_applications() -> None:
    op.create_table(
        "applications",
        sa.Column("employer_id", sa.Uuid, nullable=False),
        sa.Column("vacancy_id", sa.Uuid, nullable=False),
        sa.Column("reference", sa.String(20), nullable=False),
        sa.Column("source", sa.String(40), nullable=False),
        sa.Column("person_key", sa.String(64), nullable=False),
        sa.Column("submitted_at", INSTANT, nullable=False),
        sa.Column("stage_entered_at", INSTANT, nullable=False),
        sa.Column("route", sa.String(40), nullable=False),
        sa.Column("stage", sa.String(40), nullable=False),
        sa.Column("version", sa.Integer, nullable=False),
        sa.Column("referral_id", sa.Uuid, nullable=True),
        sa.Column("source_client_id", sa.Uuid, nullable=True),
        sa.Column("answers", JSONB, nullable=False),
        sa.Column("supporting_statement", sa.Text, nullable=False),
        sa.Column("rejection_reason", sa.String(40), nullable=True),
        sa.Column("unmet_criteria", JSONB, nullable=False),
        sa.Column("decided_by", sa.Uuid, nullable=True),
        sa.Column("decided_at", INSTANT, nullable=True),
        sa.Column("shortlist_told_at", INSTANT, nullable=True),
        sa.Column("interview_at", INSTANT, nullable=True),
        sa.Column("interview_place", sa.String(200), nullable=True),
        sa.Column("interviewed_at", INSTANT, nullable=True),
        sa.Column("accepted_at", INSTANT, nullable=True),
        sa.Column("cleared_at", INSTANT, nullable=True),
        sa.Column("starts_on", sa.Date, nullable=True),
        sa.Column("opening_no", sa.SmallInteger, nullable=True),
        sa.Column("id", sa.Uuid, nullable=False),
        sa.ForeignKeyConstraint(["vacancy_id"], ["ats.vacancies.id"], name="fk_applications_vacancy_id"),
        sa.PrimaryKeyConstraint("id", name="pk_applications"),
        sa.UniqueConstraint("reference", name="uq_applications_reference"),
        schema=SCHEMA,
    )
    op.create_index(
        "ix_applications_employer_id_submitted_at_id",
        "applications",
        ["employer_id", "submitted_at", "id"],
        schema=SCHEMA,
    )
    op.create_index("ix_applications_person_key", "applications", ["person_key"], schema=SCHEMA)
    op.create_index(
        "ix_applications_vacancy_id_submitted_at_id",
        "applications",
        ["vacancy_id", "submitted_at", "id"],
        schema=SCHEMA,
    )
    op.create_index(
        "uq_applications_one_per_person",
        "applications",
        ["vacancy_id", "person_key"],
        unique=True,
        schema=SCHEMA,
        postgresql_where="source <> 'clearing' AND stage <> 'withdrawn'",
    )
    op.create_index("uq_applications_referral", "applications", ["source", "referral_id"], unique=True, schema=SCHEMA)
    op.create_table(
        "candidate_contacts",
        sa.Column("employer_id", sa.Uuid, nullable=False),
        sa.Column("name", sa.String(200), nullable=False),
        sa.Column("email", sa.String(320), nullable=False),
        sa.Column("phone", sa.String(40), nullable=True),
        sa.Column("application_id", sa.Uuid, nullable=False),
        sa.ForeignKeyConstraint(
            ["application_id"], ["ats.applications.id"], name="fk_candidate_contacts_application_id", ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("application_id", name="pk_candidate_contacts"),
        schema=SCHEMA,
    )
    op.create_table(
        "offers",
        sa.Column("employer_id", sa.Uuid, nullable=False),
        sa.Column("vacancy_id", sa.Uuid, nullable=False),
        sa.Column("application_id", sa.Uuid, nullable=False),
        sa.Column("opening_no", sa.SmallInteger, nullable=False),
        sa.Column("salary_pence", sa.Integer, nullable=False),
        sa.Column("starts_on", sa.Date, nullable=False),
        sa.Column("reply_by", INSTANT, nullable=False),
        sa.Column("made_at", INSTANT, nullable=False),
        sa.Column("made_by", sa.Uuid, nullable=True),
        sa.Column("state", sa.String(40), nullable=False),
        sa.Column("version", sa.Integer, nullable=False),
        sa.Column("answered_at", INSTANT, nullable=True),
        sa.Column("withdrawn_reason", sa.Text, nullable=True),
        sa.Column("recorded_at", INSTANT, server_default=sa.text("clock_timestamp()"), nullable=False),
        sa.Column("id", sa.Uuid, nullable=False),
        sa.ForeignKeyConstraint(["application_id"], ["ats.applications.id"], name="fk_offers_application_id"),
        sa.ForeignKeyConstraint(["vacancy_id"], ["ats.vacancies.id"], name="fk_offers_vacancy_id"),
        sa.PrimaryKeyConstraint("id", name="pk_offers"),
        schema=SCHEMA,
    )
    op.create_index("ix_offers_application_id", "offers", ["application_id"], schema=SCHEMA)
    op.create_index("ix_offers_vacancy_id", "offers", ["vacancy_id"], schema=SCHEMA)
    op.create_index(
        "uq_offers_one_standing",
        "offers",
        ["application_id"],
        unique=True,
        schema=SCHEMA,
        postgresql_where="state IN ('made', 'accepted')",
    )


def create_records() -> None:
    op.create_table(
        "audit_entries",
        sa.Column("employer_id", sa.Uuid, nullable=False),
        sa.Column("action", sa.String(60), nullable=False),
        sa.Column("subject_kind", sa.String(30), nullable=False),
        sa.Column("subject_id", sa.Uuid, nullable=False),
        sa.Column("actor_kind", sa.String(40), nullable=False),
        sa.Column("actor_id", sa.Uuid, nullable=True),
        sa.Column("decided_at", INSTANT, nullable=False),
        sa.Column("reason", sa.Text, nullable=True),
        sa.Column("recorded_at", INSTANT, server_default=sa.text("clock_timestamp()"), nullable=False),
        sa.Column("id", sa.BigInteger, sa.Identity(always=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_audit_entries"),
        schema=SCHEMA,
    )
    op.create_index("ix_audit_entries_employer_id_id", "audit_entries", ["employer_id", "id"], schema=SCHEMA)
    op.create_index("ix_audit_entries_subject_id_id", "audit_entries", ["subject_id", "id"], schema=SCHEMA)
    op.create_table(
        "hiring_log",
        sa.Column("employer_id", sa.Uuid, nullable=False),
        sa.Column("vacancy_id", sa.Uuid, nullable=False),
        sa.Column("event", sa.String(40), nullable=False),
        sa.Column("occurred_at", INSTANT, nullable=False),
        sa.Column("actor_kind", sa.String(40), nullable=False),
        sa.Column("actor_id", sa.Uuid, nullable=True),
        sa.Column("source", sa.String(40), nullable=False),
        sa.Column("opening_no", sa.SmallInteger, nullable=True),
        sa.Column("application_id", sa.Uuid, nullable=True),
        sa.Column("route", sa.String(40), nullable=True),
        sa.Column("recorded_at", INSTANT, server_default=sa.text("clock_timestamp()"), nullable=False),
        sa.Column("id", sa.BigInteger, sa.Identity(always=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_hiring_log"),
        schema=SCHEMA,
    )
    op.create_index(
        "ix_hiring_log_employer_id_occurred_at", "hiring_log", ["employer_id", "occurred_at"], schema=SCHEMA
    )
    op.create_index("ix_hiring_log_vacancy_id_id", "hiring_log", ["vacancy_id", "id"], schema=SCHEMA)
