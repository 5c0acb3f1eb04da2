"""An internal advert has a deadline of its own: the public one's is kept beside it."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0037"
down_revision = "0036"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("vacancies", sa.Column("public_closes_at", sa.DateTime(timezone=True), nullable=True), schema="ats")


def downgrade() -> None:
    op.drop_column("vacancies", "public_closes_at", schema="ats")
