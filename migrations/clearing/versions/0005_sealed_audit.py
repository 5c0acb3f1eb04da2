"""Who was shown whose data is noted, every step and reading sealed into a chain for each employer; answered cases."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from migrations.mechanism import add_to_mechanism, drop_from_mechanism
from shared.audit_trail import trail_statements
from shared.rls import protect

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

SCHEMA = "clearing"
AS_REGION = "SELECT set_config('app.scope', 'region', true)"


def upgrade() -> None:
    add_to_mechanism(SCHEMA, "case_answers")
    create_finds(SCHEMA)
    create_reads()
    create_trail(SCHEMA)
    op.execute(AS_REGION)
    reads = protect("clearing.personal_data_reads", employers=("home_employer_id", "gaining_employer_id"))
    for statement in (*reads, *trail_statements(SCHEMA, ["transitions", "personal_data_reads"])):
        op.execute(statement)


def downgrade() -> None:
    op.drop_table("detector_runs", schema=SCHEMA)
    op.drop_table("impossible_states", schema=SCHEMA)
    drop_from_mechanism(SCHEMA, "case_answers")
    op.execute("DROP TRIGGER await_seal ON clearing.transitions")
    op.drop_table("personal_data_reads", schema=SCHEMA)
    op.drop_table("audit_seals", schema=SCHEMA)
    op.drop_table("audit_waiting", schema=SCHEMA)
    op.execute("DROP FUNCTION clearing.await_seal()")


def create_reads() -> None:
    op.create_table(
        "personal_data_reads",
        sa.Column("subject", sa.String(40), nullable=False),
        sa.Column("subject_id", sa.Uuid, nullable=False),
        sa.Column("home_employer_id", sa.Uuid, nullable=False),
        sa.Column("gaining_employer_id", sa.Uuid, nullable=True),
        sa.Column("actor_kind", sa.String(40), nullable=False),
        sa.Column("actor_id", sa.Uuid, nullable=True),
        sa.Column("read_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("recorded_at", sa.DateTime(timezone=True), server_default=sa.func.clock_timestamp(), nullable=False),
        sa.Column("id", sa.BigInteger, sa.Identity(always=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_personal_data_reads"),
        schema=SCHEMA,
    )
    op.create_index("ix_personal_data_reads_subject_id_id", "personal_data_reads", ["subject_id", "id"], schema=SCHEMA)


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


def create_finds(schema: str) -> None:
    op.create_table(
        "impossible_states",
        sa.Column("id", sa.Uuid, nullable=False),
        sa.Column("employer_id", sa.Uuid, nullable=True),
        sa.Column("rule", sa.String(60), nullable=False),
        sa.Column("subject_kind", sa.String(40), nullable=False),
        sa.Column("subject_id", sa.Uuid, nullable=False),
        sa.Column("found_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("gone_at", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("id", name="pk_impossible_states"),
        schema=schema,
    )
    op.create_index(
        "uq_impossible_states_open",
        "impossible_states",
        ["rule", "subject_id"],
        unique=True,
        schema=schema,
        postgresql_where=sa.text("gone_at IS NULL"),
    )
    op.create_table(
        "detector_runs",
        sa.Column("ran_on", sa.Date, nullable=False),
        sa.Column("ran_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("found", sa.Integer, nullable=False),
        sa.Column("failed", sa.Integer, nullable=False),
        sa.PrimaryKeyConstraint("ran_on", name="pk_detector_runs"),
        schema=schema,
    )
    for statement in protect(f"{schema}.impossible_states"):
        op.execute(statement)
