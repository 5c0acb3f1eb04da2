"""Rounds of interviews whose times candidates choose, with no panel member and no room in two places at once."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import ExcludeConstraint

from shared.rls import protect

revision = "0022"
down_revision = "0021"
branch_labels = None
depends_on = None

INSTANT = sa.DateTime(timezone=True)
TABLES = (
    "interview_rounds",
    "interview_slots",
    "interview_slot_members",
    "interview_invitations",
    "interview_bookings",
    "interview_adjustments",
)
WHEN = sa.text("tstzrange(starts_at, ends_at)")


def upgrade() -> None:
    create_rounds()
    create_slots()
    create_members()
    create_invitations()
    create_bookings()
    for table in TABLES:
        for statement in protect(f"ats.{table}"):
            op.execute(statement)


def downgrade() -> None:
    for table in reversed(TABLES):
        op.drop_table(table, schema="ats")


def create_rounds() -> None:
    op.create_table(
        "interview_rounds",
        sa.Column("employer_id", sa.Uuid, nullable=False),
        sa.Column("vacancy_id", sa.Uuid, nullable=False),
        sa.Column("round_no", sa.SmallInteger, nullable=False),
        sa.Column("title", sa.String(120), nullable=False),
        sa.Column("change_until_hours", sa.SmallInteger, nullable=False),
        sa.Column("made_at", INSTANT, nullable=False),
        sa.Column("made_by", sa.Uuid, nullable=True),
        sa.Column("id", sa.Uuid, nullable=False),
        sa.ForeignKeyConstraint(["vacancy_id"], ["ats.vacancies.id"], name="fk_interview_rounds_vacancy_id"),
        sa.PrimaryKeyConstraint("id", name="pk_interview_rounds"),
        sa.UniqueConstraint("vacancy_id", "round_no", name="uq_interview_rounds_vacancy_id_round_no"),
        schema="ats",
    )


def create_slots() -> None:
    op.create_table(
        "interview_slots",
        sa.Column("employer_id", sa.Uuid, nullable=False),
        sa.Column("vacancy_id", sa.Uuid, nullable=False),
        sa.Column("round_id", sa.Uuid, nullable=False),
        sa.Column("starts_at", INSTANT, nullable=False),
        sa.Column("ends_at", INSTANT, nullable=False),
        sa.Column("capacity", sa.SmallInteger, nullable=False),
        sa.Column("place", sa.String(200), nullable=True),
        sa.Column("video_url", sa.String(500), nullable=True),
        sa.Column("room", sa.String(80), nullable=True),
        sa.Column("taken", sa.SmallInteger, nullable=False),
        sa.Column("cancelled_at", INSTANT, nullable=True),
        sa.Column("id", sa.Uuid, nullable=False),
        sa.CheckConstraint("starts_at < ends_at", name=op.f("ck_interview_slots_ends_after_it_starts")),
        sa.CheckConstraint("taken BETWEEN 0 AND capacity", name=op.f("ck_interview_slots_has_room_for_all")),
        sa.ForeignKeyConstraint(["vacancy_id"], ["ats.vacancies.id"], name="fk_interview_slots_vacancy_id"),
        sa.ForeignKeyConstraint(["round_id"], ["ats.interview_rounds.id"], name="fk_interview_slots_round_id"),
        sa.PrimaryKeyConstraint("id", name="pk_interview_slots"),
        sa.UniqueConstraint("id", "starts_at", "ends_at", name="uq_interview_slots_id_starts_at_ends_at"),
        ExcludeConstraint(
            (sa.column("employer_id"), "="),
            (sa.text("lower(room)"), "="),
            (WHEN, "&&"),
            where=sa.text("cancelled_at IS NULL"),
            using="gist",
            name="ex_interview_slots_room",
        ),
        schema="ats",
    )
    op.create_index(
        "ix_interview_slots_vacancy_id_starts_at", "interview_slots", ["vacancy_id", "starts_at"], schema="ats"
    )
    op.create_index(
        "ix_interview_slots_employer_id_starts_at", "interview_slots", ["employer_id", "starts_at"], schema="ats"
    )
    op.create_index("ix_interview_slots_round_id", "interview_slots", ["round_id"], schema="ats")


def create_members() -> None:
    op.create_table(
        "interview_slot_members",
        sa.Column("employer_id", sa.Uuid, nullable=False),
        sa.Column("slot_id", sa.Uuid, nullable=False),
        sa.Column("staff_id", sa.Uuid, nullable=False),
        sa.Column("starts_at", INSTANT, nullable=False),
        sa.Column("ends_at", INSTANT, nullable=False),
        sa.ForeignKeyConstraint(
            ["slot_id", "starts_at", "ends_at"],
            ["ats.interview_slots.id", "ats.interview_slots.starts_at", "ats.interview_slots.ends_at"],
            name="fk_interview_slot_members_slot_id_starts_at_ends_at",
            onupdate="CASCADE",
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("slot_id", "staff_id", name="pk_interview_slot_members"),
        ExcludeConstraint(
            (sa.column("staff_id"), "="), (WHEN, "&&"), using="gist", name="ex_interview_slot_members_staff"
        ),
        schema="ats",
    )


def create_invitations() -> None:
    op.create_table(
        "interview_invitations",
        sa.Column("employer_id", sa.Uuid, nullable=False),
        sa.Column("application_id", sa.Uuid, nullable=False),
        sa.Column("round_id", sa.Uuid, nullable=False),
        sa.Column("invited_at", INSTANT, nullable=False),
        sa.Column("invited_by", sa.Uuid, nullable=True),
        sa.Column("id", sa.Uuid, nullable=False),
        sa.ForeignKeyConstraint(
            ["application_id"],
            ["ats.applications.id"],
            name="fk_interview_invitations_application_id",
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(["round_id"], ["ats.interview_rounds.id"], name="fk_interview_invitations_round_id"),
        sa.PrimaryKeyConstraint("id", name="pk_interview_invitations"),
        sa.UniqueConstraint("application_id", "round_id", name="uq_interview_invitations_application_id_round_id"),
        schema="ats",
    )
    op.create_index("ix_interview_invitations_round_id", "interview_invitations", ["round_id"], schema="ats")


def create_bookings() -> None:
    op.create_table(
        "interview_bookings",
        sa.Column("employer_id", sa.Uuid, nullable=False),
        sa.Column("vacancy_id", sa.Uuid, nullable=False),
        sa.Column("application_id", sa.Uuid, nullable=False),
        sa.Column("round_id", sa.Uuid, nullable=False),
        sa.Column("slot_id", sa.Uuid, nullable=False),
        sa.Column("booked_at", INSTANT, nullable=False),
        sa.Column("changed_at", INSTANT, nullable=False),
        sa.Column("state", sa.String(40), nullable=False),
        sa.Column("sequence", sa.SmallInteger, nullable=False),
        sa.Column("cancel_reason", sa.String(40), nullable=True),
        sa.Column("id", sa.Uuid, nullable=False),
        sa.ForeignKeyConstraint(["vacancy_id"], ["ats.vacancies.id"], name="fk_interview_bookings_vacancy_id"),
        sa.ForeignKeyConstraint(
            ["application_id"], ["ats.applications.id"], name="fk_interview_bookings_application_id", ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(["round_id"], ["ats.interview_rounds.id"], name="fk_interview_bookings_round_id"),
        sa.ForeignKeyConstraint(["slot_id"], ["ats.interview_slots.id"], name="fk_interview_bookings_slot_id"),
        sa.PrimaryKeyConstraint("id", name="pk_interview_bookings"),
        schema="ats",
    )
    op.create_index(
        "uq_interview_bookings_one_a_round",
        "interview_bookings",
        ["application_id", "round_id"],
        schema="ats",
        unique=True,
        postgresql_where=sa.text("state = 'booked'"),
    )
    op.create_index("ix_interview_bookings_slot_id", "interview_bookings", ["slot_id"], schema="ats")
    op.create_index("ix_interview_bookings_vacancy_id", "interview_bookings", ["vacancy_id"], schema="ats")
    op.create_table(
        "interview_adjustments",
        sa.Column("employer_id", sa.Uuid, nullable=False),
        sa.Column("vacancy_id", sa.Uuid, nullable=False),
        sa.Column("words", sa.Text, nullable=False),
        sa.Column("asked_at", INSTANT, nullable=False),
        sa.Column("application_id", sa.Uuid, nullable=False),
        sa.ForeignKeyConstraint(["vacancy_id"], ["ats.vacancies.id"], name="fk_interview_adjustments_vacancy_id"),
        sa.ForeignKeyConstraint(
            ["application_id"],
            ["ats.applications.id"],
            name="fk_interview_adjustments_application_id",
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("application_id", name="pk_interview_adjustments"),
        schema="ats",
    )
    op.create_index("ix_interview_adjustments_vacancy_id", "interview_adjustments", ["vacancy_id"], schema="ats")
