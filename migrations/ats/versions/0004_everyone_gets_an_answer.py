"""Offers end with their reply-by, and who still waits when a vacancy ends is told; a release says why it was given."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

BEFORE = "source <> 'clearing' AND stage <> 'withdrawn'"


def upgrade() -> None:
    op.create_index("ix_offers_reply_due", "offers", ["reply_by"], schema="ats", postgresql_where="state = 'made'")
    op.add_column(
        "vacancies", sa.Column("candidates_untold_since", sa.DateTime(timezone=True), nullable=True), schema="ats"
    )
    op.create_index(
        "ix_vacancies_candidates_untold",
        "vacancies",
        ["candidates_untold_since"],
        schema="ats",
        postgresql_where="candidates_untold_since IS NOT NULL",
    )
    op.add_column("hiring_log", sa.Column("reason", sa.String(40), nullable=True), schema="ats")
    one_application_a_person(f"{BEFORE} AND rejection_reason IS DISTINCT FROM 'no_appointment'")


def downgrade() -> None:
    one_application_a_person(BEFORE)
    op.drop_column("hiring_log", "reason", schema="ats")
    op.drop_index("ix_vacancies_candidates_untold", "vacancies", schema="ats")
    op.drop_column("vacancies", "candidates_untold_since", schema="ats")
    op.drop_index("ix_offers_reply_due", "offers", schema="ats")


def one_application_a_person(where: str) -> None:
    op.drop_index("uq_applications_one_per_person", "applications", schema="ats")
    op.create_index(
        "uq_applications_one_per_person",
        "applications",
        ["vacancy_id", "person_key"],
        unique=True,
        schema="ats",
        postgresql_where=where,
    )
