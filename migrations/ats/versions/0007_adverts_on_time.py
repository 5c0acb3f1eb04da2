"""An advert is scheduled, extended, held by an approver, shown to a set of employers, and copied."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

from shared.rls import EMPLOYERS, protect

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None

INSTANT = sa.DateTime(timezone=True)
OPTIONAL = (
    ("publish_at", INSTANT),
    ("internal_since", INSTANT),
    ("held_at", INSTANT),
    ("hold_reason", sa.Text),
    ("hold_approved_by", sa.Uuid),
    ("copied_from_id", sa.Uuid),
    ("converted_from_id", sa.Uuid),
)
LISTS = ("deadline_extensions", "internal_employer_ids")


def upgrade() -> None:
    for name, kind in OPTIONAL:
        op.add_column("vacancies", sa.Column(name, kind, nullable=True), schema="ats")
    for name in LISTS:
        column = sa.Column(name, JSONB, nullable=False, server_default=sa.text("'[]'::jsonb"))
        op.add_column("vacancies", column, schema="ats")
        op.alter_column("vacancies", name, server_default=None, schema="ats")
    op.create_index(
        "ix_vacancies_publication_due",
        "vacancies",
        ["publish_at"],
        schema="ats",
        postgresql_where="state = 'approved'",
    )
    deadline_index("state IN ('live', 'internal_advert')")
    op.create_table(
        "internal_jobs",
        sa.Column("employer_id", sa.Uuid, nullable=False),
        sa.Column("readers", sa.ARRAY(sa.Uuid), nullable=False),
        sa.Column("advert", JSONB, nullable=False),
        sa.Column("version", sa.Integer, nullable=False),
        sa.Column("published_at", INSTANT, nullable=False),
        sa.Column("closes_at", INSTANT, nullable=False),
        sa.Column("id", sa.Uuid, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_internal_jobs"),
        schema="ats",
    )
    op.create_index("ix_internal_jobs_published_at_id", "internal_jobs", ["published_at", "id"], schema="ats")
    for statement in protect("ats.internal_jobs", readable=f"readers && {EMPLOYERS}"):
        op.execute(statement)


def downgrade() -> None:
    op.drop_table("internal_jobs", schema="ats")
    deadline_index("state = 'live'")
    op.drop_index("ix_vacancies_publication_due", "vacancies", schema="ats")
    for name in (*LISTS, *(each[0] for each in reversed(OPTIONAL))):
        op.drop_column("vacancies", name, schema="ats")


def deadline_index(where: str) -> None:
    op.drop_index("ix_vacancies_advert_due", "vacancies", schema="ats")
    op.create_index("ix_vacancies_advert_due", "vacancies", ["closes_at"], schema="ats", postgresql_where=where)
