"""Hires of their own, versions of offers with an approver where pay is outside the grade, and what they settle."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from shared.rls import protect

revision = "0021"
down_revision = "0020"
branch_labels = None
depends_on = None

INSTANT = sa.DateTime(timezone=True)
# Those who were hired before; whether they started was not said then.
EARLIER_HIRES = """
INSERT INTO ats.hires (id, employer_id, vacancy_id, application_id, opening_no, route, starts_on, hired_at, version,
    hired_log_id, started_log_id)
SELECT gen_random_uuid(), a.employer_id, a.vacancy_id, a.id, a.opening_no, a.route,
    coalesce(a.starts_on, (a.stage_entered_at AT TIME ZONE 'Europe/London')::date), a.stage_entered_at, 1,
    (SELECT max(l.id) FROM ats.hiring_log l WHERE l.application_id = a.id AND l.event = 'hired'),
    (SELECT max(l.id) FROM ats.hiring_log l WHERE l.application_id = a.id AND l.event = 'started')
FROM ats.applications a WHERE a.stage = 'hired' AND a.source <> 'clearing' AND a.opening_no IS NOT NULL
"""


# In the order in which they were made; each of them went out.
NUMBERED = """
UPDATE ats.offers o SET sequence_no = n.number
FROM (SELECT id, row_number() OVER (PARTITION BY application_id ORDER BY recorded_at, id) AS number FROM ats.offers) n
WHERE n.id = o.id
"""
OFFER_COLUMNS = (
    ("outside_grade_reason", sa.Text),
    ("decided_by", sa.Uuid),
    ("decided_at", INSTANT),
    ("refusal_reason", sa.Text),
    ("settles_others", sa.String(40)),
    ("others_due_at", INSTANT),
)


def upgrade() -> None:
    op.execute("SELECT set_config('app.scope', 'region', true)")
    create_hires()
    number_offers()
    policy = sa.Column("other_applications", sa.String(40), nullable=False, server_default="leave")
    op.add_column("selection_policies", policy, schema="ats")
    op.alter_column("selection_policies", "other_applications", server_default=None, schema="ats")


def number_offers() -> None:
    op.add_column("offers", sa.Column("sequence_no", sa.SmallInteger, nullable=True), schema="ats")
    op.execute(NUMBERED)
    op.alter_column("offers", "sequence_no", nullable=False, schema="ats")
    op.alter_column("offers", "opening_no", nullable=True, schema="ats")
    for name, kind in OFFER_COLUMNS:
        op.add_column("offers", sa.Column(name, kind, nullable=True), schema="ats")
    op.create_unique_constraint(
        "uq_offers_application_id_sequence_no", "offers", ["application_id", "sequence_no"], schema="ats"
    )
    op.create_index(
        "ix_offers_others_due",
        "offers",
        ["others_due_at"],
        schema="ats",
        postgresql_where="others_due_at IS NOT NULL",
    )
    op.create_index(
        "uq_offers_one_pending",
        "offers",
        ["application_id"],
        unique=True,
        schema="ats",
        postgresql_where="state = 'approval_pending'",
    )


def create_hires() -> None:
    op.create_table(
        "hires",
        sa.Column("employer_id", sa.Uuid, nullable=False),
        sa.Column("vacancy_id", sa.Uuid, nullable=False),
        sa.Column("application_id", sa.Uuid, nullable=False),
        sa.Column("opening_no", sa.SmallInteger, nullable=False),
        sa.Column("route", sa.String(40), nullable=False),
        sa.Column("starts_on", sa.Date, nullable=False),
        sa.Column("hired_at", INSTANT, nullable=False),
        sa.Column("hired_by", sa.Uuid, nullable=True),
        sa.Column("version", sa.Integer, nullable=False),
        sa.Column("hired_log_id", sa.BigInteger, nullable=True),
        sa.Column("started_log_id", sa.BigInteger, nullable=True),
        sa.Column("start_confirmed_at", INSTANT, nullable=True),
        sa.Column("start_confirmed_by", sa.Uuid, nullable=True),
        sa.Column("no_show_at", INSTANT, nullable=True),
        sa.Column("left_on", sa.Date, nullable=True),
        sa.Column("leaving_reason", sa.String(40), nullable=True),
        sa.Column("undone_at", INSTANT, nullable=True),
        sa.Column("undone_by", sa.Uuid, nullable=True),
        sa.Column("unhire_reason", sa.String(40), nullable=True),
        sa.Column("id", sa.Uuid, nullable=False),
        sa.ForeignKeyConstraint(["vacancy_id"], ["ats.vacancies.id"], name="fk_hires_vacancy_id"),
        sa.ForeignKeyConstraint(["application_id"], ["ats.applications.id"], name="fk_hires_application_id"),
        sa.PrimaryKeyConstraint("id", name="pk_hires"),
        schema="ats",
    )
    op.create_index(
        "uq_hires_one_in_force",
        "hires",
        ["application_id"],
        unique=True,
        schema="ats",
        postgresql_where="undone_at IS NULL",
    )
    op.create_index("ix_hires_employer_id_starts_on", "hires", ["employer_id", "starts_on"], schema="ats")
    for statement in protect("ats.hires"):
        op.execute(statement)
    op.execute(EARLIER_HIRES)


def downgrade() -> None:
    """Proposals that never went out go with what tells them apart."""
    op.drop_column("selection_policies", "other_applications", schema="ats")
    op.execute("SELECT set_config('app.scope', 'region', true)")
    op.execute("DELETE FROM ats.offers WHERE opening_no IS NULL")
    op.drop_index("uq_offers_one_pending", "offers", schema="ats")
    op.drop_index("ix_offers_others_due", "offers", schema="ats")
    op.drop_constraint("uq_offers_application_id_sequence_no", "offers", schema="ats")
    for name, _ in reversed(OFFER_COLUMNS):
        op.drop_column("offers", name, schema="ats")
    op.alter_column("offers", "opening_no", nullable=False, schema="ats")
    op.drop_column("offers", "sequence_no", schema="ats")
    op.drop_table("hires", schema="ats")
