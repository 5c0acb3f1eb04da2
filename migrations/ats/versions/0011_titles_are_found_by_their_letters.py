"""Suggestions and slips of the pen are answered from an index of three-letter groups of the titles."""

from __future__ import annotations

from alembic import op

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None

INDEX = "ix_published_jobs_title"


def upgrade() -> None:
    op.create_index(
        INDEX,
        "published_jobs",
        ["title"],
        schema="ats",
        postgresql_using="gin",
        postgresql_ops={"title": "gin_trgm_ops"},
        postgresql_with={"fastupdate": "off"},
    )


def downgrade() -> None:
    op.drop_index(INDEX, "published_jobs", schema="ats")
