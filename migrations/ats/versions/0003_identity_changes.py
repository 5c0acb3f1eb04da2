"""Changes of accounts and systems are audited, WME's own under no employer; where an account signs in is familiar."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from shared.rls import protect

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.alter_column("audit_entries", "employer_id", existing_type=sa.Uuid, nullable=True, schema="ats")
    op.create_table(
        "familiar_sign_ins",
        sa.Column("key", sa.LargeBinary, nullable=False),
        sa.Column("last_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("key", name="pk_familiar_sign_ins"),
        schema="ats",
    )
    op.create_index("ix_familiar_sign_ins_last_at", "familiar_sign_ins", ["last_at"], schema="ats")
    for statement in protect("ats.familiar_sign_ins", employers=()):
        op.execute(statement)


def downgrade() -> None:
    """An audit is never cut short: with an entry under no employer this refuses."""
    op.drop_table("familiar_sign_ins", schema="ats")
    op.alter_column("audit_entries", "employer_id", existing_type=sa.Uuid, nullable=False, schema="ats")
