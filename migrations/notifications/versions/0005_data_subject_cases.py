"""What is answered to a person's request about their own data is noted, so that it is answered once."""

from __future__ import annotations

from migrations.mechanism import add_to_mechanism, drop_from_mechanism

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    add_to_mechanism("notifications", "case_answers")


def downgrade() -> None:
    drop_from_mechanism("notifications", "case_answers")
