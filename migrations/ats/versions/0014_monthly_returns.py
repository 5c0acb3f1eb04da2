"""Councils without code tell of their campaigns by a monthly return, and correct in a later one what was wrong."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

from shared.rls import protect

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None

INSTANT = sa.DateTime(timezone=True)
TABLES = ("monthly_returns", "returned_campaigns")


def upgrade() -> None:
    op.add_column("hiring_log", sa.Column("corrects_id", sa.BigInteger, nullable=True), schema="ats")
    # No row is rewritten for it: the log refuses that, and PostgreSQL keeps the default beside the table.
    takes_back = sa.Column("takes_back", sa.Boolean, server_default=sa.false(), nullable=False)
    op.add_column("hiring_log", takes_back, schema="ats")
    op.create_index(
        "uq_hiring_log_corrects_id",
        "hiring_log",
        ["corrects_id"],
        schema="ats",
        unique=True,
        postgresql_where="corrects_id IS NOT NULL",
    )
    op.create_table(
        "monthly_returns",
        sa.Column("employer_id", sa.Uuid, nullable=False),
        sa.Column("month", sa.String(7), nullable=False),
        sa.Column("received_at", INSTANT, nullable=False),
        sa.Column("taken_at", INSTANT, nullable=True),
        sa.Column("content", sa.LargeBinary, nullable=True),
        sa.Column("results", JSONB, nullable=False),
        sa.Column("id", sa.Uuid, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_monthly_returns"),
        schema="ats",
    )
    op.create_index(
        "ix_monthly_returns_employer_id_received_at", "monthly_returns", ["employer_id", "received_at"], schema="ats"
    )
    op.create_table(
        "returned_campaigns",
        sa.Column("employer_id", sa.Uuid, nullable=False),
        sa.Column("source_system", sa.String(60), nullable=False),
        sa.Column("external_reference", sa.String(120), nullable=False),
        sa.Column("month", sa.String(7), nullable=False),
        sa.Column("openings", sa.SmallInteger, nullable=False),
        sa.Column("quality", sa.String(40), nullable=False),
        sa.Column("facts", JSONB, nullable=False),
        sa.Column("vacancy_id", sa.Uuid, nullable=True),
        sa.Column("id", sa.Uuid, nullable=False),
        sa.ForeignKeyConstraint(["vacancy_id"], ["ats.vacancies.id"], name="fk_returned_campaigns_vacancy_id"),
        sa.PrimaryKeyConstraint("id", name="pk_returned_campaigns"),
        sa.UniqueConstraint(
            "employer_id",
            "source_system",
            "external_reference",
            name="uq_returned_campaigns_key",
        ),
        schema="ats",
    )
    for table in TABLES:
        for statement in protect(f"ats.{table}"):
            op.execute(statement)


def downgrade() -> None:
    for table in reversed(TABLES):
        op.drop_table(table, schema="ats")
    op.drop_index("uq_hiring_log_corrects_id", "hiring_log", schema="ats")
    op.drop_column("hiring_log", "takes_back", schema="ats")
    op.drop_column("hiring_log", "corrects_id", schema="ats")
