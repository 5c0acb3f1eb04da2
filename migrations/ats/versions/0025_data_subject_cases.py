"""Requests of people about their own data, exports that wait, legal holds, how long what is kept, impossible states."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

from migrations.mechanism import add_to_mechanism, drop_from_mechanism
from shared.rls import protect

revision = "0025"
down_revision = "0024"
branch_labels = None
depends_on = None

INSTANT = sa.DateTime(timezone=True)
TABLES = ("data_subject_cases", "case_parts", "data_exports", "legal_holds", "retention_policies", "retention_runs")


def upgrade() -> None:
    add_to_mechanism("ats", "case_answers")
    create_cases()
    create_parts()
    create_holds()
    create_retention()
    create_finds("ats")
    for table in TABLES:
        for statement in protect(f"ats.{table}"):
            op.execute(statement)
    # That something had to be kept is never forgotten; it is lifted.
    op.execute("REVOKE DELETE ON ats.legal_holds FROM ats_app")


def downgrade() -> None:
    op.drop_table("detector_runs", schema="ats")
    op.drop_table("impossible_states", schema="ats")
    for table in reversed(TABLES):
        op.drop_table(table, schema="ats")
    drop_from_mechanism("ats", "case_answers")


def create_cases() -> None:
    op.create_table(
        "data_subject_cases",
        sa.Column("employer_id", sa.Uuid, nullable=True),
        sa.Column("kind", sa.String(40), nullable=False),
        sa.Column("person_key", sa.String(64), nullable=False),
        sa.Column("email", sa.String(320), nullable=True),
        sa.Column("opened_at", INSTANT, nullable=False),
        sa.Column("due_at", INSTANT, nullable=False),
        sa.Column("opened_by_kind", sa.String(40), nullable=False),
        sa.Column("opened_by", sa.Uuid, nullable=True),
        sa.Column("confirmed_by", sa.String(40), nullable=False),
        sa.Column("name", sa.String(200), nullable=True),
        sa.Column("right_name", sa.String(200), nullable=True),
        sa.Column("right_email", sa.String(320), nullable=True),
        sa.Column("held_for", JSONB, nullable=False),
        sa.Column("closed_at", INSTANT, nullable=True),
        sa.Column("manifest", JSONB, nullable=True),
        sa.Column("signature", sa.String(64), nullable=True),
        sa.Column("id", sa.Uuid, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_data_subject_cases"),
        schema="ats",
    )
    op.create_index("ix_data_subject_cases_person_key", "data_subject_cases", ["person_key"], schema="ats")
    op.create_index(
        "ix_data_subject_cases_employer_id_opened_at_id",
        "data_subject_cases",
        ["employer_id", "opened_at", "id"],
        schema="ats",
    )
    op.create_index(
        "ix_data_subject_cases_open",
        "data_subject_cases",
        ["due_at"],
        schema="ats",
        postgresql_where=sa.text("closed_at IS NULL"),
    )


def create_parts() -> None:
    op.create_table(
        "case_parts",
        sa.Column("employer_id", sa.Uuid, nullable=True),
        sa.Column("asked_at", INSTANT, nullable=False),
        sa.Column("ask_again_at", INSTANT, nullable=False),
        sa.Column("asks", sa.SmallInteger, nullable=False),
        sa.Column("answered_at", INSTANT, nullable=True),
        sa.Column("held", JSONB, nullable=False),
        sa.Column("changed", JSONB, nullable=False),
        sa.Column("kept", JSONB, nullable=False),
        sa.Column("records", JSONB, nullable=True),
        sa.Column("case_id", sa.Uuid, nullable=False),
        sa.Column("service", sa.String(40), nullable=False),
        sa.ForeignKeyConstraint(["case_id"], ["ats.data_subject_cases.id"], name="fk_case_parts_case_id"),
        sa.PrimaryKeyConstraint("case_id", "service", name="pk_case_parts"),
        schema="ats",
    )
    op.create_index(
        "ix_case_parts_unanswered",
        "case_parts",
        ["ask_again_at"],
        schema="ats",
        postgresql_where=sa.text("answered_at IS NULL"),
    )
    op.create_table(
        "data_exports",
        sa.Column("employer_id", sa.Uuid, nullable=True),
        sa.Column("body", sa.LargeBinary, nullable=False),
        sa.Column("expires_at", INSTANT, nullable=False),
        sa.Column("case_id", sa.Uuid, nullable=False),
        sa.ForeignKeyConstraint(["case_id"], ["ats.data_subject_cases.id"], name="fk_data_exports_case_id"),
        sa.PrimaryKeyConstraint("case_id", name="pk_data_exports"),
        schema="ats",
    )
    op.create_index("ix_data_exports_expires_at", "data_exports", ["expires_at"], schema="ats")


def create_holds() -> None:
    op.create_table(
        "legal_holds",
        sa.Column("employer_id", sa.Uuid, nullable=False),
        sa.Column("application_id", sa.Uuid, nullable=False),
        sa.Column("person_key", sa.String(64), nullable=False),
        sa.Column("reason", sa.Text, nullable=False),
        sa.Column("placed_by", sa.Uuid, nullable=True),
        sa.Column("placed_at", INSTANT, nullable=False),
        sa.Column("lifted_by", sa.Uuid, nullable=True),
        sa.Column("lifted_at", INSTANT, nullable=True),
        sa.Column("id", sa.Uuid, nullable=False),
        sa.ForeignKeyConstraint(["application_id"], ["ats.applications.id"], name="fk_legal_holds_application_id"),
        sa.PrimaryKeyConstraint("id", name="pk_legal_holds"),
        schema="ats",
    )
    op.create_index(
        "ix_legal_holds_in_force",
        "legal_holds",
        ["person_key", "employer_id"],
        schema="ats",
        postgresql_where=sa.text("lifted_at IS NULL"),
    )


def create_retention() -> None:
    op.create_table(
        "retention_policies",
        sa.Column("employer_id", sa.Uuid, nullable=False),
        sa.Column("record_kind", sa.String(40), nullable=False),
        sa.Column("months", sa.SmallInteger, nullable=False),
        sa.Column("valid_from", sa.Date, nullable=False),
        sa.Column("made_by", sa.Uuid, nullable=True),
        sa.Column("made_at", INSTANT, nullable=False),
        sa.Column("id", sa.Uuid, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_retention_policies"),
        schema="ats",
    )
    op.create_index(
        "ix_retention_policies_employer_id_record_kind_valid_from",
        "retention_policies",
        ["employer_id", "record_kind", "valid_from"],
        schema="ats",
    )
    op.create_table(
        "retention_runs",
        sa.Column("months", sa.SmallInteger, nullable=False),
        sa.Column("employer_id", sa.Uuid, nullable=False),
        sa.Column("record_kind", sa.String(40), nullable=False),
        sa.Column("ran_on", sa.Date, nullable=False),
        sa.Column("forgotten", sa.Integer, nullable=False),
        sa.Column("finished_at", INSTANT, nullable=True),
        sa.PrimaryKeyConstraint("employer_id", "record_kind", "ran_on", name="pk_retention_runs"),
        schema="ats",
    )


def create_finds(schema: str) -> None:
    op.create_table(
        "impossible_states",
        sa.Column("id", sa.Uuid, nullable=False),
        sa.Column("employer_id", sa.Uuid, nullable=True),
        sa.Column("rule", sa.String(60), nullable=False),
        sa.Column("subject_kind", sa.String(40), nullable=False),
        sa.Column("subject_id", sa.Uuid, nullable=False),
        sa.Column("found_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("gone_at", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("id", name="pk_impossible_states"),
        schema=schema,
    )
    op.create_index(
        "uq_impossible_states_open",
        "impossible_states",
        ["rule", "subject_id"],
        unique=True,
        schema=schema,
        postgresql_where=sa.text("gone_at IS NULL"),
    )
    op.create_table(
        "detector_runs",
        sa.Column("ran_on", sa.Date, nullable=False),
        sa.Column("ran_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("found", sa.Integer, nullable=False),
        sa.Column("failed", sa.Integer, nullable=False),
        sa.PrimaryKeyConstraint("ran_on", name="pk_detector_runs"),
        schema=schema,
    )
    for statement in protect(f"{schema}.impossible_states"):
        op.execute(statement)
