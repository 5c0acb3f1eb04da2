"""Feeds of councils' systems are read on time, and what they show and no longer show is kept."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

from shared.rls import protect

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None

INSTANT = sa.DateTime(timezone=True)
KIND = sa.String(40)
TABLES = ("polled_feeds", "polled_feed_items", "polled_feed_runs")


def upgrade() -> None:
    op.create_table(
        "polled_feeds",
        sa.Column("employer_id", sa.Uuid, nullable=False),
        sa.Column("channel", sa.String(60), nullable=False),
        sa.Column("url", sa.Text, nullable=False),
        sa.Column("format", KIND, nullable=False),
        sa.Column("mapping", JSONB, nullable=False),
        sa.Column("interval_minutes", sa.SmallInteger, nullable=False),
        sa.Column("next_at", INSTANT, nullable=False),
        sa.Column("created_at", INSTANT, nullable=False),
        sa.Column("updated_at", INSTANT, nullable=False),
        sa.Column("state", KIND, nullable=False),
        sa.Column("version", sa.Integer, nullable=False),
        sa.Column("failures", sa.Integer, nullable=False),
        sa.Column("last_read_at", INSTANT, nullable=True),
        sa.Column("last_good_at", INSTANT, nullable=True),
        sa.Column("last_outcome", KIND, nullable=True),
        sa.Column("etag", sa.Text, nullable=True),
        sa.Column("last_modified", sa.Text, nullable=True),
        sa.Column("claim", sa.Uuid, nullable=True),
        sa.Column("claimed_until", INSTANT, nullable=True),
        sa.Column("id", sa.Uuid, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_polled_feeds"),
        sa.UniqueConstraint("employer_id", "channel", name="uq_polled_feeds_employer_id_channel"),
        schema="ats",
    )
    op.create_index("ix_polled_feeds_next_at", "polled_feeds", ["next_at"], schema="ats")
    op.create_table(
        "polled_feed_items",
        sa.Column("employer_id", sa.Uuid, nullable=False),
        sa.Column("feed_id", sa.Uuid, nullable=False),
        sa.Column("external_reference", sa.String(120), nullable=False),
        sa.Column("absences", sa.SmallInteger, nullable=False),
        sa.Column("is_absence_confirmed", sa.Boolean, nullable=False),
        sa.Column("left_at", INSTANT, nullable=True),
        sa.ForeignKeyConstraint(["feed_id"], ["ats.polled_feeds.id"], name="fk_polled_feed_items_feed_id"),
        sa.PrimaryKeyConstraint("feed_id", "external_reference", name="pk_polled_feed_items"),
        schema="ats",
    )
    op.create_table(
        "polled_feed_runs",
        sa.Column("employer_id", sa.Uuid, nullable=False),
        sa.Column("feed_id", sa.Uuid, nullable=False),
        sa.Column("started_at", INSTANT, nullable=False),
        sa.Column("finished_at", INSTANT, nullable=False),
        sa.Column("outcome", KIND, nullable=False),
        sa.Column("counts", JSONB, nullable=False),
        sa.Column("results", JSONB, nullable=False),
        sa.Column("missing", JSONB, nullable=False),
        sa.Column("problem", JSONB, nullable=True),
        sa.Column("absences_confirmed_at", INSTANT, nullable=True),
        sa.Column("id", sa.Uuid, nullable=False),
        sa.ForeignKeyConstraint(["feed_id"], ["ats.polled_feeds.id"], name="fk_polled_feed_runs_feed_id"),
        sa.PrimaryKeyConstraint("id", name="pk_polled_feed_runs"),
        schema="ats",
    )
    op.create_index(
        "ix_polled_feed_runs_feed_id_started_at", "polled_feed_runs", ["feed_id", "started_at"], schema="ats"
    )
    for table in TABLES:
        for statement in protect(f"ats.{table}"):
            op.execute(statement)


def downgrade() -> None:
    for table in reversed(TABLES):
        op.drop_table(table, schema="ats")
