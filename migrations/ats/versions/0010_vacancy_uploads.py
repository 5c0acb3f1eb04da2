"""Many vacancies are sent at a time, and what became of each row is kept."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

from shared.rls import protect

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None

INSTANT = sa.DateTime(timezone=True)
TABLES = ("vacancy_uploads", "vacancy_upload_batches")


def upgrade() -> None:
    op.create_table(
        "vacancy_uploads",
        sa.Column("employer_id", sa.Uuid, nullable=False),
        sa.Column("started_at", INSTANT, nullable=False),
        sa.Column("finished_at", INSTANT, nullable=True),
        sa.Column("id", sa.Uuid, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_vacancy_uploads"),
        schema="ats",
    )
    op.create_table(
        "vacancy_upload_batches",
        sa.Column("employer_id", sa.Uuid, nullable=False),
        sa.Column("upload_id", sa.Uuid, nullable=False),
        sa.Column("batch_no", sa.SmallInteger, nullable=False),
        sa.Column("digest", sa.LargeBinary, nullable=False),
        sa.Column("results", JSONB, nullable=False),
        sa.ForeignKeyConstraint(["upload_id"], ["ats.vacancy_uploads.id"], name="fk_vacancy_upload_batches_upload_id"),
        sa.PrimaryKeyConstraint("upload_id", "batch_no", name="pk_vacancy_upload_batches"),
        schema="ats",
    )
    for table in TABLES:
        for statement in protect(f"ats.{table}"):
            op.execute(statement)


def downgrade() -> None:
    for table in reversed(TABLES):
        op.drop_table(table, schema="ats")
