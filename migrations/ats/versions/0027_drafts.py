"""An application is begun and taken up again without an account: drafts, their grace, how long they are kept."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

from shared.rls import protect

revision = "0027"
down_revision = "0026"
branch_labels = None
depends_on = None

INSTANT = sa.DateTime(timezone=True)
# What rows have that are there, or that a process of the release before makes.
TERMS = (("draft_grace_minutes", "0"), ("drafts_kept_days", "30"))


def upgrade() -> None:
    for name, default in TERMS:
        column = sa.Column(name, sa.Integer, server_default=sa.text(default), nullable=False)
        op.add_column("selection_policies", column, schema="ats")
    op.create_table(
        "application_drafts",
        sa.Column("vacancy_id", sa.Uuid, nullable=False),
        sa.Column("advertiser_id", sa.Uuid, nullable=False),
        sa.Column("email", sa.String(320), nullable=False),
        sa.Column("person_key", sa.String(64), nullable=False),
        sa.Column("typed", JSONB, nullable=False),
        sa.Column("form_version", sa.Integer, nullable=False),
        sa.Column("begun_at", INSTANT, nullable=False),
        sa.Column("saved_at", INSTANT, nullable=False),
        sa.Column("version", sa.Integer, nullable=False),
        sa.Column("source_client_id", sa.Uuid, nullable=True),
        sa.Column("link_address", sa.String(300), nullable=True),
        sa.Column("reminded_at", INSTANT, nullable=True),
        sa.Column("application_id", sa.Uuid, nullable=True),
        sa.Column("id", sa.Uuid, nullable=False),
        sa.ForeignKeyConstraint(["vacancy_id"], ["ats.vacancies.id"], name="fk_application_drafts_vacancy_id"),
        sa.ForeignKeyConstraint(
            ["application_id"],
            ["ats.applications.id"],
            name="fk_application_drafts_application_id",
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name="pk_application_drafts"),
        schema="ats",
    )
    for columns in (["vacancy_id", "id"], ["person_key", "begun_at"], ["application_id"]):
        op.create_index(f"ix_application_drafts_{'_'.join(columns)}", "application_drafts", columns, schema="ats")
    # No employer reads them: the person by their link, the system that sent them, and the region's workers.
    for statement in protect("ats.application_drafts", employers=(), subjects=("id", "source_client_id")):
        op.execute(statement)


def downgrade() -> None:
    op.drop_table("application_drafts", schema="ats")
    for name, _ in reversed(TERMS):
        op.drop_column("selection_policies", name, schema="ats")
