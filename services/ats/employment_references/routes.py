"""References by API: asking, following up, reading; the referee's form and the candidate's consent for front ends."""

from __future__ import annotations

from uuid import UUID

from fastapi import APIRouter, Response

from services.ats.audit.actor import Actor
from services.ats.employment_references import commands, giving, own, presenting
from services.ats.employment_references.callers import AnswerReader, Asker, Candidate, Onlooker, Referee
from services.ats.employment_references.models import ReferenceAnswers, ReferenceRequest
from services.ats.employment_references.schemas import (
    AnswersRead,
    GapExplained,
    OffServiceReference,
    OwnConsent,
    OwnReference,
    RefereeAddress,
    ReferenceAsk,
    ReferenceGiven,
    ReferenceRead,
    ReferenceReceipt,
    ReferencesRead,
)
from services.ats.vacancies.routes import MOVE_PROBLEMS
from shared.app import Now, SessionDep
from shared.auth import Principal
from shared.errors import Invalid
from shared.etag import IfMatch, etag_of
from shared.idempotency import IdempotentRoute
from shared.problems import problems

router = APIRouter(prefix="/v1", tags=["references"], route_class=IdempotentRoute)


class ReferenceNotWhole(Invalid):
    code = "reference_not_whole"
    title = "An answer is missing or cannot be read"


@router.get(
    "/applications/{application_id}/references",
    summary="Whom a candidate's references are asked of, and the times that nothing covers",
    response_model=ReferencesRead,
    responses=problems(404),
)
async def list_references(application_id: UUID, session: SessionDep, caller: Onlooker, now: Now) -> ReferencesRead:
    return await presenting.present_references(session, application_id, caller, now)


@router.post(
    "/applications/{application_id}/references",
    summary="Ask a referee about a candidate, or first the candidate where they want that",
    status_code=201,
    response_model=ReferenceRead,
    responses=problems(404, 409),
)
async def ask_for_reference(
    application_id: UUID, wanted: ReferenceAsk, session: SessionDep, caller: Asker, now: Now, response: Response
) -> ReferenceRead:
    made = await commands.ask_for_reference(session, application_id, wanted, actor=Actor.of(caller), now=now)
    return _answer(made, caller, response)


@router.post(
    "/applications/{application_id}/explain-gap",
    summary="Note what a candidate did in a time that no reference covers",
    response_model=ReferencesRead,
    responses=problems(404),
)
async def explain_gap(
    application_id: UUID, given: GapExplained, session: SessionDep, caller: Asker, now: Now
) -> ReferencesRead:
    await commands.explain_gap(session, application_id, given, actor=Actor.of(caller), now=now)
    return await presenting.present_references(session, application_id, caller, now)


@router.get(
    "/references/{reference_id}/answers",
    summary="Read what a referee said; that it was read is recorded",
    response_model=AnswersRead,
    responses=problems(403, 404),
)
async def read_reference_answers(
    reference_id: UUID, session: SessionDep, caller: AnswerReader, now: Now
) -> ReferenceAnswers:
    return await commands.read_answers_of(session, reference_id, caller=caller, now=now)


@router.post(
    "/references/{reference_id}/ask-again",
    summary="Send the referee a new link for twelve weeks",
    response_model=ReferenceRead,
    responses=MOVE_PROBLEMS,
)
async def ask_again(
    reference_id: UUID, session: SessionDep, caller: Asker, now: Now, expected: IfMatch, response: Response
) -> ReferenceRead:
    found = await commands.ask_again(session, reference_id, actor=Actor.of(caller), expected=expected, now=now)
    return _answer(found, caller, response)


@router.post(
    "/references/{reference_id}/change-address",
    summary="Write to another address; what went to the old one is void",
    response_model=ReferenceRead,
    responses=MOVE_PROBLEMS,
)
async def change_address(
    reference_id: UUID,
    wanted: RefereeAddress,
    session: SessionDep,
    caller: Asker,
    now: Now,
    expected: IfMatch,
    response: Response,
) -> ReferenceRead:
    found = await commands.change_address(
        session, reference_id, wanted, actor=Actor.of(caller), expected=expected, now=now
    )
    return _answer(found, caller, response)


@router.post(
    "/references/{reference_id}/withdraw",
    summary="Ask this referee no more",
    response_model=ReferenceRead,
    responses=MOVE_PROBLEMS,
)
async def withdraw_reference(
    reference_id: UUID, session: SessionDep, caller: Asker, now: Now, expected: IfMatch, response: Response
) -> ReferenceRead:
    found = await commands.withdraw_reference(session, reference_id, actor=Actor.of(caller), expected=expected, now=now)
    return _answer(found, caller, response)


@router.post(
    "/references/{reference_id}/record-off-service",
    summary="Record a reference that came by letter or telephone",
    response_model=ReferenceRead,
    responses=MOVE_PROBLEMS,
)
async def record_off_service(
    reference_id: UUID,
    given: OffServiceReference,
    session: SessionDep,
    caller: Asker,
    now: Now,
    expected: IfMatch,
    response: Response,
) -> ReferenceRead:
    found = await commands.record_off_service(
        session, reference_id, given, actor=Actor.of(caller), expected=expected, now=now
    )
    return _answer(found, caller, response)


@router.post(
    "/references/{reference_id}/complete",
    summary="Mark a reference complete: its time is covered",
    response_model=ReferenceRead,
    responses=MOVE_PROBLEMS,
)
async def complete_reference(
    reference_id: UUID, session: SessionDep, caller: Asker, now: Now, expected: IfMatch, response: Response
) -> ReferenceRead:
    found = await commands.complete_reference(session, reference_id, actor=Actor.of(caller), expected=expected, now=now)
    return _answer(found, caller, response)


@router.get(
    "/my/reference-consents",
    summary="The referees whom a candidate wants to be asked about first",
    response_model=list[OwnConsent],
    responses=problems(404),
)
async def list_own_consents(session: SessionDep, caller: Candidate) -> list[OwnConsent]:
    return await own.own_consents(session, caller)


@router.post(
    "/my/reference-consents/{reference_id}/agree",
    summary="Agree that a referee is written to",
    response_model=list[OwnConsent],
    responses=problems(404, 409),
)
async def agree_to_reference(reference_id: UUID, session: SessionDep, caller: Candidate, now: Now) -> list[OwnConsent]:
    await own.answer_own_consent(session, reference_id, caller, agrees=True, now=now)
    return await own.own_consents(session, caller)


@router.post(
    "/my/reference-consents/{reference_id}/refuse",
    summary="Do not let a referee be written to",
    response_model=list[OwnConsent],
    responses=problems(404, 409),
)
async def refuse_reference(reference_id: UUID, session: SessionDep, caller: Candidate, now: Now) -> list[OwnConsent]:
    await own.answer_own_consent(session, reference_id, caller, agrees=False, now=now)
    return await own.own_consents(session, caller)


@router.get(
    "/my/reference",
    summary="The form that a referee is asked to fill in, behind a signed link",
    response_model=OwnReference,
    responses=problems(404, 410),
)
async def get_own_reference(session: SessionDep, caller: Referee) -> OwnReference:
    return await giving.own_reference(session, caller)


@router.post(
    "/my/reference",
    summary="Give a reference: it is taken whole, and once",
    status_code=201,
    response_model=ReferenceReceipt,
    responses=problems(404, 410),
)
async def give_reference(given: ReferenceGiven, session: SessionDep, caller: Referee, now: Now) -> ReferenceRequest:
    reference, wrong = await giving.give_reference(session, given.answers, caller=caller, now=now)
    if wrong:
        raise ReferenceNotWhole(
            field=f"answers.{wrong[0].question}",
            next_step="Put these right and send it again: nothing was kept.",
            wrong={each.question: each.text for each in wrong},
        )
    return reference


def _answer(reference: ReferenceRequest, caller: Principal, response: Response) -> ReferenceRead:
    response.headers["ETag"] = etag_of(reference.version)
    return presenting.present_reference(reference, caller)
