"""A candidate's own page of questions, and the figures for who may see them."""

from __future__ import annotations

import asyncio
from typing import Annotated, Literal

from fastapi import APIRouter, Depends, Query, Request, Response
from fastapi.responses import RedirectResponse
from pydantic import ValidationError
from sqlalchemy.ext.asyncio import AsyncSession

from services.ats.equality import commands, queries
from services.ats.equality.chart import LABELS, funnel_png, funnel_svg, shares
from services.ats.equality.naming import REGION_NAME, name_of
from services.ats.equality.questions import CONSENT, CONSENT_VERSION, QUESTIONS
from services.ats.equality.report import equality_report
from services.ats.equality.schemas import CharacteristicFigures, EqualityAnswersWrite, EqualityFilter, EqualityReport
from shared.app import Now, SessionDep
from shared.auth import Principal, allow, allow_link
from shared.calendar import local_date
from shared.pages import FormError, render
from shared.reference.occupations import families
from shared.registry import list_employers
from shared.vocabulary import Scope

OWN = "/my-application/equality"
router = APIRouter(include_in_schema=False)
Candidate = Annotated[Principal, Depends(allow_link("candidate"))]
Analyst = Annotated[Principal, Depends(allow(Scope.EQUALITY_READ))]
FAMILY = "family:"
About = Annotated[str, Query(max_length=70)]
QuarterName = Annotated[str, Query(max_length=7)]
Characteristic = Annotated[str, Query(max_length=40)]


@router.get(OWN)
async def own_equality_page(request: Request, session: SessionDep, caller: Candidate, now: Now) -> Response:
    own = await commands.own_answers(session, caller, today=local_date(now))
    return _questions(request, own=own)


@router.post(OWN)
async def answer_on_page(request: Request, session: SessionDep, caller: Candidate, now: Now) -> Response:
    form = await request.form()
    answers = {each: str(form.get(each, "")) for each in QUESTIONS}
    errors = [
        FormError(each.id, f"{each.title}: choose an answer, or that you prefer not to say")
        for each in QUESTIONS.values()
        if answers[each.id] not in {option.code for option in each.options}
    ]
    if form.get("consent") != CONSENT_VERSION:
        errors.append(FormError("consent", "Agree to how your answers are kept, or leave this page"))
    own = await commands.own_answers(session, caller, today=local_date(now))
    if errors:
        return _questions(request, own=own, errors=errors, typed=answers, status_code=422)
    wanted = EqualityAnswersWrite(consent_version=CONSENT_VERSION, answers=answers)
    await commands.keep_answers(session, caller, wanted, today=local_date(now))
    return RedirectResponse(OWN, status_code=303)


@router.post(f"{OWN}/take-back")
async def take_back_on_page(session: SessionDep, caller: Candidate, now: Now) -> Response:
    await commands.take_answers_back(session, caller, today=local_date(now))
    return RedirectResponse(OWN, status_code=303)


def _questions(request: Request, *, status_code: int = 200, **context: object) -> Response:
    shown = {"errors": (), "typed": {}} | context
    return render(
        request,
        "equality/own.html",
        status_code=status_code,
        questions=QUESTIONS.values(),
        consent=CONSENT,
        consent_version=CONSENT_VERSION,
        back_href="/my-application",
        **shown,
    )


@router.get("/equality")
async def equality_page(
    request: Request,
    session: SessionDep,
    caller: Analyst,
    quarter: QuarterName = "",
    about: About = "",
    characteristic: Characteristic = "",
) -> Response:
    employers = await list_employers(session, None if caller.is_region else caller.employer_ids)
    figures, report = None, None
    try:
        report = await _report(session, quarter, about)
        figures = _chosen(report, characteristic)
    except queries.FiguresNotReleased:
        pass
    return render(
        request,
        "equality/figures.html",
        report=report,
        figures=figures,
        has_shares=figures is not None and bool(shares(figures)),
        title=None if report is None or figures is None else await _title(session, report, figures),
        stages=LABELS,
        quarters=await queries.released_quarters(session),
        quarter=quarter,
        abouts=[("", REGION_NAME)]
        + [(each.code, each.title) for each in employers]
        + [(f"{FAMILY}{each.family}", f"{each.label}, all employers") for each in families().values()],
        about=about,
        characteristics=[(each.id, each.title) for each in QUESTIONS.values()],
        chosen=None if figures is None else figures.id,
    )


@router.get("/equality/chart/{kind}")
async def equality_chart(
    kind: Literal["svg", "png"],
    session: SessionDep,
    _caller: Analyst,
    quarter: QuarterName = "",
    about: About = "",
    characteristic: Characteristic = "",
) -> Response:
    report = await _report(session, quarter, about)
    figures = _chosen(report, characteristic)
    title = await _title(session, report, figures)
    drawn: str | bytes
    if kind == "svg":
        drawn, media_type = await asyncio.to_thread(funnel_svg, figures, title), "image/svg+xml"
    else:
        drawn, media_type = await asyncio.to_thread(funnel_png, figures, title), "image/png"
    name = f'inline; filename="equality-{figures.id}-{report.quarter}.{kind}"'
    return Response(drawn, media_type=media_type, headers={"Content-Disposition": name, "Cache-Control": "no-store"})


async def _report(session: AsyncSession, quarter: str, about: str) -> EqualityReport:
    """Raises FiguresNotReleased, also for what is no quarter and no cut of ours."""
    family = about.removeprefix(FAMILY) if about.startswith(FAMILY) else None
    try:
        wanted = EqualityFilter(quarter=quarter or None, employer=(family is None and about) or None, family=family)
    except ValidationError:
        raise queries.FiguresNotReleased from None
    return await equality_report(session, wanted)


def _chosen(report: EqualityReport, characteristic: str) -> CharacteristicFigures:
    found = [each for each in report.characteristics if each.id == characteristic]
    return found[0] if found else report.characteristics[0]


async def _title(session: AsyncSession, report: EqualityReport, figures: CharacteristicFigures) -> str:
    return f"{figures.title}: who applied in {report.quarter} and how far they came. {await name_of(session, report)}"
