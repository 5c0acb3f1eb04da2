"""What candidates say about themselves stands apart, sealed; what is shown of it is frozen by the quarter."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

from shared.rls import protect

revision = "0026"
down_revision = "0025"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "equality_answers",
        sa.Column("sealed", sa.LargeBinary, nullable=False),
        sa.Column("key", sa.LargeBinary, nullable=False),
        sa.PrimaryKeyConstraint("key", name="pk_equality_answers"),
        schema="ats",
    )
    op.create_table(
        "equality_releases",
        sa.Column("released_on", sa.Date, nullable=False),
        sa.Column("quarter", sa.String(7), nullable=False),
        sa.PrimaryKeyConstraint("quarter", name="pk_equality_releases"),
        schema="ats",
    )
    op.create_table(
        "equality_tables",
        sa.Column("quarter", sa.String(7), nullable=False),
        sa.Column("employer_id", sa.Uuid, nullable=True),
        sa.Column("family", sa.String(60), nullable=True),
        sa.Column("characteristic", sa.String(40), nullable=False),
        sa.Column("threshold", sa.SmallInteger, nullable=False),
        sa.Column("released_on", sa.Date, nullable=False),
        sa.Column("people", JSONB, nullable=False),
        sa.Column("id", sa.Uuid, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_equality_tables"),
        schema="ats",
    )
    op.create_index(
        "uq_equality_tables_one_for_each",
        "equality_tables",
        ["quarter", "characteristic", "employer_id", "family"],
        unique=True,
        schema="ats",
        postgresql_nulls_not_distinct=True,
    )
    # Only code that acts for the region reaches an answer: no employer, and no person by link.
    for table in ("equality_answers", "equality_releases"):
        for statement in protect(f"ats.{table}", employers=()):
            op.execute(statement)
    for statement in protect("ats.equality_tables", readable="employer_id IS NULL"):
        op.execute(statement)


def downgrade() -> None:
    for table in ("equality_tables", "equality_releases", "equality_answers"):
        op.drop_table(table, schema="ats")
