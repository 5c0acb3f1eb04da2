"""What an employer decided of two addresses: one person's, or two people's. Taken back, the row says so and stays."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from shared.rls import protect

revision = "0032"
down_revision = "0031"
branch_labels = None
depends_on = None

INSTANT = sa.DateTime(timezone=True)


def upgrade() -> None:
    op.create_table(
        "person_links",
        sa.Column("employer_id", sa.Uuid, nullable=False),
        sa.Column("first_key", sa.String(64), nullable=False),
        sa.Column("second_key", sa.String(64), nullable=False),
        sa.Column("first_application_id", sa.Uuid, nullable=False),
        sa.Column("second_application_id", sa.Uuid, nullable=False),
        sa.Column("verdict", sa.String(40), nullable=False),
        sa.Column("reason", sa.String(40), nullable=False),
        sa.Column("decided_by", sa.Uuid, nullable=True),
        sa.Column("decided_at", INSTANT, nullable=False),
        sa.Column("undone_by", sa.Uuid, nullable=True),
        sa.Column("undone_at", INSTANT, nullable=True),
        sa.Column("undo_reason", sa.String(40), nullable=True),
        sa.Column("id", sa.Uuid, nullable=False),
        *(
            sa.ForeignKeyConstraint(
                [column], ["ats.applications.id"], name=f"fk_person_links_{column}", ondelete="CASCADE"
            )
            for column in ("first_application_id", "second_application_id")
        ),
        sa.PrimaryKeyConstraint("id", name="pk_person_links"),
        schema="ats",
    )
    op.create_index(
        "uq_person_links_one_in_force",
        "person_links",
        ["employer_id", "first_key", "second_key"],
        unique=True,
        schema="ats",
        postgresql_where="undone_at IS NULL",
    )
    for columns in (["employer_id", "decided_at", "id"], ["first_key"], ["second_key"]):
        op.create_index(f"ix_person_links_{'_'.join(columns)}", "person_links", columns, schema="ats")
    for statement in protect("ats.person_links"):
        op.execute(statement)


def downgrade() -> None:
    op.drop_table("person_links", schema="ats")
