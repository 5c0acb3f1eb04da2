"""What is asked for many applications at once is stored, and each of them done for itself."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

from shared.rls import protect

revision = "0023"
down_revision = "0022"
branch_labels = None
depends_on = None

INSTANT = sa.DateTime(timezone=True)
TABLES = ("action_batches", "action_batch_items")


def upgrade() -> None:
    op.create_table(
        "action_batches",
        sa.Column("employer_id", sa.Uuid, nullable=False),
        sa.Column("vacancy_id", sa.Uuid, nullable=False),
        sa.Column("action", sa.String(40), nullable=False),
        sa.Column("terms", JSONB, nullable=False),
        sa.Column("digest", sa.LargeBinary, nullable=False),
        sa.Column("asked_by", sa.Uuid, nullable=False),
        sa.Column("asked_at", INSTANT, nullable=False),
        sa.Column("finished_at", INSTANT, nullable=True),
        sa.Column("id", sa.Uuid, nullable=False),
        sa.ForeignKeyConstraint(["vacancy_id"], ["ats.vacancies.id"], name="fk_action_batches_vacancy_id"),
        sa.PrimaryKeyConstraint("id", name="pk_action_batches"),
        schema="ats",
    )
    op.create_index("ix_action_batches_vacancy_id_asked_at", "action_batches", ["vacancy_id", "asked_at"], schema="ats")
    op.create_table(
        "action_batch_items",
        sa.Column("employer_id", sa.Uuid, nullable=False),
        sa.Column("batch_id", sa.Uuid, nullable=False),
        sa.Column("application_id", sa.Uuid, nullable=False),
        sa.Column("position", sa.SmallInteger, nullable=False),
        sa.Column("state", sa.String(40), nullable=False),
        sa.Column("problem", JSONB, nullable=True),
        sa.Column("done_at", INSTANT, nullable=True),
        sa.Column("id", sa.Uuid, nullable=False),
        sa.ForeignKeyConstraint(
            ["batch_id"], ["ats.action_batches.id"], name="fk_action_batch_items_batch_id", ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["application_id"], ["ats.applications.id"], name="fk_action_batch_items_application_id", ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name="pk_action_batch_items"),
        sa.UniqueConstraint("batch_id", "application_id", name="uq_action_batch_items_batch_id_application_id"),
        schema="ats",
    )
    op.create_index(
        "ix_action_batch_items_waiting",
        "action_batch_items",
        ["batch_id", "position"],
        schema="ats",
        postgresql_where=sa.text("state = 'waiting'"),
    )
    for table in TABLES:
        for statement in protect(f"ats.{table}"):
            op.execute(statement)


def downgrade() -> None:
    for table in reversed(TABLES):
        op.drop_table(table, schema="ats")
