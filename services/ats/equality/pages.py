"""A candidate's own page of questions, and the figures for who may see them."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Annotated, Literal

from fastapi import APIRouter, Depends, Query, Request, Response
from fastapi.responses import RedirectResponse
from pydantic import ValidationError
from sqlalchemy.ext.asyncio import AsyncSession

from services.ats.equality import commands, queries
from services.ats.equality.chart import LABELS, funnel_png, funnel_svg, ratios, ratios_png, ratios_svg, shares
from services.ats.equality.naming import REGION_NAME, VERDICTS, finding_of, name_of, period_label
from services.ats.equality.questions import CONSENT, CONSENT_VERSION, QUESTIONS
from services.ats.equality.report import equality_report
from services.ats.equality.schemas import CharacteristicFigures, EqualityAnswersWrite, EqualityFilter, EqualityReport
from shared.app import Now, SessionDep
from shared.auth import Principal, allow, allow_link
from shared.calendar import local_date
from shared.pages import FormError, ask_first, render
from shared.reference.occupations import families
from shared.registry import list_employers
from shared.vocabulary import Scope

OWN = "/my-application/equality"
router = APIRouter(include_in_schema=False)
Candidate = Annotated[Principal, Depends(allow_link("candidate"))]
Analyst = Annotated[Principal, Depends(allow(Scope.EQUALITY_READ))]
FAMILY = "family:"
About = Annotated[str, Query(max_length=70)]
PeriodName = Annotated[str, Query(max_length=7)]
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


@router.get(f"{OWN}/take-back")
async def ask_to_take_back(request: Request, session: SessionDep, caller: Candidate, now: Now) -> Response:
    await commands.own_answers(session, caller, today=local_date(now))
    return ask_first(
        request,
        "Are you sure that you want to take your answers back?",
        follows="We delete them, and they count in no figures. You can answer again later.",
        button="Take my answers back",
        back_href=OWN,
    )


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
    period: PeriodName = "",
    about: About = "",
    characteristic: Characteristic = "",
) -> Response:
    employers = await list_employers(session, None if caller.is_region else caller.employer_ids)
    figures, report = None, None
    try:
        report = await _report(session, period, about)
        figures = _chosen(report, characteristic)
    except queries.FiguresNotReleased:
        pass
    return render(
        request,
        "equality/figures.html",
        report=report,
        figures=figures,
        has_shares=figures is not None and bool(shares(figures)),
        has_ratios=figures is not None and bool(ratios(figures)),
        finding=None if figures is None else finding_of(figures),
        verdicts=VERDICTS,
        title=None if report is None or figures is None else await _title(session, report, figures),
        stages=LABELS,
        periods=[(each, period_label(each)) for each in await queries.released_periods(session)],
        period=period,
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
    period: PeriodName = "",
    about: About = "",
    characteristic: Characteristic = "",
) -> Response:
    report = await _report(session, period, about)
    figures = _chosen(report, characteristic)
    title = await _title(session, report, figures)
    return await _drawn(kind, funnel_svg, funnel_png, figures, title, f"equality-{figures.id}-{report.period}")


@router.get("/equality/ratios/{kind}")
async def equality_ratios(
    kind: Literal["svg", "png"],
    session: SessionDep,
    _caller: Analyst,
    period: PeriodName = "",
    about: About = "",
    characteristic: Characteristic = "",
) -> Response:
    report = await _report(session, period, about)
    figures = _chosen(report, characteristic)
    title = f"{finding_of(figures)} {await _title(session, report, figures)}"
    return await _drawn(kind, ratios_svg, ratios_png, figures, title, f"equality-ratios-{figures.id}-{report.period}")


async def _drawn(
    kind: Literal["svg", "png"],
    as_svg: Callable[[CharacteristicFigures, str], str],
    as_png: Callable[[CharacteristicFigures, str], bytes],
    figures: CharacteristicFigures,
    title: str,
    name: str,
) -> Response:
    drawn: str | bytes
    if kind == "svg":
        drawn, media_type = await asyncio.to_thread(as_svg, figures, title), "image/svg+xml"
    else:
        drawn, media_type = await asyncio.to_thread(as_png, figures, title), "image/png"
    disposition = f'inline; filename="{name}.{kind}"'
    headers = {"Content-Disposition": disposition, "Cache-Control": "no-store"}
    return Response(drawn, media_type=media_type, headers=headers)


async def _report(session: AsyncSession, period: str, about: str) -> EqualityReport:
    """Raises FiguresNotReleased, also for what is no quarter and no cut of ours."""
    family = about.removeprefix(FAMILY) if about.startswith(FAMILY) else None
    try:
        wanted = EqualityFilter(period=period or None, employer=(family is None and about) or None, family=family)
    except ValidationError:
        raise queries.FiguresNotReleased from None
    return await equality_report(session, wanted)


def _chosen(report: EqualityReport, characteristic: str) -> CharacteristicFigures:
    found = [each for each in report.characteristics if each.id == characteristic]
    return found[0] if found else report.characteristics[0]


async def _title(session: AsyncSession, report: EqualityReport, figures: CharacteristicFigures) -> str:
    when = period_label(report.period)
    return f"{figures.title}: who applied in {when} and how far they came. {await name_of(session, report)}"
