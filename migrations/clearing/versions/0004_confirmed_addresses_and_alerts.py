"""Whoever registers themselves confirms their address first; who was told of late outcomes and of a choice to make."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from shared.rls import EMPLOYERS, REGION, SUBJECT

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

SCHEMA = "clearing"
EMPLOYMENT = ["home_employer_id", "employee_number", "employment"]
ENDED = "state NOT IN ('rejected', 'placed', 'closed')"
LIVE = "state NOT IN ('rejected', 'placed', 'closed', 'unconfirmed', 'duplicate')"
AT_HOME = f"home_employer_id = ANY ({EMPLOYERS})"
ALERTS = ("outcomes_alerted_at", "choice_asked_at")


def upgrade() -> None:
    live_employment(LIVE)
    op.create_index(
        "ix_registrations_unconfirmed",
        "registrations",
        ["created_at"],
        schema=SCHEMA,
        postgresql_where=sa.text("state = 'unconfirmed'"),
    )
    # What nobody has confirmed reaches no council: anybody could have written it.
    readable_by_home(f"{AT_HOME} AND state <> 'unconfirmed'")
    for name in ALERTS:
        op.add_column("windows", sa.Column(name, sa.DateTime(timezone=True), nullable=True), schema=SCHEMA)


def downgrade() -> None:
    for name in reversed(ALERTS):
        op.drop_column("windows", name, schema=SCHEMA)
    op.execute("DELETE FROM clearing.registrations WHERE state = 'unconfirmed'")
    op.execute("UPDATE clearing.registrations SET state = 'rejected' WHERE state = 'duplicate'")
    readable_by_home(AT_HOME)
    op.drop_index("ix_registrations_unconfirmed", "registrations", schema=SCHEMA)
    live_employment(ENDED)


def live_employment(where: str) -> None:
    """R6: one live registration for each employment, where `where` says what is live."""
    op.drop_index("uq_registrations_live_employment", "registrations", schema=SCHEMA)
    op.create_index(
        "uq_registrations_live_employment",
        "registrations",
        EMPLOYMENT,
        unique=True,
        schema=SCHEMA,
        postgresql_where=sa.text(where),
    )


def readable_by_home(at_home: str) -> None:
    op.execute(f"ALTER POLICY may_read ON clearing.registrations USING ({REGION} OR id = {SUBJECT} OR ({at_home}))")
