"""References: who is asked about a candidate, what they say, and the times that nothing covers but an explanation."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

from shared.rls import protect

revision = "0020"
down_revision = "0019"
branch_labels = None
depends_on = None

INSTANT = sa.DateTime(timezone=True)
# A candidate sees by their link whom they are asked about; a referee, by theirs, what they are asked.
REQUESTS = "reference_requests"
# What was said is its employer's alone, and the routes let far fewer read it.
TABLES = ("reference_answers", "explained_gaps")


def upgrade() -> None:
    create_requests()
    for statement in protect(f"ats.{REQUESTS}", subjects=("id", "application_id")):
        op.execute(statement)
    for table in TABLES:
        for statement in protect(f"ats.{table}"):
            op.execute(statement)


def downgrade() -> None:
    for table in (*reversed(TABLES), REQUESTS):
        op.drop_table(table, schema="ats")


def create_requests() -> None:
    op.create_table(
        REQUESTS,
        sa.Column("employer_id", sa.Uuid, nullable=False),
        sa.Column("vacancy_id", sa.Uuid, nullable=False),
        sa.Column("application_id", sa.Uuid, nullable=False),
        sa.Column("form", sa.String(40), nullable=False),
        sa.Column("form_version", sa.SmallInteger, nullable=False),
        sa.Column("state", sa.String(40), nullable=False),
        sa.Column("referee_name", sa.String(200), nullable=False),
        sa.Column("referee_email", sa.String(320), nullable=False),
        sa.Column("referee_key", sa.String(64), nullable=False),
        sa.Column("organisation", sa.String(200), nullable=False),
        sa.Column("employed_from", sa.Date, nullable=False),
        sa.Column("employed_to", sa.Date, nullable=True),
        sa.Column("asks_first", sa.Boolean, nullable=False),
        sa.Column("made_at", INSTANT, nullable=False),
        sa.Column("made_by", sa.Uuid, nullable=True),
        sa.Column("version", sa.Integer, nullable=False),
        sa.Column("consented_at", INSTANT, nullable=True),
        sa.Column("requested_at", INSTANT, nullable=True),
        sa.Column("link_expires_at", INSTANT, nullable=True),
        sa.Column("reminders_sent", sa.SmallInteger, nullable=False),
        sa.Column("next_reminder_at", INSTANT, nullable=True),
        sa.Column("received_at", INSTANT, nullable=True),
        sa.Column("completed_at", INSTANT, nullable=True),
        sa.Column("completed_by", sa.Uuid, nullable=True),
        sa.Column("id", sa.Uuid, nullable=False),
        sa.CheckConstraint(
            "employed_to IS NULL OR employed_from <= employed_to", name=op.f("ck_reference_requests_period_is_in_order")
        ),
        sa.ForeignKeyConstraint(
            ["application_id"], ["ats.applications.id"], name="fk_reference_requests_application_id"
        ),
        sa.PrimaryKeyConstraint("id", name="pk_reference_requests"),
        schema="ats",
    )
    for column in ("application_id", "referee_key"):
        op.create_index(f"ix_reference_requests_{column}", REQUESTS, [column], schema="ats")
    op.create_index(
        "ix_reference_requests_reminder_due",
        REQUESTS,
        ["next_reminder_at"],
        schema="ats",
        postgresql_where="state = 'requested'",
    )
    op.create_index(
        "ix_reference_requests_expiry_due",
        REQUESTS,
        ["link_expires_at"],
        schema="ats",
        postgresql_where="state = 'requested'",
    )
    create_answers()


def create_answers() -> None:
    op.create_table(
        "reference_answers",
        sa.Column("employer_id", sa.Uuid, nullable=False),
        sa.Column("answers", JSONB, nullable=False),
        sa.Column("received_at", INSTANT, nullable=False),
        sa.Column("evidence_reference", sa.String(80), nullable=True),
        sa.Column("request_id", sa.Uuid, nullable=False),
        sa.ForeignKeyConstraint(["request_id"], ["ats.reference_requests.id"], name="fk_reference_answers_request_id"),
        sa.PrimaryKeyConstraint("request_id", name="pk_reference_answers"),
        schema="ats",
    )
    op.create_table(
        "explained_gaps",
        sa.Column("employer_id", sa.Uuid, nullable=False),
        sa.Column("application_id", sa.Uuid, nullable=False),
        sa.Column("first_on", sa.Date, nullable=False),
        sa.Column("last_on", sa.Date, nullable=False),
        sa.Column("explanation", sa.Text, nullable=False),
        sa.Column("explained_by", sa.Uuid, nullable=True),
        sa.Column("explained_at", INSTANT, nullable=False),
        sa.Column("id", sa.Uuid, nullable=False),
        sa.CheckConstraint("first_on <= last_on", name=op.f("ck_explained_gaps_period_is_in_order")),
        sa.ForeignKeyConstraint(["application_id"], ["ats.applications.id"], name="fk_explained_gaps_application_id"),
        sa.PrimaryKeyConstraint("id", name="pk_explained_gaps"),
        schema="ats",
    )
    op.create_index("ix_explained_gaps_application_id", "explained_gaps", ["application_id"], schema="ats")
