"""Whom a message went to is not shown while a candidate of an anonymised vacancy may not be known."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    column = sa.Column("is_concealed", sa.Boolean, nullable=False, server_default=sa.false())
    op.add_column("deliveries", column, schema="notifications")
    op.alter_column("deliveries", "is_concealed", server_default=None, schema="notifications")


def downgrade() -> None:
    op.drop_column("deliveries", "is_concealed", schema="notifications")
