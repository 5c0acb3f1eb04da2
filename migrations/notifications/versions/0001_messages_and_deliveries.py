"""What this service begins with: deliveries, their attempts, and the mechanism that every service has."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

from migrations.mechanism import create_mechanism, drop_mechanism
from shared.rls import EMPLOYERS, protect

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

SCHEMA = "notifications"
INSTANT = sa.DateTime(timezone=True)

# An employer reads the deliveries about its own people and vacancies; only the workers write them.
ABOUT_US = f"employer_ids && {EMPLOYERS}"
OF_A_READABLE_DELIVERY = "EXISTS (SELECT FROM notifications.deliveries d WHERE d.id = delivery_id)"

WAKE_THE_SENDER = """
CREATE FUNCTION notifications.wake_sender() RETURNS trigger LANGUAGE plpgsql AS
$$ BEGIN PERFORM pg_notify('notifications_deliveries', ''); RETURN NULL; END $$
"""
ON_NEW_DELIVERIES = """
CREATE TRIGGER wake_sender AFTER INSERT ON notifications.deliveries
FOR EACH STATEMENT EXECUTE FUNCTION notifications.wake_sender()
"""
REFUSE = """
CREATE FUNCTION notifications.refuse_change() RETURNS trigger LANGUAGE plpgsql AS
$$ BEGIN RAISE EXCEPTION '% is append-only', TG_TABLE_NAME USING ERRCODE = 'restrict_violation'; END $$
"""
APPEND_ONLY = """
CREATE TRIGGER append_only BEFORE UPDATE OR DELETE ON notifications.delivery_attempts
FOR EACH ROW EXECUTE FUNCTION notifications.refuse_change()
"""


def upgrade() -> None:
    create_mechanism(SCHEMA)
    create_deliveries()
    create_attempts()
    for statement in (WAKE_THE_SENDER, ON_NEW_DELIVERIES, REFUSE, APPEND_ONLY):
        op.execute(statement)
    for statement in protect("notifications.deliveries", employers=(), readable=ABOUT_US):
        op.execute(statement)
    for statement in protect("notifications.delivery_attempts", employers=(), readable=OF_A_READABLE_DELIVERY):
        op.execute(statement)


def downgrade() -> None:
    op.drop_table("delivery_attempts", schema=SCHEMA)
    op.drop_table("deliveries", schema=SCHEMA)
    op.execute("DROP FUNCTION notifications.refuse_change()")
    op.execute("DROP FUNCTION notifications.wake_sender()")
    drop_mechanism(SCHEMA)


def create_deliveries() -> None:
    op.create_table(
        "deliveries",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("event_id", sa.Uuid(), nullable=False),
        sa.Column("event_name", sa.String(100), nullable=False),
        sa.Column("kind", sa.String(60), nullable=False),
        sa.Column("channel", sa.String(40), nullable=False),
        sa.Column("recipient_id", sa.Uuid(), nullable=False),
        sa.Column("employer_ids", sa.ARRAY(sa.Uuid()), nullable=False),
        sa.Column("subject", sa.String(40), nullable=False),
        sa.Column("subject_id", sa.Uuid(), nullable=False),
        sa.Column("vacancy_id", sa.Uuid()),
        sa.Column("urgency", sa.SmallInteger(), nullable=False),
        sa.Column("contents", JSONB()),
        sa.Column("occurred_at", INSTANT, nullable=False),
        sa.Column("created_at", INSTANT, nullable=False),
        sa.Column("due_at", INSTANT, nullable=False),
        sa.Column("expires_at", INSTANT, nullable=False),
        sa.Column("state", sa.String(40), nullable=False),
        sa.Column("attempts", sa.SmallInteger(), nullable=False),
        sa.Column("last_answer", sa.String(40)),
        sa.Column("started_at", INSTANT),
        sa.Column("handed_over_at", INSTANT),
        sa.Column("ended_at", INSTANT),
        sa.Column("leased_until", INSTANT),
        sa.PrimaryKeyConstraint("id", name="pk_deliveries"),
        sa.UniqueConstraint(
            "event_id", "kind", "recipient_id", "channel", name="uq_deliveries_event_id_kind_recipient_id_channel"
        ),
        schema=SCHEMA,
    )
    waiting = sa.text("state IN ('created', 'temporary_failure')")
    partial = {
        "ix_deliveries_due": (["urgency", "due_at", "id"], waiting),
        "ix_deliveries_expiring": (["expires_at"], waiting),
        "ix_deliveries_leased": (["leased_until"], sa.text("state = 'sending'")),
        "ix_deliveries_unwiped": (["ended_at"], sa.text("contents IS NOT NULL AND ended_at IS NOT NULL")),
    }
    for name, (columns, condition) in partial.items():
        op.create_index(name, "deliveries", columns, schema=SCHEMA, postgresql_where=condition)
    for name, column in {
        "ix_deliveries_kind": "kind",
        "ix_deliveries_state": "state",
        "ix_deliveries_recipient": "recipient_id",
        "ix_deliveries_subject": "subject_id",
        "ix_deliveries_vacancy": "vacancy_id",
    }.items():
        op.create_index(name, "deliveries", [column, "created_at", "id"], schema=SCHEMA)
    op.create_index("ix_deliveries_newest", "deliveries", ["created_at", "id"], schema=SCHEMA)


def create_attempts() -> None:
    op.create_table(
        "delivery_attempts",
        sa.Column("delivery_id", sa.Uuid(), nullable=False),
        sa.Column("attempt_no", sa.SmallInteger(), nullable=False),
        sa.Column("answer", sa.String(40), nullable=False),
        sa.Column("reply_code", sa.SmallInteger()),
        sa.Column("started_at", INSTANT, nullable=False),
        sa.Column("ended_at", INSTANT, nullable=False),
        sa.PrimaryKeyConstraint("delivery_id", "attempt_no", name="pk_delivery_attempts"),
        sa.ForeignKeyConstraint(
            ["delivery_id"], ["notifications.deliveries.id"], name="fk_delivery_attempts_delivery_id"
        ),
        schema=SCHEMA,
    )
