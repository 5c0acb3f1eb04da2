"""People who agreed to be invited to apply, and to what they were invited."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from shared.rls import protect

revision = "0031"
down_revision = "0030"
branch_labels = None
depends_on = None

INSTANT = sa.DateTime(timezone=True)
FOUND_BY_ALL = "reach = 'region'"


def upgrade() -> None:
    create_members()
    create_invitations()


def create_members() -> None:
    op.create_table(
        "pool_members",
        sa.Column("employer_id", sa.Uuid, nullable=False),
        sa.Column("application_id", sa.Uuid, nullable=False),
        sa.Column("reach", sa.String(40), nullable=False),
        sa.Column("family", sa.String(60), nullable=False),
        sa.Column("outcode", sa.String(4), nullable=False),
        sa.Column("contract", sa.String(40), nullable=False),
        sa.Column("hours_per_week", sa.Numeric(4, 2), nullable=False),
        sa.Column("joined_at", INSTANT, nullable=False),
        sa.Column("consented_at", INSTANT, nullable=False),
        sa.Column("consent_version", sa.String(20), nullable=False),
        sa.Column("kept_until", INSTANT, nullable=False),
        sa.Column("keep_asked_at", INSTANT, nullable=True),
        sa.Column("id", sa.Uuid, nullable=False),
        sa.ForeignKeyConstraint(
            ["application_id"], ["ats.applications.id"], name="fk_pool_members_application_id", ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name="pk_pool_members"),
        sa.UniqueConstraint("application_id", name="uq_pool_members_application_id"),
        schema="ats",
    )
    op.create_index("ix_pool_members_employer_id_family", "pool_members", ["employer_id", "family"], schema="ats")
    op.create_index("ix_pool_members_region", "pool_members", ["family"], schema="ats", postgresql_where=FOUND_BY_ALL)
    op.create_index("ix_pool_members_kept_until", "pool_members", ["kept_until"], schema="ats")
    # Nothing in a row says who it is: another employer sees the kind of job, and a pointer that opens nothing for it.
    for statement in protect("ats.pool_members", readable=FOUND_BY_ALL):
        op.execute(statement)


def create_invitations() -> None:
    op.create_table(
        "pool_invitations",
        sa.Column("employer_id", sa.Uuid, nullable=False),
        sa.Column("vacancy_id", sa.Uuid, nullable=False),
        sa.Column("member_id", sa.Uuid, nullable=False),
        sa.Column("invited_by", sa.Uuid, nullable=True),
        sa.Column("invited_at", INSTANT, nullable=False),
        sa.Column("settled_at", INSTANT, nullable=True),
        sa.Column("id", sa.Uuid, nullable=False),
        sa.ForeignKeyConstraint(["vacancy_id"], ["ats.vacancies.id"], name="fk_pool_invitations_vacancy_id"),
        sa.ForeignKeyConstraint(
            ["member_id"], ["ats.pool_members.id"], name="fk_pool_invitations_member_id", ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name="pk_pool_invitations"),
        sa.UniqueConstraint("vacancy_id", "member_id", name="uq_pool_invitations_vacancy_id_member_id"),
        schema="ats",
    )
    op.create_index(
        "ix_pool_invitations_unsettled",
        "pool_invitations",
        ["invited_at"],
        schema="ats",
        postgresql_where="settled_at IS NULL",
    )
    op.create_index("ix_pool_invitations_member_id", "pool_invitations", ["member_id"], schema="ats")
    for statement in protect("ats.pool_invitations"):
        op.execute(statement)


def downgrade() -> None:
    op.drop_table("pool_invitations", schema="ats")
    op.drop_table("pool_members", schema="ats")
