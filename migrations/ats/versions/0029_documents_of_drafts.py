"""A document may belong to a draft: it lives as long, and goes with it."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0029"
down_revision = "0028"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("documents", sa.Column("draft_id", sa.Uuid, nullable=True), schema="ats")
    op.create_foreign_key(
        "fk_documents_draft_id",
        "documents",
        "application_drafts",
        ["draft_id"],
        ["id"],
        source_schema="ats",
        referent_schema="ats",
        ondelete="CASCADE",
    )
    op.create_index(
        "ix_documents_draft_id", "documents", ["draft_id"], schema="ats", postgresql_where="draft_id IS NOT NULL"
    )


def downgrade() -> None:
    op.drop_column("documents", "draft_id", schema="ats")
