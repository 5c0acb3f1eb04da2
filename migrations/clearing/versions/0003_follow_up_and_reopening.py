"""What an offer's end asks of HR, a filled vacancy that opens again, who of the region fitted, and later savings."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

SCHEMA = "clearing"
ADDED = (
    ("offers", sa.Column("follow_up", sa.String(40), nullable=True)),
    ("windows", sa.Column("round", sa.Integer, nullable=False, server_default="1")),
    ("windows", sa.Column("fitted", sa.Integer, nullable=False, server_default="0")),
    ("redundancy_costs", sa.Column("retraining_pence", sa.Integer, nullable=False, server_default="0")),
    ("redundancy_costs", sa.Column("excess_travel_pence", sa.Integer, nullable=False, server_default="0")),
    ("placements", sa.Column("saving_pending", sa.Boolean, nullable=False, server_default=sa.false())),
    ("referrals", sa.Column("alerted_at", sa.DateTime(timezone=True), nullable=True)),
)


def upgrade() -> None:
    for table, column in ADDED:
        op.add_column(table, column, schema=SCHEMA)
    # Whoever was matched had fitted.
    op.execute("UPDATE clearing.windows SET fitted = matched")
    op.drop_index("uq_windows_vacancy_content", "windows", schema=SCHEMA)
    op.create_index(
        "uq_windows_vacancy_content",
        "windows",
        ["vacancy_id", "content_version", "round"],
        unique=True,
        schema=SCHEMA,
    )
    op.create_index(
        "ix_offers_follow_up", "offers", ["id"], schema=SCHEMA, postgresql_where=sa.text("follow_up IS NOT NULL")
    )
    op.create_index(
        "ix_placements_saving_pending",
        "placements",
        ["registration_id"],
        schema=SCHEMA,
        postgresql_where=sa.text("saving_pending"),
    )


def downgrade() -> None:
    op.drop_index("ix_placements_saving_pending", "placements", schema=SCHEMA)
    op.drop_index("ix_offers_follow_up", "offers", schema=SCHEMA)
    op.execute("DELETE FROM clearing.windows WHERE round > 1")
    op.drop_index("uq_windows_vacancy_content", "windows", schema=SCHEMA)
    op.create_index(
        "uq_windows_vacancy_content", "windows", ["vacancy_id", "content_version"], unique=True, schema=SCHEMA
    )
    for table, column in reversed(ADDED):
        op.drop_column(table, column.name, schema=SCHEMA)
