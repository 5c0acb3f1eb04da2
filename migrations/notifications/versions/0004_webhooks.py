"""News goes to the systems of councils and boards: endpoints, what was told, what is sent, and every attempt."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from shared.rls import EMPLOYERS, protect

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

SCHEMA = "notifications"
INSTANT = sa.DateTime(timezone=True)
READABLE_EVENT = f"is_public OR employer_ids && {EMPLOYERS}"
OF_A_READABLE_DELIVERY = "EXISTS (SELECT FROM notifications.webhook_deliveries d WHERE d.id = delivery_id)"
WAKE = """
CREATE FUNCTION notifications.wake_webhooks() RETURNS trigger LANGUAGE plpgsql AS
$$ BEGIN PERFORM pg_notify('notifications_webhooks', ''); RETURN NULL; END $$
"""
ON_NEW_DELIVERIES = """
CREATE TRIGGER wake_webhooks AFTER INSERT ON notifications.webhook_deliveries
FOR EACH STATEMENT EXECUTE FUNCTION notifications.wake_webhooks()
"""
APPEND_ONLY = """
CREATE TRIGGER append_only BEFORE UPDATE ON notifications.webhook_attempts
FOR EACH ROW EXECUTE FUNCTION notifications.refuse_change()
"""


def upgrade() -> None:
    create_endpoints()
    create_events()
    create_deliveries()
    create_attempts()
    for statement in (WAKE, ON_NEW_DELIVERIES, APPEND_ONLY):
        op.execute(statement)
    for statement in protect("notifications.webhook_endpoints"):
        op.execute(statement)
    for statement in protect("notifications.webhook_deliveries"):
        op.execute(statement)
    for statement in protect("notifications.webhook_events", employers=(), readable=READABLE_EVENT):
        op.execute(statement)
    for statement in protect("notifications.webhook_attempts", employers=(), readable=OF_A_READABLE_DELIVERY):
        op.execute(statement)


def downgrade() -> None:
    for table in ("webhook_attempts", "webhook_deliveries", "webhook_events", "webhook_endpoints"):
        op.drop_table(table, schema=SCHEMA)
    op.execute("DROP FUNCTION notifications.wake_webhooks()")


def create_endpoints() -> None:
    op.create_table(
        "webhook_endpoints",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("employer_id", sa.Uuid()),
        sa.Column("client_id", sa.Uuid()),
        sa.Column("url", sa.String(500), nullable=False),
        sa.Column("event_types", sa.ARRAY(sa.Text()), nullable=False),
        sa.Column("contact_name", sa.String(200), nullable=False),
        sa.Column("contact_email", sa.String(320), nullable=False),
        sa.Column("sealed_secret", sa.Text(), nullable=False),
        sa.Column("sealed_previous_secret", sa.Text()),
        sa.Column("previous_until", INSTANT),
        sa.Column("state", sa.String(40), nullable=False),
        sa.Column("disabled_reason", sa.String(40)),
        sa.Column("verified_at", INSTANT),
        sa.Column("failures", sa.Integer(), nullable=False),
        sa.Column("failing_since", INSTANT),
        sa.Column("held_until", INSTANT),
        sa.Column("deleted_at", INSTANT),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", INSTANT, nullable=False),
        sa.Column("updated_at", INSTANT, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_webhook_endpoints"),
        schema=SCHEMA,
    )
    for column in ("employer_id", "client_id"):
        op.create_index(f"ix_webhook_endpoints_{column}", "webhook_endpoints", [column], schema=SCHEMA)


def create_events() -> None:
    op.create_table(
        "webhook_events",
        sa.Column("event_id", sa.Uuid(), nullable=False),
        sa.Column("event_type", sa.String(60), nullable=False),
        sa.Column("employer_ids", sa.ARRAY(sa.Uuid()), nullable=False),
        sa.Column("is_public", sa.Boolean(), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.Column("occurred_at", INSTANT, nullable=False),
        sa.PrimaryKeyConstraint("event_id", name="pk_webhook_events"),
        schema=SCHEMA,
    )
    op.create_index(
        "ix_webhook_events_occurred_at_event_id", "webhook_events", ["occurred_at", "event_id"], schema=SCHEMA
    )


def create_deliveries() -> None:
    op.create_table(
        "webhook_deliveries",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("webhook_id", sa.Uuid(), nullable=False),
        sa.Column("employer_id", sa.Uuid()),
        sa.Column("event_id", sa.Uuid(), nullable=False),
        sa.Column("event_type", sa.String(60), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.Column("is_test", sa.Boolean(), nullable=False),
        sa.Column("occurred_at", INSTANT, nullable=False),
        sa.Column("created_at", INSTANT, nullable=False),
        sa.Column("due_at", INSTANT, nullable=False),
        sa.Column("give_up_at", INSTANT, nullable=False),
        sa.Column("state", sa.String(40), nullable=False),
        sa.Column("attempts", sa.SmallInteger(), nullable=False),
        sa.Column("tries", sa.SmallInteger(), nullable=False),
        sa.Column("last_answer", sa.String(40)),
        sa.Column("started_at", INSTANT),
        sa.Column("ended_at", INSTANT),
        sa.Column("leased_until", INSTANT),
        sa.PrimaryKeyConstraint("id", name="pk_webhook_deliveries"),
        sa.ForeignKeyConstraint(
            ["webhook_id"], ["notifications.webhook_endpoints.id"], name="fk_webhook_deliveries_webhook_id"
        ),
        sa.UniqueConstraint("webhook_id", "event_id", name="uq_webhook_deliveries_webhook_id_event_id"),
        schema=SCHEMA,
    )
    waiting, sending = sa.text("state = 'waiting'"), sa.text("state = 'sending'")
    partial = {
        "ix_webhook_deliveries_due": (["webhook_id", "due_at", "id"], waiting),
        "ix_webhook_deliveries_overdue": (["give_up_at"], waiting),
        "ix_webhook_deliveries_sending": (["webhook_id", "leased_until"], sending),
    }
    for name, (columns, condition) in partial.items():
        op.create_index(name, "webhook_deliveries", columns, schema=SCHEMA, postgresql_where=condition)
    newest = ["webhook_id", "created_at", "id"]
    op.create_index("ix_webhook_deliveries_newest", "webhook_deliveries", newest, schema=SCHEMA)
    op.create_index("ix_webhook_deliveries_created_at", "webhook_deliveries", ["created_at"], schema=SCHEMA)


def create_attempts() -> None:
    op.create_table(
        "webhook_attempts",
        sa.Column("delivery_id", sa.Uuid(), nullable=False),
        sa.Column("attempt_no", sa.SmallInteger(), nullable=False),
        sa.Column("answer", sa.String(40), nullable=False),
        sa.Column("status_code", sa.SmallInteger()),
        sa.Column("started_at", INSTANT, nullable=False),
        sa.Column("ended_at", INSTANT, nullable=False),
        sa.PrimaryKeyConstraint("delivery_id", "attempt_no", name="pk_webhook_attempts"),
        sa.ForeignKeyConstraint(
            ["delivery_id"], ["notifications.webhook_deliveries.id"], name="fk_webhook_attempts_delivery_id"
        ),
        schema=SCHEMA,
    )
