"""The equality figures of a year are cut from the counts of its quarters, which are held, sealed, until then."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from shared.rls import protect

revision = "0034"
down_revision = "0032"
branch_labels = None
depends_on = None

NAMED_BY_PERIOD = ("equality_releases", "equality_tables")


def upgrade() -> None:
    for table in NAMED_BY_PERIOD:
        op.alter_column(table, "quarter", new_column_name="period", schema="ats")
    op.create_table(
        "equality_held_counts",
        sa.Column("sealed", sa.LargeBinary, nullable=False),
        sa.Column("quarter", sa.String(7), nullable=False),
        sa.PrimaryKeyConstraint("quarter", name="pk_equality_held_counts"),
        schema="ats",
    )
    # Only code that acts for the region reaches them, as the answers before.
    for statement in protect("ats.equality_held_counts", employers=()):
        op.execute(statement)


def downgrade() -> None:
    op.drop_table("equality_held_counts", schema="ats")
    for table in NAMED_BY_PERIOD:
        op.alter_column(table, "period", new_column_name="quarter", schema="ats")
