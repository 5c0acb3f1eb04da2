"""The public search ranks, forgives slips of the pen and says what changed; an advert that has ended leaves a trace."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None

INSTANT = sa.DateTime(timezone=True)
TABLE = "ats.published_jobs"
SEARCHED_BEFORE = (
    "setweight(to_tsvector('english', title), 'A') ||"
    " setweight(to_tsvector('english', employer_name || ' ' || coalesce(directorate, '')), 'B') ||"
    " setweight(to_tsvector('english', description), 'D')"
)
HEADING = (
    "setweight(to_tsvector('english', title || ' ' || reference), 'A') ||"
    " setweight(to_tsvector('english', employer_name || ' ' || coalesce(directorate, '')), 'B') ||"
    " setweight(to_tsvector('english', replace(family, '_', ' ')), 'C')"
)
SEARCHED = (
    f"{HEADING} || setweight(jsonb_to_tsvector('english', essential, '[\"string\"]'), 'C') ||"
    " setweight(to_tsvector('english', description), 'D')"
)
# `heading` stays in its row, because ranking reads it for every advert found, and the index of the words takes a new
# advert in at once: with some of them waiting, PostgreSQL would rather read all texts.
# Longer rows keep their texts aside: a search that counts or sorts thousands of adverts reads the short columns alone.
SHORT_ROW = 640


def upgrade() -> None:
    op.execute(f"ALTER TABLE {TABLE} SET (toast_tuple_target = {SHORT_ROW})")
    op.execute(f"ALTER TABLE {TABLE} ALTER COLUMN search SET EXPRESSION AS ({SEARCHED})")
    op.execute(
        f"ALTER TABLE {TABLE} ADD COLUMN heading tsvector STORAGE PLAIN GENERATED ALWAYS AS ({HEADING}) STORED,"
        " ADD COLUMN changed_at timestamptz"
    )
    op.execute("UPDATE ats.published_jobs SET changed_at = published_at")
    op.execute(f"ALTER TABLE {TABLE} ALTER COLUMN changed_at SET NOT NULL")
    for columns in (["changed_at", "id"], ["closes_at", "id"], ["salary_max_pence", "id"]):
        op.create_index(f"ix_published_jobs_{'_'.join(columns)}", "published_jobs", columns, schema="ats")
    op.execute("ALTER INDEX ats.ix_published_jobs_search SET (fastupdate = off)")
    op.execute("SELECT gin_clean_pending_list('ats.ix_published_jobs_search')")
    op.create_table(
        "ended_jobs",
        sa.Column("reference", sa.String(30), nullable=False),
        sa.Column("employer_code", sa.String(10), nullable=False),
        sa.Column("closes_at", INSTANT, nullable=False),
        sa.Column("ended_at", INSTANT, nullable=False),
        sa.Column("changed_at", INSTANT, nullable=False),
        sa.Column("published_at", INSTANT, nullable=False),
        sa.Column("id", sa.Uuid, nullable=False),
        sa.Column("postcode", sa.String(8), nullable=True),
        sa.PrimaryKeyConstraint("id", name="pk_ended_jobs"),
        schema="ats",
    )
    op.create_index("ix_ended_jobs_changed_at_id", "ended_jobs", ["changed_at", "id"], schema="ats")


def downgrade() -> None:
    op.drop_table("ended_jobs", schema="ats")
    op.execute("ALTER INDEX ats.ix_published_jobs_search RESET (fastupdate)")
    for columns in ("changed_at_id", "closes_at_id", "salary_max_pence_id"):
        op.drop_index(f"ix_published_jobs_{columns}", "published_jobs", schema="ats")
    op.execute(
        f"ALTER TABLE {TABLE} DROP COLUMN heading, DROP COLUMN changed_at, RESET (toast_tuple_target),"
        f" ALTER COLUMN search SET EXPRESSION AS ({SEARCHED_BEFORE})"
    )
