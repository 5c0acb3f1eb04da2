from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Depends, Query, Response

from services.ats.equality import commands
from services.ats.equality.naming import name_of
from services.ats.equality.questions import CONSENT, CONSENT_VERSION, QUESTIONS, answers_schema
from services.ats.equality.report import as_sheet, equality_report
from services.ats.equality.schemas import (
    EqualityAnswersWrite,
    EqualityFilter,
    EqualityOption,
    EqualityQuestion,
    EqualityQuestions,
    EqualityReport,
    OwnEqualityAnswers,
)
from shared.app import Now, SessionDep
from shared.auth import Principal, allow, allow_anyone, allow_link
from shared.calendar import local_date
from shared.intake import CSV_TYPE
from shared.problems import problems
from shared.vocabulary import Scope

router = APIRouter(prefix="/v1", tags=["equality"])
Candidate = Annotated[Principal, Depends(allow_link("candidate"))]
Analyst = Annotated[Principal, Depends(allow(Scope.EQUALITY_READ))]
OWN = "/my-application/equality-answers"
CSV_ANSWER: dict[int | str, dict[str, Any]] = {200: {"content": {CSV_TYPE: {"schema": {"type": "string"}}}}}


@router.get(
    "/equality-questions",
    summary="What is asked for equality monitoring, in words and as JSON Schema",
    response_model=EqualityQuestions,
    dependencies=[allow_anyone()],
)
async def read_equality_questions() -> EqualityQuestions:
    questions = [
        EqualityQuestion(
            id=each.id,
            title=each.title,
            text=each.text,
            options=[EqualityOption(code=option.code, label=option.label) for option in each.options],
        )
        for each in QUESTIONS.values()
    ]
    return EqualityQuestions(
        consent_version=CONSENT_VERSION, consent=CONSENT, questions=questions, answers_schema=answers_schema()
    )


@router.get(
    OWN,
    summary="Whether a candidate has answered for equality monitoring",
    response_model=OwnEqualityAnswers,
    responses=problems(404),
)
async def get_own_equality_answers(session: SessionDep, caller: Candidate, now: Now) -> OwnEqualityAnswers:
    return await commands.own_answers(session, caller, today=local_date(now))


@router.put(
    OWN,
    summary="Answer for equality monitoring, with consent; again to replace",
    description="Kept apart from the application, and shown to nobody. Nothing records who answered.",
    status_code=204,
    responses=problems(404, 409),
)
async def put_own_equality_answers(
    wanted: EqualityAnswersWrite, session: SessionDep, caller: Candidate, now: Now
) -> None:
    await commands.keep_answers(session, caller, wanted, today=local_date(now))


@router.delete(
    OWN,
    summary="Take back the consent to equality monitoring, and the answers",
    status_code=204,
    responses=problems(404, 409),
)
async def delete_own_equality_answers(session: SessionDep, caller: Candidate, now: Now) -> None:
    await commands.take_answers_back(session, caller, today=local_date(now))


@router.get(
    "/reports/equality",
    summary="Stage funnel and fairness ratios by protected characteristic, frozen by the quarter and by the year",
    response_model=EqualityReport,
    responses=problems(404),
)
async def get_equality_report(
    session: SessionDep, _caller: Analyst, wanted: Annotated[EqualityFilter, Query()]
) -> EqualityReport:
    return await equality_report(session, wanted)


@router.get(
    "/reports/equality.csv",
    summary="The same figures as CSV",
    response_class=Response,
    responses={**problems(404), **CSV_ANSWER},
)
async def get_equality_sheet(
    session: SessionDep, _caller: Analyst, wanted: Annotated[EqualityFilter, Query()]
) -> Response:
    report = await equality_report(session, wanted)
    disposition = f'attachment; filename="equality-{report.period}.csv"'
    return Response(
        as_sheet(report, await name_of(session, report)),
        media_type=CSV_TYPE,
        headers={"Content-Disposition": disposition},
    )
