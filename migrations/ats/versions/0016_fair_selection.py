"""Panels score for themselves first, and an employer says how it chooses people."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

from shared.rls import SUBJECT, protect

revision = "0016"
down_revision = "0014"
branch_labels = None
depends_on = None

INSTANT = sa.DateTime(timezone=True)
TABLES = ("selection_policies", "conflict_declarations", "score_sheets", "moderation_notes")
# A member of another council finds their own seat by who they are.
BY_PERSON = "panel_members"


def upgrade() -> None:
    create_policies()
    create_panels()
    create_scores()
    for table in TABLES:
        for statement in protect(f"ats.{table}"):
            op.execute(statement)
    for statement in protect(f"ats.{BY_PERSON}", readable=f"staff_id = {SUBJECT}"):
        op.execute(statement)


def downgrade() -> None:
    for table in (*reversed(TABLES), BY_PERSON):
        op.drop_table(table, schema="ats")


def create_policies() -> None:
    op.create_table(
        "selection_policies",
        sa.Column("employer_id", sa.Uuid, nullable=False),
        sa.Column("valid_from", sa.Date, nullable=False),
        sa.Column("requires_panel", sa.Boolean, nullable=False),
        sa.Column("made_at", INSTANT, nullable=False),
        sa.Column("made_by", sa.Uuid, nullable=True),
        sa.Column("id", sa.Uuid, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_selection_policies"),
        sa.UniqueConstraint("employer_id", "valid_from", name="uq_selection_policies_employer_id_valid_from"),
        schema="ats",
    )


def create_panels() -> None:
    op.create_table(
        "panel_members",
        sa.Column("employer_id", sa.Uuid, nullable=False),
        sa.Column("vacancy_id", sa.Uuid, nullable=False),
        sa.Column("staff_id", sa.Uuid, nullable=False),
        sa.Column("named_at", INSTANT, nullable=False),
        sa.Column("is_lead", sa.Boolean, nullable=False),
        sa.Column("named_by", sa.Uuid, nullable=True),
        sa.Column("ended_at", INSTANT, nullable=True),
        sa.Column("id", sa.Uuid, nullable=False),
        sa.ForeignKeyConstraint(["vacancy_id"], ["ats.vacancies.id"], name="fk_panel_members_vacancy_id"),
        sa.PrimaryKeyConstraint("id", name="pk_panel_members"),
        sa.UniqueConstraint("vacancy_id", "staff_id", name="uq_panel_members_vacancy_id_staff_id"),
        schema="ats",
    )
    op.create_index(
        "uq_panel_members_one_lead",
        "panel_members",
        ["vacancy_id"],
        schema="ats",
        unique=True,
        postgresql_where=sa.text("is_lead AND ended_at IS NULL"),
    )
    op.create_index("ix_panel_members_staff_id", "panel_members", ["staff_id"], schema="ats")
    op.create_table(
        "conflict_declarations",
        sa.Column("employer_id", sa.Uuid, nullable=False),
        sa.Column("vacancy_id", sa.Uuid, nullable=False),
        sa.Column("staff_id", sa.Uuid, nullable=False),
        sa.Column("has_conflict", sa.Boolean, nullable=False),
        sa.Column("declared_at", INSTANT, nullable=False),
        sa.Column("what", sa.Text, nullable=True),
        sa.Column("application_ids", JSONB, nullable=False),
        sa.Column("recorded_at", INSTANT, server_default=sa.func.clock_timestamp(), nullable=False),
        sa.Column("id", sa.Uuid, nullable=False),
        sa.ForeignKeyConstraint(["vacancy_id"], ["ats.vacancies.id"], name="fk_conflict_declarations_vacancy_id"),
        sa.PrimaryKeyConstraint("id", name="pk_conflict_declarations"),
        schema="ats",
    )
    op.create_index(
        "ix_conflict_declarations_vacancy_id_recorded_at",
        "conflict_declarations",
        ["vacancy_id", "recorded_at"],
        schema="ats",
    )


def create_scores() -> None:
    op.create_table(
        "score_sheets",
        sa.Column("employer_id", sa.Uuid, nullable=False),
        sa.Column("vacancy_id", sa.Uuid, nullable=False),
        sa.Column("application_id", sa.Uuid, nullable=False),
        sa.Column("staff_id", sa.Uuid, nullable=False),
        sa.Column("saved_at", INSTANT, nullable=False),
        sa.Column("scores", JSONB, nullable=False),
        sa.Column("submitted_at", INSTANT, nullable=True),
        sa.Column("id", sa.Uuid, nullable=False),
        sa.ForeignKeyConstraint(["vacancy_id"], ["ats.vacancies.id"], name="fk_score_sheets_vacancy_id"),
        sa.ForeignKeyConstraint(["application_id"], ["ats.applications.id"], name="fk_score_sheets_application_id"),
        sa.PrimaryKeyConstraint("id", name="pk_score_sheets"),
        sa.UniqueConstraint("application_id", "staff_id", name="uq_score_sheets_application_id_staff_id"),
        schema="ats",
    )
    op.create_index("ix_score_sheets_vacancy_id", "score_sheets", ["vacancy_id"], schema="ats")
    op.create_table(
        "moderation_notes",
        sa.Column("employer_id", sa.Uuid, nullable=False),
        sa.Column("vacancy_id", sa.Uuid, nullable=False),
        sa.Column("application_id", sa.Uuid, nullable=False),
        sa.Column("staff_id", sa.Uuid, nullable=False),
        sa.Column("note", sa.Text, nullable=False),
        sa.Column("noted_at", INSTANT, nullable=False),
        sa.Column("id", sa.Uuid, nullable=False),
        sa.ForeignKeyConstraint(["vacancy_id"], ["ats.vacancies.id"], name="fk_moderation_notes_vacancy_id"),
        sa.ForeignKeyConstraint(["application_id"], ["ats.applications.id"], name="fk_moderation_notes_application_id"),
        sa.PrimaryKeyConstraint("id", name="pk_moderation_notes"),
        schema="ats",
    )
    op.create_index("ix_moderation_notes_vacancy_id", "moderation_notes", ["vacancy_id"], schema="ats")
    op.create_index("ix_moderation_notes_application_id", "moderation_notes", ["application_id"], schema="ats")
