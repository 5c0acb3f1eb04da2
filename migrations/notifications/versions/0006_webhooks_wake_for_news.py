"""An insert that adds no delivery wakes nobody: most news is for no endpoint."""

from __future__ import annotations

from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None

WAKE = """
CREATE OR REPLACE FUNCTION notifications.wake_webhooks() RETURNS trigger LANGUAGE plpgsql AS
$$ BEGIN
  IF EXISTS (SELECT FROM added) THEN PERFORM pg_notify('notifications_webhooks', ''); END IF;
  RETURN NULL;
END $$
"""
ON_NEW_DELIVERIES = """
CREATE TRIGGER wake_webhooks AFTER INSERT ON notifications.webhook_deliveries
REFERENCING NEW TABLE AS added FOR EACH STATEMENT EXECUTE FUNCTION notifications.wake_webhooks()
"""
WAKE_ALWAYS = """
CREATE OR REPLACE FUNCTION notifications.wake_webhooks() RETURNS trigger LANGUAGE plpgsql AS
$$ BEGIN PERFORM pg_notify('notifications_webhooks', ''); RETURN NULL; END $$
"""
ON_EVERY_INSERT = """
CREATE TRIGGER wake_webhooks AFTER INSERT ON notifications.webhook_deliveries
FOR EACH STATEMENT EXECUTE FUNCTION notifications.wake_webhooks()
"""
NO_TRIGGER = "DROP TRIGGER wake_webhooks ON notifications.webhook_deliveries"


def upgrade() -> None:
    for statement in (NO_TRIGGER, WAKE, ON_NEW_DELIVERIES):
        op.execute(statement)


def downgrade() -> None:
    for statement in (NO_TRIGGER, WAKE_ALWAYS, ON_EVERY_INSERT):
        op.execute(statement)
