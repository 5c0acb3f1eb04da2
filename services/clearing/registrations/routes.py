from __future__ import annotations

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends, Query, Request, Response

from services.clearing.audit.actors import Actor
from services.clearing.audit.commands import note_reads
from services.clearing.audit.models import Subject
from services.clearing.registrations import commands, queries, submission, verification
from services.clearing.registrations.callers import (
    SIGN_IN_LINKS_PER_MINUTE,
    Hr,
    Reader,
    ReaderOrPerson,
    Writer,
    WriterOrPerson,
)
from services.clearing.registrations.models import Registration
from services.clearing.registrations.queries import RegistrationFilter
from services.clearing.registrations.schemas import (
    Decision,
    LinkSent,
    RegistrationChange,
    RegistrationCreate,
    RegistrationRead,
    RegistrationSummary,
    SignInRequest,
    Verification,
    read_registration,
)
from services.clearing.registrations.states import RegistrationSource
from shared.app import Now, RegionSessionDep, SessionDep
from shared.auth import allow_anyone
from shared.etag import IfMatch, etag_of, refuse_stale
from shared.idempotency import IdempotentRoute
from shared.pagination import Page, PageQuery
from shared.principals import Principal
from shared.problems import problems
from shared.sealing import person_key

router = APIRouter(prefix="/v1", tags=["registrations"], route_class=IdempotentRoute)


async def refuse_stale_registration(registration_id: UUID, session: SessionDep, expected: IfMatch) -> None:
    """`If-Match` on a verb: 412 where somebody has changed the registration meanwhile."""
    if expected is not None:
        refuse_stale(expected, (await queries.get_registration(session, registration_id, lock=True)).version)


FRESH = [Depends(refuse_stale_registration)]


def answer(registration: Registration, response: Response, caller: Principal) -> RegistrationRead:
    response.headers["ETag"] = etag_of(registration.version)
    return read_registration(registration, for_person=caller.subject_id is not None)


@router.post(
    "/registrations",
    summary="Register a displaced employee of one's own council, as a draft",
    status_code=201,
    response_model=RegistrationRead,
    responses=problems(404, 409),
)
async def create_registration(
    facts: RegistrationCreate,
    session: SessionDep,
    caller: Writer,
    now: Now,
    response: Response,
) -> RegistrationRead:
    registration = await commands.create_registration(
        session, facts, by=Actor.of(caller), source=RegistrationSource.HR, now=now
    )
    response.headers["Location"] = f"/v1/registrations/{registration.id}"
    return answer(registration, response, caller)


@router.get(
    "/registrations",
    summary="List registrations, newest first",
    response_model=Page[RegistrationSummary],
    responses=problems(400),
)
async def list_registrations(
    session: SessionDep, caller: Reader, page: PageQuery, wanted: Annotated[RegistrationFilter, Query()], now: Now
) -> dict[str, object]:
    found, cursor = await queries.search_registrations(session, wanted, page, caller)
    await note_reads(session, Subject.REGISTRATION, found, caller, now=now)
    return {"items": found, "next_cursor": cursor}


@router.get(
    "/registrations/{registration_id}",
    summary="Read a registration: the home council, or the person it is about",
    response_model=RegistrationRead,
    responses=problems(404),
)
async def get_registration(
    registration_id: UUID, session: SessionDep, caller: ReaderOrPerson, now: Now, response: Response
) -> RegistrationRead:
    registration = await queries.get_registration_for(session, registration_id, caller)
    await note_reads(session, Subject.REGISTRATION, [registration], caller, now=now)
    return answer(registration, response, caller)


@router.patch(
    "/registrations/{registration_id}",
    summary="Change what a person wishes and has said; once live, they are matched anew",
    response_model=RegistrationRead,
    responses=problems(404, 409, 412),
)
async def change_registration(
    registration_id: UUID,
    changes: RegistrationChange,
    session: SessionDep,
    caller: WriterOrPerson,
    now: Now,
    response: Response,
    expected: IfMatch,
) -> RegistrationRead:
    registration = await commands.change_registration(
        session, registration_id, changes, expected_version=expected, by=Actor.of(caller), now=now
    )
    return answer(registration, response, caller)


@router.post(
    "/registrations/{registration_id}/submit",
    summary="Ask the home council's HR to verify it",
    response_model=RegistrationRead,
    responses=problems(404, 409, 412),
    dependencies=FRESH,
)
async def submit_registration(
    registration_id: UUID, session: SessionDep, caller: WriterOrPerson, now: Now, response: Response
) -> RegistrationRead:
    registration = await submission.submit_registration(session, registration_id, by=Actor.of(caller), now=now)
    return answer(registration, response, caller)


@router.post(
    "/registrations/{registration_id}/tell-person",
    summary="Record that the council has told the person: from now on they are written to",
    response_model=RegistrationRead,
    responses=problems(404, 412),
    dependencies=FRESH,
)
async def tell_person(
    registration_id: UUID, session: SessionDep, caller: Writer, now: Now, response: Response
) -> RegistrationRead:
    return answer(await commands.tell_person(session, registration_id, now=now), response, caller)


@router.post(
    "/registrations/{registration_id}/verify",
    summary="Verify it: a named member of the home council's HR, who sets the tier from the evidence",
    response_model=RegistrationRead,
    responses=problems(404, 409, 412),
    dependencies=FRESH,
)
async def verify_registration(
    registration_id: UUID, found: Verification, session: SessionDep, caller: Hr, now: Now, response: Response
) -> RegistrationRead:
    registration = await verification.verify_registration(session, registration_id, found, by=Actor.of(caller), now=now)
    return answer(registration, response, caller)


@router.post(
    "/registrations/{registration_id}/return",
    summary="Return it to whoever submitted it, with what is missing",
    response_model=RegistrationRead,
    responses=problems(404, 409, 412),
    dependencies=FRESH,
)
async def return_registration(
    registration_id: UUID, decision: Decision, session: SessionDep, caller: Hr, now: Now, response: Response
) -> RegistrationRead:
    registration = await verification.return_registration(
        session, registration_id, decision.reason, by=Actor.of(caller), now=now
    )
    return answer(registration, response, caller)


@router.post(
    "/registrations/{registration_id}/reject",
    summary="Reject it, with a reason",
    response_model=RegistrationRead,
    responses=problems(404, 409, 412),
    dependencies=FRESH,
)
async def reject_registration(
    registration_id: UUID, decision: Decision, session: SessionDep, caller: Hr, now: Now, response: Response
) -> RegistrationRead:
    registration = await verification.reject_registration(
        session, registration_id, decision.reason, by=Actor.of(caller), now=now
    )
    return answer(registration, response, caller)


@router.post(
    "/registrations/{registration_id}/suspend",
    summary="Suspend it, with a reason",
    response_model=RegistrationRead,
    responses=problems(404, 409, 412),
    dependencies=FRESH,
)
async def suspend_registration(
    registration_id: UUID, decision: Decision, session: SessionDep, caller: Hr, now: Now, response: Response
) -> RegistrationRead:
    registration = await commands.suspend_registration(
        session, registration_id, decision.reason, by=Actor.of(caller), now=now
    )
    return answer(registration, response, caller)


@router.post(
    "/registrations/{registration_id}/resume",
    summary="End a suspension",
    response_model=RegistrationRead,
    responses=problems(404, 409, 412),
    dependencies=FRESH,
)
async def resume_registration(
    registration_id: UUID, session: SessionDep, caller: Hr, now: Now, response: Response
) -> RegistrationRead:
    registration = await commands.resume_registration(session, registration_id, by=Actor.of(caller), now=now)
    return answer(registration, response, caller)


@router.post(
    "/registrations/{registration_id}/sign-in-link",
    summary="Mail the person a link to their own pages",
    status_code=202,
    response_model=LinkSent,
    responses=problems(404, 409),
)
async def send_sign_in_link(registration_id: UUID, session: SessionDep, _: Writer, now: Now) -> LinkSent:
    registration = await queries.get_registration(session, registration_id)
    await commands.send_sign_in_link(session, registration, now=now)
    return LinkSent()


@router.post(
    "/sign-in-links",
    summary="Ask for a link to one's own pages: the same answer whether or not anybody is known",
    status_code=202,
    response_model=LinkSent,
    responses=problems(),
    dependencies=[allow_anyone()],
)
async def request_sign_in_link(
    wanted: SignInRequest, request: Request, session: RegionSessionDep, now: Now
) -> LinkSent:
    # Counted for the address asked about, so that nobody can be flooded; the key holds no address.
    key = f"sign-in-link:{person_key(wanted.email)}"
    allowance = await request.state.limiter.take(SIGN_IN_LINKS_PER_MINUTE, key, fail_closed=True)
    if allowance.allowed:
        await commands.send_sign_in_links(session, wanted.email, now=now)
    return LinkSent()
