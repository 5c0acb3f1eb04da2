"""Who follows the list of vacancies goes by the transaction of each last change, and hears of deleted drafts."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from shared.outbox import TransactionId
from shared.rls import protect

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None

CURRENT = sa.text("pg_current_xact_id()")


def upgrade() -> None:
    op.add_column(
        "vacancies", sa.Column("xact_id", TransactionId, nullable=False, server_default=CURRENT), schema="ats"
    )
    op.create_index("ix_vacancies_xact_id_id", "vacancies", ["xact_id", "id"], schema="ats")
    op.execute(
        "CREATE FUNCTION ats.note_transaction() RETURNS trigger LANGUAGE plpgsql AS"
        " $$ BEGIN NEW.xact_id := pg_current_xact_id(); RETURN NEW; END $$"
    )
    op.execute(
        "CREATE TRIGGER note_transaction BEFORE UPDATE ON ats.vacancies"
        " FOR EACH ROW EXECUTE FUNCTION ats.note_transaction()"
    )
    op.create_table(
        "vacancy_tombstones",
        sa.Column("employer_id", sa.Uuid, nullable=False),
        sa.Column("reference", sa.String(30), nullable=False),
        sa.Column("source_system", sa.String(60), nullable=True),
        sa.Column("external_reference", sa.String(120), nullable=True),
        sa.Column("deleted_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("xact_id", TransactionId, nullable=False, server_default=CURRENT),
        sa.Column("id", sa.Uuid, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_vacancy_tombstones"),
        schema="ats",
    )
    op.create_index("ix_vacancy_tombstones_xact_id_id", "vacancy_tombstones", ["xact_id", "id"], schema="ats")
    op.create_index(
        "ix_vacancy_tombstones_key",
        "vacancy_tombstones",
        ["employer_id", "source_system", "external_reference"],
        schema="ats",
    )
    for statement in protect("ats.vacancy_tombstones"):
        op.execute(statement)


def downgrade() -> None:
    op.drop_table("vacancy_tombstones", schema="ats")
    op.execute("DROP TRIGGER note_transaction ON ats.vacancies")
    op.execute("DROP FUNCTION ats.note_transaction()")
    op.drop_index("ix_vacancies_xact_id_id", "vacancies", schema="ats")
    op.drop_column("vacancies", "xact_id", schema="ats")
