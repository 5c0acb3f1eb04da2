"""Stories on pages for the staff who write them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Depends, Form, Request, Response
from fastapi.responses import RedirectResponse
from pydantic import BaseModel, ConfigDict, Field, ValidationError
from sqlalchemy.ext.asyncio import AsyncSession

from services.ats.case_studies import commands, queries, rules
from services.ats.case_studies.models import CaseStudy
from services.ats.case_studies.schemas import CaseStudyWrite
from shared.app import Now, SessionDep
from shared.auth import Principal, allow_staff
from shared.errors import Invalid
from shared.pages import Crumb, FormError, ask_first, render
from shared.reference.occupations import families
from shared.registry import list_employers
from shared.vocabulary import Role

router = APIRouter(prefix="/case-studies", include_in_schema=False)
Editor = Annotated[Principal, Depends(allow_staff(Role.COUNCIL_ADMIN, Role.WME_ADMIN))]
LIST = "/case-studies"
CONSENT = "consent_given_on"
WORDS = {
    "title": "Enter a title, of at most 120 letters",
    "summary": "Enter a summary, of at most 300 letters",
    "story": "Write the story",
    "person_job_title": "Enter the person's job title",
    "position": "Enter a whole number from 1 to 1,000",
    CONSENT: "Enter the day on which the person agreed",
    "employer": "Choose an employer of yours",
}


class StoryForm(BaseModel):
    """The fields as they were typed."""

    model_config = ConfigDict(validate_by_name=True)

    employer: str = Field(default="", max_length=10)
    title: str = Field(default="", max_length=1000)
    summary: str = Field(default="", max_length=2000)
    story: str = Field(default="", max_length=100_000)
    person_job_title: str = Field(default="", max_length=1000)
    family: str = Field(default="", max_length=60)
    position: str = Field(default="1", max_length=10)
    day: str = Field(default="", max_length=10, alias=f"{CONSENT}-day")
    month: str = Field(default="", max_length=10, alias=f"{CONSENT}-month")
    year: str = Field(default="", max_length=10, alias=f"{CONSENT}-year")

    def read(self) -> CaseStudyWrite:
        """Raises ValidationError."""
        told = self.model_dump(include={"title", "summary", "story", "person_job_title", "position"})
        day = f"{self.year}-{self.month:0>2}-{self.day:0>2}"
        return CaseStudyWrite.model_validate(told | {"family": self.family or None, CONSENT: day})

    @classmethod
    def of(cls, study: CaseStudy) -> StoryForm:
        given = study.consent_given_on
        names = ("title", "summary", "story", "person_job_title")
        return cls(
            **{name: getattr(study, name) for name in names},
            family=study.family or "",
            position=str(study.position),
            day=str(given.day),
            month=str(given.month),
            year=str(given.year),
        )


@router.get("")
async def case_studies_page(request: Request, session: SessionDep, caller: Editor) -> Response:
    titles = {each.id: each.title for each in await list_employers(session)}
    studies = await queries.list_own(session, None if caller.is_region else caller.employer_ids)
    return render(request, "case_studies/list.html", studies=studies, titles=titles)


@router.get("/new")
async def new_case_study_page(request: Request, session: SessionDep, caller: Editor) -> Response:
    return render(request, "case_studies/form.html", **await _choices(session, caller), **_shown(StoryForm()))


@router.post("/new")
async def write_on_page(
    request: Request, session: SessionDep, caller: Editor, now: Now, sent: Annotated[StoryForm, Form()]
) -> Response:
    choices = await _choices(session, caller)
    offered: dict[str, UUID] = choices["ids"]
    errors = [] if sent.employer in offered else [FormError("employer", WORDS["employer"])]
    try:
        wanted = sent.read()
        if not errors:
            study = await commands.write_case_study(session, offered[sent.employer], wanted, caller=caller, now=now)
            return RedirectResponse(f"{LIST}/{study.id}", status_code=303)
    except (ValidationError, Invalid) as refusal:
        errors += _errors(refusal)
    return render(request, "case_studies/form.html", status_code=422, **choices, **_shown(sent, errors))


@router.get("/{case_study_id}")
async def case_study_page(case_study_id: UUID, request: Request, session: SessionDep, caller: Editor) -> Response:
    study = await commands.get_own(session, case_study_id, caller)
    return render(request, "case_studies/form.html", **_of(study), **_shown(StoryForm.of(study)))


@router.post("/{case_study_id}")
async def change_on_page(
    case_study_id: UUID,
    request: Request,
    session: SessionDep,
    caller: Editor,
    now: Now,
    sent: Annotated[StoryForm, Form()],
) -> Response:
    study = await commands.get_own(session, case_study_id, caller)
    try:
        await commands.change_case_study(session, study.id, sent.read(), caller=caller, now=now)
    except (ValidationError, Invalid) as refusal:
        shown = _shown(sent, _errors(refusal))
        return render(request, "case_studies/form.html", status_code=422, **_of(study), **shown)
    return RedirectResponse(LIST, status_code=303)


@router.post("/{case_study_id}/publish")
async def publish_on_page(
    case_study_id: UUID, request: Request, session: SessionDep, caller: Editor, now: Now
) -> Response:
    try:
        await commands.publish_case_study(session, case_study_id, caller=caller, now=now)
    except rules.ConsentMissing as refusal:
        study = await commands.get_own(session, case_study_id, caller)
        shown = _shown(StoryForm.of(study), [FormError(CONSENT, f"{refusal.title}. {refusal.next_step}")])
        return render(request, "case_studies/form.html", status_code=409, **_of(study), **shown)
    return RedirectResponse(LIST, status_code=303)


@router.post("/{case_study_id}/unpublish")
async def unpublish_on_page(case_study_id: UUID, session: SessionDep, caller: Editor, now: Now) -> Response:
    await commands.unpublish_case_study(session, case_study_id, caller=caller, now=now)
    return RedirectResponse(LIST, status_code=303)


@router.get("/{case_study_id}/withdraw-consent")
async def ask_to_withdraw_consent(
    request: Request, case_study_id: UUID, session: SessionDep, caller: Editor
) -> Response:
    study = await commands.get_own(session, case_study_id, caller)
    return ask_first(
        request,
        "Are you sure that the person no longer agrees?",
        follows=f"The story “{study.title}” is shown no more. It can be published again only with a new consent.",
        button="The person no longer agrees",
        back_href=f"{LIST}/{study.id}",
    )


@router.post("/{case_study_id}/withdraw-consent")
async def withdraw_consent_on_page(case_study_id: UUID, session: SessionDep, caller: Editor, now: Now) -> Response:
    await commands.withdraw_consent(session, case_study_id, caller=caller, now=now)
    return RedirectResponse(LIST, status_code=303)


@router.get("/{case_study_id}/delete")
async def ask_to_delete(request: Request, case_study_id: UUID, session: SessionDep, caller: Editor) -> Response:
    study = await commands.get_own(session, case_study_id, caller)
    return ask_first(
        request,
        "Are you sure that you want to delete this story?",
        follows=f"The story “{study.title}” is gone. You cannot undo this.",
        button="Delete this story",
        back_href=f"{LIST}/{study.id}",
    )


@router.post("/{case_study_id}/delete")
async def delete_on_page(case_study_id: UUID, session: SessionDep, caller: Editor, now: Now) -> Response:
    await commands.delete_case_study(session, case_study_id, caller=caller, now=now)
    return RedirectResponse(LIST, status_code=303)


async def _choices(session: AsyncSession, caller: Principal) -> dict[str, Any]:
    """For a new story: the employers that the caller may write for."""
    found = await list_employers(session, None if caller.is_region else caller.employer_ids)
    listed = sorted(found, key=lambda each: each.title)
    items = [(each.code, each.title) for each in listed]
    return {"study": None, "employer_items": items, "ids": {each.code: each.id for each in listed}}


def _of(study: CaseStudy) -> dict[str, Any]:
    return {"study": study, "employer_items": [], "ids": {}, "may_publish": rules.has_consent(study)}


def _shown(typed: StoryForm, errors: Sequence[FormError] = ()) -> dict[str, Any]:
    return {
        "typed": typed,
        "consent": {"day": typed.day, "month": typed.month, "year": typed.year},
        "family_items": [(each.family, each.label) for each in families().values()],
        "errors": list(errors),
        "breadcrumbs": [Crumb("Case studies", LIST), Crumb("Story")],
    }


def _errors(refusal: ValidationError | Invalid) -> list[FormError]:
    """One line for each field."""
    if isinstance(refusal, Invalid):
        return [FormError(refusal.field or "title", f"{refusal.title}. {refusal.next_step}")]
    names = dict.fromkeys(str(each["loc"][0]) for each in refusal.errors())
    return [FormError(name, WORDS.get(name, "Check this")) for name in names]
