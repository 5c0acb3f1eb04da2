from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from uuid import UUID, uuid4

from sqlalchemy import BigInteger, Identity, Index, String, func
from sqlalchemy.orm import Mapped, mapped_column

from services.clearing.base import Base
from shared.audit_trail import declare_trail
from shared.orm import table_of, text_enum


class ActorKind(StrEnum):
    STAFF = "staff"
    CLIENT = "client"
    PERSON = "person"
    SYSTEM = "system"


class Subject(StrEnum):
    """What moved."""

    REGISTRATION = "registration"
    WINDOW = "window"
    MATCH = "match"
    REFERRAL = "referral"
    OFFER = "offer"
    TRIAL = "trial"
    DUTY = "duty"


class Transition(Base):
    """One step of one thing. Codes and ids only: words about people stay with the thing itself.

    `from_state` is null where the thing came into being. The app role may insert and read, nothing else.
    """

    __tablename__ = "transitions"
    __table_args__ = (Index(None, "subject_id", "happened_at"), Index(None, "registration_id"))

    subject: Mapped[Subject] = mapped_column(text_enum(Subject))
    subject_id: Mapped[UUID]
    from_state: Mapped[str | None] = mapped_column(String(40))
    to_state: Mapped[str] = mapped_column(String(40))
    happened_at: Mapped[datetime]
    actor_kind: Mapped[ActorKind] = mapped_column(text_enum(ActorKind))
    actor_id: Mapped[UUID | None] = mapped_column(default=None)
    home_employer_id: Mapped[UUID | None] = mapped_column(default=None)
    gaining_employer_id: Mapped[UUID | None] = mapped_column(default=None)
    registration_id: Mapped[UUID | None] = mapped_column(default=None)
    recorded_at: Mapped[datetime] = mapped_column(server_default=func.clock_timestamp(), init=False)
    id: Mapped[UUID] = mapped_column(primary_key=True, default_factory=uuid4)


class Reading(Base):
    """Evidence that somebody opened a referral before deciding on it (R49): the first time each caller read it."""

    __tablename__ = "readings"

    referral_id: Mapped[UUID] = mapped_column(primary_key=True)
    reader_id: Mapped[UUID] = mapped_column(primary_key=True)
    home_employer_id: Mapped[UUID]
    gaining_employer_id: Mapped[UUID]
    opened_at: Mapped[datetime]


class PersonalDataRead(Base):
    """That somebody of a council or of WME was shown who a person is: each time, and for each person of a list."""

    __tablename__ = "personal_data_reads"
    __table_args__ = (Index(None, "subject_id", "id"),)

    subject: Mapped[Subject] = mapped_column(text_enum(Subject))
    subject_id: Mapped[UUID]
    home_employer_id: Mapped[UUID]
    gaining_employer_id: Mapped[UUID | None]
    actor_kind: Mapped[ActorKind] = mapped_column(text_enum(ActorKind))
    actor_id: Mapped[UUID | None]
    read_at: Mapped[datetime]
    recorded_at: Mapped[datetime] = mapped_column(server_default=func.clock_timestamp(), init=False)
    id: Mapped[int] = mapped_column(BigInteger, Identity(always=True), primary_key=True, init=False)


TRAIL = declare_trail(Base.metadata, table_of(Transition), table_of(PersonalDataRead))
