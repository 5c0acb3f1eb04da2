"""A milestone may take the place of another, or say that it did not happen."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0036"
down_revision = "0035"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("milestones", sa.Column("corrects", sa.String(120), nullable=True), schema="ats")
    op.add_column(
        "milestones",
        sa.Column("takes_back", sa.Boolean, nullable=False, server_default=sa.false()),
        schema="ats",
    )
    op.create_index(
        "uq_milestones_vacancy_id_corrects",
        "milestones",
        ["vacancy_id", "corrects"],
        unique=True,
        schema="ats",
        postgresql_where="corrects IS NOT NULL",
    )


def downgrade() -> None:
    op.drop_column("milestones", "takes_back", schema="ats")
    op.drop_column("milestones", "corrects", schema="ats")
