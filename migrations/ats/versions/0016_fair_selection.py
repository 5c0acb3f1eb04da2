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
TABLES = (
    "selection_policies",
    "conflict_declarations",
    "score_sheets",
    "moderation_notes",
    "interview_claims",
    "interview_caps",
    "rejections",
)
ANONYMISED = ("vacancies", "applications")
# A member of another council finds their own seat by who they are.
BY_PERSON = "panel_members"

EARLIER_REJECTIONS = """
INSERT INTO ats.rejections (id, employer_id, application_id, from_stage, decided_at, tell_at, told_at)
SELECT gen_random_uuid(), employer_id, id,
    CASE WHEN interview_at IS NOT NULL THEN 'interview'
        WHEN shortlist_told_at IS NOT NULL THEN 'shortlisted' ELSE 'submitted' END,
    stage_entered_at, stage_entered_at, stage_entered_at
FROM ats.applications WHERE stage = 'rejected' AND source <> 'clearing'
"""


def upgrade() -> None:
    claims = sa.Column("claims_interview", sa.Boolean, nullable=False, server_default=sa.false())
    op.add_column("applications", claims, schema="ats")
    op.alter_column("applications", "claims_interview", server_default=None, schema="ats")
    for table in ANONYMISED:
        column = sa.Column("is_anonymised", sa.Boolean, nullable=False, server_default=sa.true())
        op.add_column(table, column, schema="ats")
        op.alter_column(table, "is_anonymised", server_default=None, schema="ats")
    create_policies()
    create_panels()
    create_scores()
    create_guarantee()
    create_rejections()
    for table in TABLES:
        for statement in protect(f"ats.{table}"):
            op.execute(statement)
    for statement in protect(f"ats.{BY_PERSON}", readable=f"staff_id = {SUBJECT}"):
        op.execute(statement)


def downgrade() -> None:
    for table in (*reversed(TABLES), BY_PERSON):
        op.drop_table(table, schema="ats")
    op.drop_column("applications", "claims_interview", schema="ats")
    for table in ANONYMISED:
        op.drop_column(table, "is_anonymised", schema="ats")


def create_policies() -> None:
    op.create_table(
        "selection_policies",
        sa.Column("employer_id", sa.Uuid, nullable=False),
        sa.Column("valid_from", sa.Date, nullable=False),
        sa.Column("requires_panel", sa.Boolean, nullable=False),
        sa.Column("guaranteed_interviews", JSONB, nullable=False),
        sa.Column("rejection_delay_minutes", sa.Integer, nullable=False),
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


def create_guarantee() -> None:
    op.create_table(
        "interview_claims",
        sa.Column("employer_id", sa.Uuid, nullable=False),
        sa.Column("scheme", sa.String(40), nullable=False),
        sa.Column("application_id", sa.Uuid, nullable=False),
        sa.ForeignKeyConstraint(
            ["application_id"],
            ["ats.applications.id"],
            name="fk_interview_claims_application_id",
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("application_id", name="pk_interview_claims"),
        schema="ats",
    )
    op.create_table(
        "interview_caps",
        sa.Column("employer_id", sa.Uuid, nullable=False),
        sa.Column("vacancy_id", sa.Uuid, nullable=False),
        sa.Column("most", sa.SmallInteger, nullable=False),
        sa.Column("reason", sa.Text, nullable=False),
        sa.Column("decided_by", sa.Uuid, nullable=True),
        sa.Column("decided_at", INSTANT, nullable=False),
        sa.Column("id", sa.Uuid, nullable=False),
        sa.CheckConstraint("most >= 1", name=op.f("ck_interview_caps_leaves_somebody")),
        sa.ForeignKeyConstraint(["vacancy_id"], ["ats.vacancies.id"], name="fk_interview_caps_vacancy_id"),
        sa.PrimaryKeyConstraint("id", name="pk_interview_caps"),
        schema="ats",
    )
    op.create_index("ix_interview_caps_vacancy_id", "interview_caps", ["vacancy_id"], schema="ats")


def create_rejections() -> None:
    op.create_table(
        "rejections",
        sa.Column("employer_id", sa.Uuid, nullable=False),
        sa.Column("application_id", sa.Uuid, nullable=False),
        sa.Column("from_stage", sa.String(40), nullable=False),
        sa.Column("decided_at", INSTANT, nullable=False),
        sa.Column("tell_at", INSTANT, nullable=False),
        sa.Column("told_at", INSTANT, nullable=True),
        sa.Column("event_id", sa.Uuid, nullable=True),
        sa.Column("interview_log_id", sa.BigInteger, nullable=True),
        sa.Column("undone_at", INSTANT, nullable=True),
        sa.Column("undone_by", sa.Uuid, nullable=True),
        sa.Column("id", sa.Uuid, nullable=False),
        sa.ForeignKeyConstraint(
            ["application_id"], ["ats.applications.id"], name="fk_rejections_application_id", ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name="pk_rejections"),
        schema="ats",
    )
    op.create_index("ix_rejections_application_id", "rejections", ["application_id"], schema="ats")
    op.create_index(
        "ix_rejections_due",
        "rejections",
        ["tell_at"],
        schema="ats",
        postgresql_where=sa.text("told_at IS NULL AND undone_at IS NULL"),
    )
    # Who was rejected before was told at once: that can be undone too.
    op.execute("SELECT set_config('app.scope', 'region', true)")
    op.execute(EARLIER_REJECTIONS)
