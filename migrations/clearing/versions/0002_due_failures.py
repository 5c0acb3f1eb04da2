"""Due work that cannot be done is written down and put off, and no longer stops what is due beside it."""

from __future__ import annotations

from migrations.mechanism import add_to_mechanism, drop_from_mechanism

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    add_to_mechanism("clearing", "due_failures")


def downgrade() -> None:
    drop_from_mechanism("clearing", "due_failures")
