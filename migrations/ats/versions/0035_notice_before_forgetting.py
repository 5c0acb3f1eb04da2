"""Candidates are told before they are forgotten, so many days as the employer's policy says."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from shared.rls import protect

revision = "0035"
down_revision = "0034"
branch_labels = None
depends_on = None


def upgrade() -> None:
    # The days of policies that were chosen before are the region's practice.
    op.add_column(
        "retention_policies",
        sa.Column("notice_days", sa.SmallInteger, nullable=False, server_default="30"),
        schema="ats",
    )
    op.alter_column("retention_policies", "notice_days", server_default=None, schema="ats")
    op.create_table(
        "retention_notices",
        sa.Column("employer_id", sa.Uuid, nullable=False),
        sa.Column("told_on", sa.Date, nullable=False),
        sa.Column("application_id", sa.Uuid, nullable=False),
        sa.PrimaryKeyConstraint("application_id", name="pk_retention_notices"),
        sa.ForeignKeyConstraint(
            ["application_id"],
            ["ats.applications.id"],
            name="fk_retention_notices_application_id",
            ondelete="CASCADE",
        ),
        schema="ats",
    )
    op.create_index("ix_retention_notices_employer_id", "retention_notices", ["employer_id"], schema="ats")
    for statement in protect("ats.retention_notices"):
        op.execute(statement)


def downgrade() -> None:
    op.drop_table("retention_notices", schema="ats")
    op.drop_column("retention_policies", "notice_days", schema="ats")
