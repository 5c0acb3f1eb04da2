"""The pages of a panel: what waits, who sits on it, and one candidate without a name to be scored."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Form, Request, Response
from fastapi.responses import RedirectResponse
from pydantic import ValidationError
from sqlalchemy.ext.asyncio import AsyncSession
from starlette.datastructures import FormData

from services.ats.applications.permitted import MANAGERS, PANEL
from services.ats.applications.states import LABELS
from services.ats.audit.actor import Actor
from services.ats.panels import commands, queries, rules
from services.ats.panels.callers import Manager, Member, Reader
from services.ats.panels.presenting import present_candidate, present_panel
from services.ats.panels.schemas import DeclarationWrite, ModerationWrite, PanelWrite, ScoreWrite, SheetRead
from services.ats.panels.seats import Seat, take_seat
from services.ats.panels.waiting import seats_with_work
from shared.app import Now, SessionDep
from shared.auth import Principal
from shared.errors import DomainError
from shared.pages import Crumb, FormError, render
from shared.registry import staff_with_role
from shared.vocabulary import Role

PATH = "/panels"
router = APIRouter(prefix=PATH, include_in_schema=False)
SCALE = [("0", "0, not shown"), ("1", "1, little"), ("2", "2, enough"), ("3", "3, well"), ("4", "4, very well")]


@router.get("")
async def panels_page(request: Request, session: SessionDep, caller: Reader) -> Response:
    return render(request, "panels/list.html", seats=await seats_with_work(session, caller))


@router.get("/{vacancy_id}")
async def panel_page(request: Request, vacancy_id: UUID, session: SessionDep, caller: Reader) -> Response:
    return await _panel(request, session, await take_seat(session, vacancy_id, caller), caller)


@router.post("/{vacancy_id}/declare")
async def declare_on_page(
    request: Request,
    vacancy_id: UUID,
    session: SessionDep,
    caller: Member,
    now: Now,
    has_conflict: Annotated[str, Form(max_length=3)] = "",
    what: Annotated[str, Form(max_length=2000)] = "",
) -> Response:
    seat = await take_seat(session, vacancy_id, caller)
    about = [str(each) for each in (await request.form()).getlist("about")]
    errors = [
        FormError(field, words)
        for field, words, is_wrong in (
            ("has_conflict", "Say whether you have a conflict of interest", has_conflict not in {"yes", "no"}),
            ("what", "Say what the conflict is", has_conflict == "yes" and len(what.strip()) < 3),
        )
        if is_wrong
    ]
    if not errors:
        is_conflict = has_conflict == "yes"
        wanted = DeclarationWrite(
            has_conflict=is_conflict,
            what=what.strip() if is_conflict else None,
            application_ids=_ids(about) if is_conflict else [],
        )
        try:
            await commands.declare_interests(session, seat, wanted, now=now)
        except DomainError as refused:
            errors.append(_error("has_conflict", refused))
        else:
            return RedirectResponse(f"{PATH}/{vacancy_id}", status_code=303)
    typed = {"has_conflict": has_conflict, "what": what, "about": about}
    return await _panel(request, session, seat, caller, errors=errors, typed=typed)


@router.post("/{vacancy_id}/name")
async def name_panel_on_page(
    request: Request,
    vacancy_id: UUID,
    session: SessionDep,
    caller: Manager,
    now: Now,
    lead: Annotated[str, Form(max_length=40)] = "",
) -> Response:
    members = [str(each) for each in (await request.form()).getlist("members")]
    found = _ids([lead])
    errors = [] if found else [FormError("lead", "Choose who leads the panel")]
    if found:
        others = [each for each in _ids(members) if each != found[0]]
        try:
            await commands.name_panel(
                session,
                vacancy_id,
                PanelWrite(lead_id=found[0], member_ids=others),
                actor=Actor.of(caller),
                tenancy=caller.tenancy,
                now=now,
            )
        except (rules.PanelTooSmall, commands.PanelMemberUnknown) as refused:
            errors.append(_error("members", refused))
        else:
            return RedirectResponse(f"{PATH}/{vacancy_id}", status_code=303)
    seat = await take_seat(session, vacancy_id, caller)
    return await _panel(request, session, seat, caller, errors=errors, typed={"lead": lead, "members": members})


@router.get("/{vacancy_id}/applications/{application_id}")
async def candidate_page(
    request: Request, vacancy_id: UUID, application_id: UUID, session: SessionDep, caller: Reader
) -> Response:
    return await _candidate(request, session, await take_seat(session, vacancy_id, caller), application_id, caller)


@router.post("/{vacancy_id}/applications/{application_id}")
async def score_on_page(
    request: Request, vacancy_id: UUID, application_id: UUID, session: SessionDep, caller: Member, now: Now
) -> Response:
    """Saved or submitted. What was typed stays on the page when it is refused."""
    form = await request.form()
    seat = await take_seat(session, vacancy_id, caller)
    try:
        scores = _scores(form, rules.criteria_of(seat.vacancy))
        async with session.begin_nested():
            await commands.save_scores(session, seat, application_id, scores, now=now)
            if form.get("then") == "submit":
                await commands.submit_scores(session, seat, application_id, now=now)
    except ValidationError:
        errors = [FormError("note", "Keep each note under 2,000 characters")]
    except rules.ScoresMissing as refused:
        called = rules.called(seat.vacancy)
        errors = [FormError(f"score-{each}", f"Choose a score for {called[each]}") for each in refused.extra["missing"]]
    except DomainError as refused:
        errors = [_error("scores", refused)]
    else:
        where = f"{PATH}/{vacancy_id}" if form.get("then") == "submit" else request.url.path
        return RedirectResponse(where, status_code=303)
    return await _candidate(request, session, seat, application_id, caller, errors=errors, typed=form)


@router.post("/{vacancy_id}/applications/{application_id}/moderate")
async def moderate_on_page(
    request: Request,
    vacancy_id: UUID,
    application_id: UUID,
    session: SessionDep,
    caller: Member,
    now: Now,
    note: Annotated[str, Form(max_length=4000)] = "",
) -> Response:
    seat = await take_seat(session, vacancy_id, caller)
    try:
        wanted = ModerationWrite(note=note)
        await commands.moderate(session, seat, application_id, wanted.note, now=now)
    except ValidationError:
        errors = [FormError("note", "Say in at least 10 characters what the panel made of the scores")]
    except DomainError as refused:
        errors = [_error("note", refused)]
    else:
        return RedirectResponse(f"{PATH}/{vacancy_id}", status_code=303)
    typed = {"moderation": note}
    return await _candidate(request, session, seat, application_id, caller, errors=errors, typed=typed)


async def _panel(
    request: Request,
    session: AsyncSession,
    seat: Seat,
    caller: Principal,
    *,
    errors: Sequence[FormError] = (),
    typed: Mapping[str, object] | None = None,
) -> Response:
    panel = await present_panel(session, seat, caller.staff_id)
    employer_id = seat.vacancy.employer_id
    manages = any(each.role in MANAGERS and each.employer_id == employer_id for each in caller.grants)
    people = {
        each.id: each.name
        for role in (sorted(PANEL) if manages else ())
        for each in await staff_with_role(session, Role(role), employer_id)
    }
    current = [each for each in panel.members if not each.is_former]
    return render(
        request,
        "panels/panel.html",
        status_code=422 if errors else 200,
        panel=panel,
        own=next((each for each in current if each.staff_id == caller.staff_id), None),
        manages=manages and seat.vacancy.shortlist_confirmed_at is None,
        # Those of other councils are kept when the form is sent: they stand among the choices.
        people=sorted(({each.staff_id: each.name for each in current} | people).items(), key=lambda each: each[1]),
        lead=next((str(each.staff_id) for each in current if each.is_lead), ""),
        chosen=[str(each.staff_id) for each in current if not each.is_lead],
        labels=LABELS,
        errors=list(errors),
        typed=typed or {},
        breadcrumbs=[Crumb("Panels", PATH), Crumb(panel.reference)],
    )


async def _candidate(
    request: Request,
    session: AsyncSession,
    seat: Seat,
    application_id: UUID,
    caller: Principal,
    *,
    errors: Sequence[FormError] = (),
    typed: Mapping[str, object] | FormData | None = None,
) -> Response:
    vacancy = seat.vacancy
    panel = await queries.get_panel(session, vacancy.id)
    application = await queries.application_of_panel(session, vacancy.id, application_id)
    shown = present_candidate(application, vacancy, panel, caller.staff_id)
    read = await present_panel(session, seat, caller.staff_id)
    return render(
        request,
        "panels/candidate.html",
        status_code=422 if errors else 200,
        vacancy=vacancy,
        shown=shown,
        criteria=_criteria(read.criteria, shown.own_sheet, typed or {}),
        answers={each.criterion_id: each.answer for each in shown.answers},
        scale=SCALE,
        names={each.staff_id: each.name for each in read.members},
        called=rules.called(vacancy),
        may_moderate=bool(shown.needs_moderation) and seat.member is not None and seat.member.is_lead,
        moderation=(typed or {}).get("moderation", ""),
        errors=list(errors),
        breadcrumbs=[
            Crumb("Panels", PATH),
            Crumb(vacancy.reference, f"{PATH}/{vacancy.id}"),
            Crumb(shown.reference),
        ],
    )


def _criteria(
    texts: Mapping[str, str], sheet: SheetRead | None, typed: Mapping[str, object] | FormData
) -> list[dict[str, object]]:
    """What was typed stays, else what was saved."""
    saved = {} if sheet is None else {each.criterion_id: each for each in sheet.scores}
    return [
        {
            "id": name,
            "text": text,
            "score": typed.get(f"score-{name}", str(saved[name].score) if name in saved else ""),
            "note": typed.get(f"note-{name}", saved[name].note if name in saved else ""),
        }
        for name, text in texts.items()
    ]


def _scores(form: FormData, criteria: Mapping[str, str]) -> list[ScoreWrite]:
    """What was chosen; a criterion without a score is left out. Raises ValidationError."""
    chosen = {name: str(form.get(f"score-{name}", "")) for name in criteria}
    return [
        ScoreWrite(criterion_id=name, score=int(score), note=str(form.get(f"note-{name}", "")))
        for name, score in chosen.items()
        if score in {value for value, _ in SCALE}
    ]


def _ids(given: Sequence[str]) -> list[UUID]:
    """Those of the words that are ids: the form offers no others."""
    found = []
    for each in given:
        try:
            found.append(UUID(each))
        except ValueError:
            continue
    return found


def _error(field: str, refused: DomainError) -> FormError:
    return FormError(field, " ".join(each for each in (f"{refused.title}.", refused.next_step) if each))
