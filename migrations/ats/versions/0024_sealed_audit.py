"""The audit is sealed into a chain for each employer, and nobody changes an entry: not the owner, not by any switch."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from shared.audit_trail import trail_statements

revision = "0024"
down_revision = "0023"
branch_labels = None
depends_on = None

SCHEMA = "ats"
AS_REGION = "SELECT set_config('app.scope', 'region', true)"


def upgrade() -> None:
    create_trail(SCHEMA)
    op.execute(AS_REGION)
    for statement in trail_statements(SCHEMA, ["audit_entries"]):
        op.execute(statement)


def downgrade() -> None:
    op.execute("DROP TRIGGER await_seal ON ats.audit_entries")
    op.drop_table("audit_seals", schema=SCHEMA)
    op.drop_table("audit_waiting", schema=SCHEMA)
    op.execute("DROP FUNCTION ats.await_seal()")


def create_trail(schema: str) -> None:
    op.create_table(
        "audit_waiting",
        sa.Column("number", sa.BigInteger, sa.Identity(always=True), nullable=False),
        sa.Column("chain", sa.Uuid, nullable=True),
        sa.Column("source", sa.String(40), nullable=False),
        sa.Column("entry_id", sa.String(40), nullable=False),
        sa.Column("queued_at", sa.DateTime(timezone=True), server_default=sa.func.clock_timestamp(), nullable=False),
        sa.PrimaryKeyConstraint("number", name="pk_audit_waiting"),
        schema=schema,
    )
    op.create_index("ix_audit_waiting_queued_at", "audit_waiting", ["queued_at"], schema=schema)
    op.create_table(
        "audit_seals",
        sa.Column("id", sa.Uuid, nullable=False),
        sa.Column("employer_id", sa.Uuid, nullable=True),
        sa.Column("number", sa.Integer, nullable=False),
        sa.Column("sources", sa.ARRAY(sa.String(40)), nullable=False),
        sa.Column("entry_ids", sa.ARRAY(sa.String(40)), nullable=False),
        sa.Column("digests", sa.ARRAY(sa.String(64)), nullable=False),
        sa.Column("previous", sa.String(64), nullable=False),
        sa.Column("code", sa.String(64), nullable=False),
        sa.Column("sealed_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_audit_seals"),
        schema=schema,
    )
    op.create_index(
        "uq_audit_seals_employer_id_number",
        "audit_seals",
        ["employer_id", "number"],
        unique=True,
        schema=schema,
        postgresql_nulls_not_distinct=True,
    )
