from __future__ import annotations

from datetime import datetime
from uuid import UUID, uuid4

from sqlalchemy import (
    CheckConstraint,
    ForeignKey,
    ForeignKeyConstraint,
    Index,
    SmallInteger,
    String,
    Text,
    UniqueConstraint,
    text,
)
from sqlalchemy.dialects.postgresql import ExcludeConstraint
from sqlalchemy.orm import Mapped, mapped_column

from services.ats.base import Base
from services.ats.interviews.states import BookingState, CancelReason
from shared.orm import text_enum

LIVE = text("cancelled_at IS NULL")
BOOKED = text("state = 'booked'")
WHEN = text("tstzrange(starts_at, ends_at)")


class InterviewRound(Base):
    """One of the rounds in which a vacancy's candidates are seen. Until `change_until_hours` before the time of their
    interview a candidate may choose another.
    """

    __tablename__ = "interview_rounds"
    __table_args__ = (UniqueConstraint("vacancy_id", "round_no"),)

    employer_id: Mapped[UUID]
    vacancy_id: Mapped[UUID] = mapped_column(ForeignKey("ats.vacancies.id"))
    round_no: Mapped[int] = mapped_column(SmallInteger)
    title: Mapped[str] = mapped_column(String(120))
    change_until_hours: Mapped[int] = mapped_column(SmallInteger)
    made_at: Mapped[datetime]
    made_by: Mapped[UUID | None] = mapped_column(default=None)
    id: Mapped[UUID] = mapped_column(primary_key=True, default_factory=uuid4)


class InterviewSlot(Base):
    """A time at which so many candidates can be seen, with where. `taken` of its places are booked.

    The database refuses a room of the employer's that is in use at an overlapping time, whatever case it is written in.
    """

    __tablename__ = "interview_slots"
    __table_args__ = (
        CheckConstraint("starts_at < ends_at", name="ends_after_it_starts"),
        CheckConstraint("taken BETWEEN 0 AND capacity", name="has_room_for_all"),
        UniqueConstraint("id", "starts_at", "ends_at"),
        ExcludeConstraint(
            ("employer_id", "="),
            (text("lower(room)"), "="),
            (WHEN, "&&"),
            where=LIVE,
            using="gist",
            name="ex_interview_slots_room",
        ),
        Index(None, "vacancy_id", "starts_at"),
        Index(None, "employer_id", "starts_at"),
        Index(None, "round_id"),
    )

    employer_id: Mapped[UUID]
    vacancy_id: Mapped[UUID] = mapped_column(ForeignKey("ats.vacancies.id"))
    round_id: Mapped[UUID] = mapped_column(ForeignKey("ats.interview_rounds.id"))
    starts_at: Mapped[datetime]
    ends_at: Mapped[datetime]
    capacity: Mapped[int] = mapped_column(SmallInteger)
    place: Mapped[str | None] = mapped_column(String(200))
    video_url: Mapped[str | None] = mapped_column(String(500))
    room: Mapped[str | None] = mapped_column(String(80))
    taken: Mapped[int] = mapped_column(SmallInteger, default=0)
    cancelled_at: Mapped[datetime | None] = mapped_column(default=None)
    id: Mapped[UUID] = mapped_column(primary_key=True, default_factory=uuid4)


class SlotMember(Base):
    """Who of the panel sits in a slot, while it stands. The times are the slot's own, kept equal by the database, which
    refuses somebody who is in another interview at an overlapping time, at whatever employer.
    """

    __tablename__ = "interview_slot_members"
    __table_args__ = (
        ForeignKeyConstraint(
            ["slot_id", "starts_at", "ends_at"],
            ["ats.interview_slots.id", "ats.interview_slots.starts_at", "ats.interview_slots.ends_at"],
            onupdate="CASCADE",
            ondelete="CASCADE",
        ),
        ExcludeConstraint(("staff_id", "="), (WHEN, "&&"), using="gist", name="ex_interview_slot_members_staff"),
    )

    employer_id: Mapped[UUID]
    slot_id: Mapped[UUID] = mapped_column(primary_key=True)
    staff_id: Mapped[UUID] = mapped_column(primary_key=True)
    starts_at: Mapped[datetime]
    ends_at: Mapped[datetime]


class InterviewInvitation(Base):
    """A candidate may choose a time of a round."""

    __tablename__ = "interview_invitations"
    __table_args__ = (UniqueConstraint("application_id", "round_id"), Index(None, "round_id"))

    employer_id: Mapped[UUID]
    application_id: Mapped[UUID] = mapped_column(ForeignKey("ats.applications.id", ondelete="CASCADE"))
    round_id: Mapped[UUID] = mapped_column(ForeignKey("ats.interview_rounds.id"))
    invited_at: Mapped[datetime]
    invited_by: Mapped[UUID | None] = mapped_column(default=None)
    id: Mapped[UUID] = mapped_column(primary_key=True, default_factory=uuid4)


class InterviewBooking(Base):
    """One candidate's place in a slot. Its id is the appointment in their calendar, `sequence` how often it changed."""

    __tablename__ = "interview_bookings"
    __table_args__ = (
        Index("uq_interview_bookings_one_a_round", "application_id", "round_id", unique=True, postgresql_where=BOOKED),
        Index(None, "slot_id"),
        Index(None, "vacancy_id"),
    )

    employer_id: Mapped[UUID]
    vacancy_id: Mapped[UUID] = mapped_column(ForeignKey("ats.vacancies.id"))
    application_id: Mapped[UUID] = mapped_column(ForeignKey("ats.applications.id", ondelete="CASCADE"))
    round_id: Mapped[UUID] = mapped_column(ForeignKey("ats.interview_rounds.id"))
    slot_id: Mapped[UUID] = mapped_column(ForeignKey("ats.interview_slots.id"))
    booked_at: Mapped[datetime]
    changed_at: Mapped[datetime]
    state: Mapped[BookingState] = mapped_column(text_enum(BookingState), default=BookingState.BOOKED)
    sequence: Mapped[int] = mapped_column(SmallInteger, default=0)
    cancel_reason: Mapped[CancelReason | None] = mapped_column(text_enum(CancelReason), default=None)
    id: Mapped[UUID] = mapped_column(primary_key=True, default_factory=uuid4)


class AdjustmentRequest(Base):
    """What somebody needs changed so that they can take part: for who organises the interview, apart from all else."""

    __tablename__ = "interview_adjustments"
    __table_args__ = (Index(None, "vacancy_id"),)

    employer_id: Mapped[UUID]
    vacancy_id: Mapped[UUID] = mapped_column(ForeignKey("ats.vacancies.id"))
    words: Mapped[str] = mapped_column(Text)
    asked_at: Mapped[datetime]
    application_id: Mapped[UUID] = mapped_column(
        ForeignKey("ats.applications.id", ondelete="CASCADE"), primary_key=True
    )
