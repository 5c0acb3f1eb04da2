"""Approval goes through an employer's groups, is reminded of, and expires; approvers stand in for each other."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

from shared.rls import protect

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None

INSTANT = sa.DateTime(timezone=True)
ANY_APPROVER = '[{"name": "Approvers", "quorum": 1, "approver_ids": []}]'
ADDED = (
    ("groups", JSONB, f"'{ANY_APPROVER}'::jsonb"),
    ("group_no", sa.SmallInteger, "1"),
    ("is_exempt", sa.Boolean, "false"),
    ("expires_after_months", sa.SmallInteger, "4"),
    ("reminder_working_days", sa.SmallInteger, "3"),
    ("reminders_sent", sa.SmallInteger, "0"),
)
OPTIONAL = (("flow_version", sa.Integer), ("next_reminder_at", INSTANT), ("expires_at", INSTANT))
TABLES = ("approval_flows", "approval_delegations", "approval_decisions")


def upgrade() -> None:
    for name, kind, before in ADDED:
        column = sa.Column(name, kind, nullable=False, server_default=sa.text(before))
        op.add_column("approvals", column, schema="ats")
        op.alter_column("approvals", name, server_default=None, schema="ats")
    for name, kind in OPTIONAL:
        op.add_column("approvals", sa.Column(name, kind, nullable=True), schema="ats")
    op.create_index(
        "ix_approvals_reminder_due",
        "approvals",
        ["next_reminder_at"],
        schema="ats",
        postgresql_where="state = 'pending'",
    )
    op.add_column("vacancies", sa.Column("approval_expires_at", INSTANT, nullable=True), schema="ats")
    op.create_index(
        "ix_vacancies_approval_expires",
        "vacancies",
        ["approval_expires_at"],
        schema="ats",
        postgresql_where="state IN ('approved', 'in_clearing')",
    )
    create_flows()
    create_decisions()
    for table in TABLES:
        for statement in protect(f"ats.{table}"):
            op.execute(statement)


def downgrade() -> None:
    for table in reversed(TABLES):
        op.drop_table(table, schema="ats")
    op.drop_index("ix_vacancies_approval_expires", "vacancies", schema="ats")
    op.drop_column("vacancies", "approval_expires_at", schema="ats")
    op.drop_index("ix_approvals_reminder_due", "approvals", schema="ats")
    for name in (*(each[0] for each in OPTIONAL), *(each[0] for each in ADDED)):
        op.drop_column("approvals", name, schema="ats")


def create_flows() -> None:
    op.create_table(
        "approval_flows",
        sa.Column("employer_id", sa.Uuid, nullable=False),
        sa.Column("version", sa.Integer, nullable=False),
        sa.Column("groups", JSONB, nullable=False),
        sa.Column("exempt_groups", JSONB, nullable=False),
        sa.Column("exempt_when", JSONB, nullable=False),
        sa.Column("expires_after_months", sa.SmallInteger, nullable=False),
        sa.Column("reminder_working_days", sa.SmallInteger, nullable=False),
        sa.Column("made_by", sa.Uuid, nullable=True),
        sa.Column("made_at", INSTANT, nullable=False),
        sa.Column("id", sa.Uuid, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_approval_flows"),
        sa.UniqueConstraint("employer_id", "version", name="uq_approval_flows_employer_id_version"),
        schema="ats",
    )
    op.create_table(
        "approval_delegations",
        sa.Column("employer_id", sa.Uuid, nullable=False),
        sa.Column("from_staff_id", sa.Uuid, nullable=False),
        sa.Column("to_staff_id", sa.Uuid, nullable=False),
        sa.Column("starts_on", sa.Date, nullable=False),
        sa.Column("ends_on", sa.Date, nullable=False),
        sa.Column("reason", sa.Text, nullable=False),
        sa.Column("made_at", INSTANT, nullable=False),
        sa.Column("ended_at", INSTANT, nullable=True),
        sa.Column("id", sa.Uuid, nullable=False),
        sa.CheckConstraint("starts_on <= ends_on", name=op.f("ck_approval_delegations_ends_after_it_starts")),
        sa.CheckConstraint("from_staff_id <> to_staff_id", name=op.f("ck_approval_delegations_is_to_another")),
        sa.PrimaryKeyConstraint("id", name="pk_approval_delegations"),
        schema="ats",
    )
    op.create_index(
        "ix_approval_delegations_employer_id_ends_on", "approval_delegations", ["employer_id", "ends_on"], schema="ats"
    )


def create_decisions() -> None:
    op.create_table(
        "approval_decisions",
        sa.Column("employer_id", sa.Uuid, nullable=False),
        sa.Column("approval_id", sa.Uuid, nullable=False),
        sa.Column("group_no", sa.SmallInteger, nullable=False),
        sa.Column("decision", sa.String(40), nullable=False),
        sa.Column("decided_by", sa.Uuid, nullable=False),
        sa.Column("seat_of", sa.Uuid, nullable=False),
        sa.Column("reason", sa.Text, nullable=True),
        sa.Column("decided_at", INSTANT, nullable=False),
        sa.Column("recorded_at", INSTANT, server_default=sa.func.clock_timestamp(), nullable=False),
        sa.Column("id", sa.Uuid, nullable=False),
        sa.ForeignKeyConstraint(["approval_id"], ["ats.approvals.id"], name="fk_approval_decisions_approval_id"),
        sa.PrimaryKeyConstraint("id", name="pk_approval_decisions"),
        sa.UniqueConstraint(
            "approval_id", "group_no", "seat_of", name="uq_approval_decisions_approval_id_group_no_seat_of"
        ),
        sa.UniqueConstraint(
            "approval_id", "group_no", "decided_by", name="uq_approval_decisions_approval_id_group_no_decided_by"
        ),
        schema="ats",
    )
