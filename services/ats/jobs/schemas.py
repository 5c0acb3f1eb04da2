from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum
from typing import Annotated, Any, Self
from uuid import UUID

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, PlainSerializer, model_validator

from services.ats.jobs.addresses import form_url
from services.ats.jobs.conditions import JobFlags
from services.ats.jobs.workplaces import Workplace
from shared.field_errors import wrong_field
from shared.pagination import PagedFilter
from shared.reference.occupations import families
from shared.reference.places import outcodes
from shared.vocabulary import ContractKind, WorkingPattern

PlainHours = Annotated[Decimal, PlainSerializer(lambda value: format(value.normalize(), "f"), return_type=str)]
Pence = Annotated[int, Field(ge=0, le=100_000_000)]
Point = Annotated[int, Field(ge=1, le=60)]
Hours = Annotated[Decimal, Field(ge=0, le=99)]
Code = Annotated[str, Field(max_length=60)]


class JobSort(StrEnum):
    """`relevance` is the default where words are searched for, `newest` otherwise. `distance` needs `near`."""

    RELEVANCE = "relevance"
    NEWEST = "newest"
    CLOSING = "closing"
    PAY = "pay"
    DISTANCE = "distance"


class JobCriterion(BaseModel):
    """What a candidate answers to, by id, in an application."""

    criterion_id: str = Field(examples=["E1"])
    text: str


class Highlight(BaseModel):
    """HTML: everything is escaped, and what was found stands in `<mark>`."""

    title: str = Field(examples=["<mark>Housing</mark> officer"])
    text: str = Field(examples=["You know <mark>housing</mark> law …"])


# An advert that is answered here has no address of its own: it is filled in below.
ApplyUrl = Annotated[str, BeforeValidator(lambda given: given or "")]


class JobSummary(BaseModel):
    model_config = ConfigDict(from_attributes=True)

    id: UUID
    reference: str
    title: str
    employer_code: str
    employer_name: str
    family: str
    grade: str | None
    salary_min_pence: int
    salary_max_pence: int
    hours_per_week: PlainHours
    contract: ContractKind
    contract_months: int | None
    working_pattern: str | None
    workplace: Workplace = Field(
        description="From the days a week at the office: 0 is remote, 1 to 4 hybrid; else from `is_hybrid`"
    )
    outcode: str
    town: str | None = Field(description="Post town of the workplace, where it is known", examples=["Oldbury"])
    openings: int
    published_at: datetime
    closes_at: datetime
    apply_url: ApplyUrl = Field(
        description="Where to apply: the employer's own page, or for a hosted advert the description of its form",
        examples=["https://jobs.example/v1/jobs/9f0c…/form"],
    )
    distance_metres: int | None = Field(
        default=None, description="With `near`: a straight line between the middles of the two outward codes"
    )
    highlight: Highlight | None = Field(default=None, description="With `q`")

    @model_validator(mode="after")
    def leads_to_the_form(self) -> Self:
        self.apply_url = self.apply_url or form_url(self.id)
        return self


class JobRead(JobSummary):
    scp_min: int | None
    scp_max: int | None
    office_days_per_week: int | None
    postcode: str | None
    directorate: str | None
    description: str
    starts_on: date | None
    essential: list[JobCriterion]
    desirable: list[str] = Field(description="Labels of the skills that count beside the essential criteria")
    apply_method: str = Field(
        description="hosted: POST the application here, as the form at apply_url says; url: apply at apply_url"
    )
    flags: JobFlags = Field(description="What a candidate must know of the post before applying")
    page_url: str = Field(description="The advert as a page", examples=["https://jobs.example/jobs/9f0c…"])
    job_posting: dict[str, Any] = Field(
        description="schema.org JobPosting, as the page carries it for search engines",
        examples=[{"@type": "JobPosting", "title": "Housing officer"}],
    )


class EndedJobRead(BaseModel):
    """A tombstone: take the advert out of your index."""

    model_config = ConfigDict(from_attributes=True)

    id: UUID
    reference: str
    ended_at: datetime


class JobPage(BaseModel):
    items: list[JobSummary]
    next_cursor: str | None = Field(default=None, description="Pass as `cursor` for the next page; null on the last")
    searched_for: str | None = Field(
        default=None,
        description="With `q`: the words that were searched for, where those asked for are in no advert and others are"
        " spelt alike",
        examples=["housing officer"],
    )
    ended: list[EndedJobRead] | None = Field(default=None, description="With `updated_since`: adverts that are over")
    next_updated_since: datetime | None = Field(
        default=None,
        description="With `updated_since`, on the last page: send it as `updated_since` next time. It overlaps with"
        " what you have by two minutes, so that nothing is missed that was stored late",
    )


class FacetValue(BaseModel):
    value: str
    label: str
    jobs: int


class JobFacets(BaseModel):
    """How many adverts there are for each value of a filter, all other filters kept."""

    total: int
    employer: list[FacetValue]
    family: list[FacetValue]
    contract: list[FacetValue]
    working_pattern: list[FacetValue]
    workplace: list[FacetValue]


class Suggestion(BaseModel):
    kind: str = Field(description="title, employer or place", examples=["title"])
    text: str = Field(examples=["Housing officer"])
    jobs: int | None = Field(description="Adverts of that title or employer; null for a place")


class Suggestions(BaseModel):
    items: list[Suggestion]


class JobCriteria(BaseModel):
    """What is looked for. A filter that may be repeated is met by any of its values; an unknown one is refused."""

    model_config = ConfigDict(extra="forbid")

    q: str | None = Field(
        default=None, max_length=200, description='Words, "quoted phrases", -without', examples=["housing"]
    )
    employer: list[Code] = Field(default_factory=list, max_length=60, description="Codes of employers")
    family: list[Code] = Field(default_factory=list, max_length=30)
    contract: list[ContractKind] = Field(default_factory=list)
    working_pattern: list[WorkingPattern] = Field(default_factory=list, max_length=10)
    workplace: list[Workplace] = Field(default_factory=list, description="remote, hybrid or office")
    hours_from: Hours | None = Field(default=None, description="Hours a week, at least")
    hours_to: Hours | None = Field(default=None, description="Hours a week, at most")
    salary_from_pence: Pence | None = Field(
        default=None, description="Full-time pay a year: the top of the range reaches this"
    )
    salary_to_pence: Pence | None = Field(
        default=None, description="Full-time pay a year: the bottom of the range is not above this"
    )
    scp_from: Point | None = Field(default=None, description="NJC point: the top of the range reaches this")
    scp_to: Point | None = Field(default=None, description="NJC point: the bottom of the range is not above this")
    outcode: str | None = Field(
        default=None, max_length=4, description="As in `GET /v1/jobs`: outward half of a postcode", examples=["B69"]
    )
    near: str | None = Field(
        default=None, max_length=60, description="A postcode, an outward code or a town", examples=["Walsall", "B69"]
    )
    within_miles: int = Field(default=15, ge=1, le=200, description="With `near`: in a straight line")
    closing_before: datetime | None = None
    closing_within_days: int | None = Field(default=None, ge=1, le=90, description="Closing soon: in so many days")

    @model_validator(mode="after")
    def _are_in_the_lists(self) -> Self:
        """What nothing can fit is refused: an empty list would say that there are no jobs."""
        if unknown := [family for family in self.family if family not in families()]:
            raise wrong_field("family", "not_in_the_list", f"not a job family: {', '.join(unknown)}")
        if self.outcode is not None and self.outcode.upper() not in outcodes():
            raise wrong_field("outcode", "not_in_the_list", "not the outward half of a postcode of the region's")
        return self


class JobFilter(JobCriteria, PagedFilter):
    sort: JobSort | None = None
    updated_since: datetime | None = Field(
        default=None,
        description="For a board that keeps its own index: everything that changed at or after this instant, the"
        " oldest change first, with tombstones in `ended`. Takes no other filter",
    )

    @model_validator(mode="after")
    def fits_together(self) -> Self:
        if self.sort is JobSort.DISTANCE and self.near is None:
            raise wrong_field("near", "missing", "sort=distance needs `near`")
        if self.sort is JobSort.RELEVANCE and self.q is None:
            raise wrong_field("q", "missing", "sort=relevance needs `q`")
        if self.updated_since is not None and self.model_fields_set - {"updated_since", "limit", "cursor"}:
            raise wrong_field(
                "updated_since",
                "takes_no_other_filter",
                "updated_since takes no other filter: an advert that no longer fits it would stay with you",
            )
        return self
