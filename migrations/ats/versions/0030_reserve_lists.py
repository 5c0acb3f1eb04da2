"""Who could do the job and is not offered it now is kept in an order, for as long as the employer's policy says."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import ExcludeConstraint

from shared.rls import protect

revision = "0030"
down_revision = "0029"
branch_labels = None
depends_on = None

INSTANT = sa.DateTime(timezone=True)
STANDING = "ended_at IS NULL"


def upgrade() -> None:
    op.create_table(
        "reserve_entries",
        sa.Column("employer_id", sa.Uuid, nullable=False),
        sa.Column("vacancy_id", sa.Uuid, nullable=False),
        sa.Column("application_id", sa.Uuid, nullable=False),
        sa.Column("rank", sa.SmallInteger, nullable=False),
        sa.Column("listed_at", INSTANT, nullable=False),
        sa.Column("listed_by", sa.Uuid, nullable=True),
        sa.Column("until", INSTANT, nullable=False),
        sa.Column("tell_at", INSTANT, nullable=False),
        sa.Column("told_at", INSTANT, nullable=True),
        sa.Column("interview_log_id", sa.BigInteger, nullable=True),
        sa.Column("skip_reason", sa.Text, nullable=True),
        sa.Column("ended_at", INSTANT, nullable=True),
        sa.Column("ended_how", sa.String(40), nullable=True),
        sa.Column("id", sa.Uuid, nullable=False),
        sa.ForeignKeyConstraint(["vacancy_id"], ["ats.vacancies.id"], name="fk_reserve_entries_vacancy_id"),
        sa.ForeignKeyConstraint(
            ["application_id"], ["ats.applications.id"], name="fk_reserve_entries_application_id", ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name="pk_reserve_entries"),
        ExcludeConstraint(
            (sa.column("vacancy_id"), "="),
            (sa.column("rank"), "="),
            where=sa.text(STANDING),
            using="btree",
            deferrable=True,
            initially="DEFERRED",
            name="ex_reserve_entries_rank",
        ),
        schema="ats",
    )
    op.create_index(
        "uq_reserve_entries_one_standing",
        "reserve_entries",
        ["application_id"],
        unique=True,
        schema="ats",
        postgresql_where=STANDING,
    )
    op.create_index("ix_reserve_entries_until", "reserve_entries", ["until"], schema="ats", postgresql_where=STANDING)
    op.create_index(
        "ix_reserve_entries_untold",
        "reserve_entries",
        ["tell_at"],
        schema="ats",
        postgresql_where="told_at IS NULL AND ended_at IS NULL",
    )
    op.create_index("ix_reserve_entries_vacancy_id", "reserve_entries", ["vacancy_id"], schema="ats")
    for statement in protect("ats.reserve_entries"):
        op.execute(statement)
    months = sa.Column("reserve_list_months", sa.Integer, nullable=False, server_default="6")
    op.add_column("selection_policies", months, schema="ats")


def downgrade() -> None:
    op.drop_column("selection_policies", "reserve_list_months", schema="ats")
    op.drop_table("reserve_entries", schema="ats")
