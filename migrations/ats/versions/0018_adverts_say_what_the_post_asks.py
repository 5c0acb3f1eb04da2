"""What a candidate must know of a post stands on its public advert; who approved a supplement on none."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "0018"
down_revision = "0017"
branch_labels = None
depends_on = None

INTERNAL = ("approved_by", "approved_on", "reference")


def upgrade() -> None:
    flags = sa.Column("flags", JSONB, nullable=False, server_default=sa.text("'{}'::jsonb"))
    op.add_column("published_jobs", flags, schema="ats")
    op.execute("SELECT set_config('app.scope', 'region', true)")
    kept = "v.flags" + "".join(f" #- '{{pay_supplement,{each}}}'" for each in INTERNAL)
    op.execute(
        f"UPDATE ats.published_jobs p SET flags = {kept}"  # noqa: S608 # names of this file alone
        " FROM ats.vacancies v WHERE v.id = p.id AND v.flags <> '{}'::jsonb"
    )
    kept = "advert" + "".join(f" #- '{{flags,pay_supplement,{each}}}'" for each in INTERNAL)
    op.execute(f"UPDATE ats.internal_jobs SET advert = {kept}")  # noqa: S608 # as above


def downgrade() -> None:
    op.drop_column("published_jobs", "flags", schema="ats")
