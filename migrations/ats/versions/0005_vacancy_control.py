"""A vacancy names its post, budget and reason; an employer has an establishment and freezes."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

from shared.rls import protect

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

INSTANT = sa.DateTime(timezone=True)
OPEN_FOR_A_POST = "post_id IS NOT NULL AND state NOT IN ('filled', 'unfilled', 'cancelled')"
ADDED = (
    ("post_id", sa.String(60)),
    ("cost_code", sa.String(60)),
    ("request_reason", sa.String(40)),
    ("freeze_ground", sa.String(60)),
    ("agency_weekly_cost_pence", sa.Integer),
)


def upgrade() -> None:
    for name, kind in ADDED:
        op.add_column("vacancies", sa.Column(name, kind, nullable=True), schema="ats")
    flags = sa.Column("flags", JSONB, nullable=False, server_default=sa.text("'{}'::jsonb"))
    op.add_column("vacancies", flags, schema="ats")
    op.alter_column("vacancies", "flags", server_default=None, schema="ats")
    op.create_index(
        "uq_vacancies_open_post",
        "vacancies",
        ["employer_id", "post_id"],
        unique=True,
        schema="ats",
        postgresql_where=OPEN_FOR_A_POST,
    )
    op.create_table(
        "establishment_figures",
        sa.Column("employer_id", sa.Uuid, nullable=False),
        sa.Column("family", sa.String(60), nullable=False),
        sa.Column("as_at", sa.Date, nullable=False),
        sa.Column("established_fte", sa.Numeric(9, 2), nullable=False),
        sa.Column("in_post_fte", sa.Numeric(9, 2), nullable=False),
        sa.Column("agency_fte", sa.Numeric(9, 2), nullable=False),
        sa.PrimaryKeyConstraint("employer_id", "family", name="pk_establishment_figures"),
        schema="ats",
    )
    op.create_table(
        "recruitment_freezes",
        sa.Column("employer_id", sa.Uuid, nullable=False),
        sa.Column("starts_on", sa.Date, nullable=False),
        sa.Column("ends_on", sa.Date, nullable=True),
        sa.Column("allowed_grounds", JSONB, nullable=False),
        sa.Column("families", JSONB, nullable=False),
        sa.Column("reason", sa.Text, nullable=False),
        sa.Column("made_by", sa.Uuid, nullable=True),
        sa.Column("made_at", INSTANT, nullable=False),
        sa.Column("lifted_at", INSTANT, nullable=True),
        sa.Column("id", sa.Uuid, nullable=False),
        sa.CheckConstraint(
            "ends_on IS NULL OR starts_on <= ends_on", name=op.f("ck_recruitment_freezes_ends_after_it_starts")
        ),
        sa.PrimaryKeyConstraint("id", name="pk_recruitment_freezes"),
        schema="ats",
    )
    op.create_index(
        "ix_recruitment_freezes_employer_id_starts_on",
        "recruitment_freezes",
        ["employer_id", "starts_on"],
        schema="ats",
    )
    for table in ("establishment_figures", "recruitment_freezes"):
        for statement in protect(f"ats.{table}"):
            op.execute(statement)


def downgrade() -> None:
    op.drop_table("recruitment_freezes", schema="ats")
    op.drop_table("establishment_figures", schema="ats")
    op.drop_index("uq_vacancies_open_post", "vacancies", schema="ats")
    op.drop_column("vacancies", "flags", schema="ats")
    for name, _ in reversed(ADDED):
        op.drop_column("vacancies", name, schema="ats")
