"""Files that candidates send: in quarantine until they are scanned."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from shared.rls import protect

revision = "0028"
down_revision = "0027"
branch_labels = None
depends_on = None

INSTANT = sa.DateTime(timezone=True)


def upgrade() -> None:
    op.create_table(
        "documents",
        sa.Column("employer_id", sa.Uuid, nullable=False),
        sa.Column("vacancy_id", sa.Uuid, nullable=False),
        sa.Column("file_name", sa.String(120), nullable=False),
        sa.Column("kind", sa.String(40), nullable=False),
        sa.Column("size_bytes", sa.Integer, nullable=False),
        sa.Column("sha256", sa.String(64), nullable=False),
        sa.Column("storage_key", sa.String(40), nullable=False),
        sa.Column("uploaded_at", INSTANT, nullable=False),
        sa.Column("uploaded_by_kind", sa.String(40), nullable=False),
        sa.Column("uploaded_by", sa.Uuid, nullable=True),
        sa.Column("copy_key", sa.String(40), nullable=True),
        sa.Column("application_id", sa.Uuid, nullable=True),
        sa.Column("person_key", sa.String(64), nullable=True),
        sa.Column("state", sa.String(40), nullable=False),
        sa.Column("attempts", sa.Integer, nullable=False),
        sa.Column("next_scan_at", INSTANT, server_default=sa.func.clock_timestamp(), nullable=True),
        sa.Column("scanned_at", INSTANT, nullable=True),
        sa.Column("finding", sa.String(200), nullable=True),
        sa.Column("stored_at", INSTANT, server_default=sa.func.clock_timestamp(), nullable=False),
        sa.Column("id", sa.Uuid, nullable=False),
        sa.ForeignKeyConstraint(
            ["application_id"], ["ats.applications.id"], name="fk_documents_application_id", ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name="pk_documents"),
        schema="ats",
    )
    indexed = (("application_id", "stored_at", "id"), ("person_key",))
    for columns in indexed:
        op.create_index(f"ix_documents_{'_'.join(columns)}", "documents", [*columns], schema="ats")
    for column in ("storage_key", "copy_key"):
        op.create_index(f"ix_documents_{column}", "documents", [column], unique=True, schema="ats")
    op.create_index(
        "ix_documents_due", "documents", ["next_scan_at"], schema="ats", postgresql_where="next_scan_at IS NOT NULL"
    )
    op.create_index(
        "ix_documents_unclaimed", "documents", ["stored_at"], schema="ats", postgresql_where="application_id IS NULL"
    )
    # A person by link: of their application, or who sent it ahead of one.
    for statement in protect("ats.documents", subjects=("application_id", "uploaded_by")):
        op.execute(statement)


def downgrade() -> None:
    op.drop_table("documents", schema="ats")
