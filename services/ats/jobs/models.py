from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from sqlalchemy import Computed, Index, Numeric, SmallInteger, String, Text, text
from sqlalchemy.dialects.postgresql import TSVECTOR
from sqlalchemy.orm import Mapped, deferred, mapped_column

from services.ats.base import Base
from services.ats.jobs.towns import town_of
from services.ats.jobs.workplaces import Workplace, workplace_of
from shared.orm import text_enum
from shared.vocabulary import ContractKind

# What ranks an advert: its own words before those of its employer, and those before the name of its kind of work.
HEADING = (
    "setweight(to_tsvector('english', title || ' ' || reference), 'A') ||"
    " setweight(to_tsvector('english', employer_name || ' ' || coalesce(directorate, '')), 'B') ||"
    " setweight(to_tsvector('english', replace(family, '_', ' ')), 'C')"
)
SEARCHED = (
    f"{HEADING} || setweight(jsonb_to_tsvector('english', essential, '[\"string\"]'), 'C') ||"
    " setweight(to_tsvector('english', description), 'D')"
)


class PublishedJob(Base):
    """The published facts of one live vacancy; its id is the vacancy's.

    The only table of vacancies without row-level security: a row is here exactly while the advert is live, so what is
    internal, in clearing or on hold cannot be read, counted or guessed from it.
    """

    __tablename__ = "published_jobs"
    __table_args__ = (
        Index(None, "published_at", "id"),
        Index(None, "employer_id", "published_at"),
        Index(None, "changed_at", "id"),
        Index(None, "listed_at"),
        Index(None, "closes_at", "id"),
        Index(None, "salary_max_pence", "id"),
        Index(
            "ix_published_jobs_title",
            "title",
            postgresql_using="gin",
            postgresql_ops={"title": "gin_trgm_ops"},
            postgresql_with={"fastupdate": "off"},
        ),
        Index("ix_published_jobs_search", "search", postgresql_using="gin", postgresql_with={"fastupdate": "off"}),
    )

    employer_id: Mapped[UUID]
    employer_name: Mapped[str] = mapped_column(String(200))
    employer_code: Mapped[str] = mapped_column(String(10))
    reference: Mapped[str] = mapped_column(String(30))
    title: Mapped[str] = mapped_column(String(200))
    family: Mapped[str] = mapped_column(String(60))
    salary_min_pence: Mapped[int]
    salary_max_pence: Mapped[int]
    hours_per_week: Mapped[Decimal] = mapped_column(Numeric(4, 2))
    contract: Mapped[ContractKind] = mapped_column(text_enum(ContractKind))
    outcode: Mapped[str] = mapped_column(String(4))
    openings: Mapped[int] = mapped_column(SmallInteger)
    version: Mapped[int]
    published_at: Mapped[datetime]
    closes_at: Mapped[datetime]
    changed_at: Mapped[datetime]
    apply_method: Mapped[str] = mapped_column(String(10))
    description: Mapped[str] = mapped_column(Text)
    essential: Mapped[list[Any]]
    desirable: Mapped[list[Any]]
    id: Mapped[UUID] = mapped_column(primary_key=True)
    apply_url: Mapped[str | None] = mapped_column(String(500), default=None)
    grade: Mapped[str | None] = mapped_column(String(60), default=None)
    scp_min: Mapped[int | None] = mapped_column(SmallInteger, default=None)
    scp_max: Mapped[int | None] = mapped_column(SmallInteger, default=None)
    contract_months: Mapped[int | None] = mapped_column(SmallInteger, default=None)
    working_pattern: Mapped[str | None] = mapped_column(String(40), default=None)
    office_days_per_week: Mapped[int | None] = mapped_column(SmallInteger, default=None)
    postcode: Mapped[str | None] = mapped_column(String(8), default=None)
    directorate: Mapped[str | None] = mapped_column(String(120), default=None)
    starts_on: Mapped[date | None] = mapped_column(default=None)
    # What is asked of who applies, as candidates may know it.
    application_form: Mapped[dict[str, Any]] = mapped_column(default_factory=dict, server_default=text("'{}'::jsonb"))
    form_version: Mapped[int] = mapped_column(default=1, server_default=text("1"))
    # Schemes under which an interview is guaranteed, by the policy of the day on which it was first advertised.
    guaranteed_interviews: Mapped[list[Any]] = mapped_column(default_factory=list, server_default=text("'[]'::jsonb"))
    # When it came into the index, which a change of it does not alter: what is new to a saved search. None for what
    # was there before searches could be saved.
    listed_at: Mapped[datetime | None] = mapped_column(default=None)
    flags: Mapped[dict[str, Any]] = mapped_column(default_factory=dict, server_default=text("'{}'::jsonb"))
    search: Mapped[Any] = deferred(mapped_column(TSVECTOR, Computed(SEARCHED, persisted=True)), init=False)
    heading: Mapped[Any] = deferred(mapped_column(TSVECTOR, Computed(HEADING, persisted=True)), init=False)

    @property
    def town(self) -> str | None:
        """The post town of the workplace, where it is known here."""
        return town_of(self.outcode)

    @property
    def workplace(self) -> Workplace:
        return workplace_of(self.office_days_per_week, is_hybrid=self.flags.get("is_hybrid", False))


class EndedJob(Base):
    """That an advert was public and is no more: what a board that keeps its own index has to be told (410).

    It says nothing of what the vacancy became. It goes when the vacancy is advertised again.
    """

    __tablename__ = "ended_jobs"
    __table_args__ = (Index(None, "changed_at", "id"),)

    reference: Mapped[str] = mapped_column(String(30))
    employer_code: Mapped[str] = mapped_column(String(10))
    closes_at: Mapped[datetime]
    ended_at: Mapped[datetime]
    changed_at: Mapped[datetime]
    published_at: Mapped[datetime]
    id: Mapped[UUID] = mapped_column(primary_key=True)
    postcode: Mapped[str | None] = mapped_column(String(8), default=None)
