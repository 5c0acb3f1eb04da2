"""Every stage, every action, every role, by HTTP: done exactly where the served table says, and nowhere else."""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from uuid import uuid4

import httpx
import pytest

from services.ats.applications.states import ApplicationAction, Stage
from services.ats.offers.lapsing import lapse_offers
from shared import sessions
from shared.csrf import csrf_token, session_cookie
from shared.links import issue_link, open_link
from shared.registry import StaffMember
from shared.vocabulary import Role, Scope, Service
from tests.factories.ats import Ats
from tests.factories.interviews import Interviews

CANDIDATE = "candidate"
A, S = ApplicationAction, Stage
# How an application gets from being invited to interview to each stage that comes after.
WAYS: dict[Stage, tuple[str, ...]] = {
    S.INTERVIEW: (),
    S.RESERVE_LISTED: ("reserve",),
    S.OFFERED: ("offer",),
    S.ACCEPTED: ("offer", "accept"),
    S.CLEARED: ("offer", "accept", "clear"),
    S.HIRED: ("offer", "accept", "clear", "hire"),
    S.DECLINED: ("offer", "decline"),
    S.OFFER_WITHDRAWN: ("offer", "withdraw_offer"),
    S.OFFER_LAPSED: ("offer", "lapse"),
    S.REJECTED: ("reject",),
    S.WITHDRAWN: ("withdraw",),
}


class Scene:
    """One application at a stage, with all that stands around it there."""

    def __init__(self, council: Ats, vacancy: dict[str, Any], person: StaffMember) -> None:
        self.council, self.vacancy, self.person = council, vacancy, person
        self.id, self.offer_id, self.booking_id = "", str(uuid4()), str(uuid4())
        self.interviews: list[Interviews] = []
        self.slots: list[dict[str, Any]] = []

    async def set_up_interviews(self) -> None:
        """Two rounds, of which whoever is at interview has booked the first."""
        for _ in range(2):
            rounds = await Interviews.of(self.council, self.vacancy)
            self.interviews.append(rounds)
            self.slots += await rounds.slots(capacity=50)

    def request(self, action: ApplicationAction) -> tuple[str, Any]:
        """The address and the body of an action, fit for it wherever it is legal."""
        own, offer = f"/v1/applications/{self.id}", f"/v1/offers/{self.offer_id}"
        interview = {"starts_at": (self.council.now + timedelta(days=9)).isoformat(), "place": "Council House"}
        start = {"starts_on": (self.council.now + timedelta(days=60)).date().isoformat()}
        return {
            A.SHORTLIST: (f"{own}/shortlist", None),
            A.INVITE_TO_INTERVIEW: (f"{own}/invite-to-interview", interview),
            A.RECORD_INTERVIEW: (f"{own}/record-interview", None),
            A.REJECT: (f"{own}/reject", {"reason_code": "right_to_work"}),
            A.WITHDRAW: (f"{own}/withdraw", None),
            A.MAKE_OFFER: (f"{own}/offers", self.council.terms()),
            A.ACCEPT_OFFER: (f"{offer}/accept", None),
            A.DECLINE_OFFER: (f"{offer}/decline", None),
            A.WITHDRAW_OFFER: (f"{offer}/withdraw", {"reason": "The funding was withdrawn"}),
            A.CLEAR: (f"{own}/clear", start),
            A.HIRE: (f"{own}/hire", start),
            A.UNDO_REJECTION: (f"{own}/undo-rejection", None),
            A.INVITE_TO_BOOK: (f"{own}/invite-to-book", {"round_id": self.interviews[1].round_id}),
            A.BOOK_INTERVIEW: (f"{own}/book-interview", {"slot_id": self.slots[1]["id"]}),
            A.CANCEL_INTERVIEW: (
                f"/v1/interview-bookings/{self.booking_id}/cancel",
                {"reason": "panel_unavailable"},
            ),
            A.UN_HIRE: (f"{own}/un-hire", {"reason_code": "recorded_in_error"}),
            A.RESERVE: (f"{own}/reserve", {}),
            A.TAKE_OFF_RESERVE_LIST: (f"{own}/take-off-reserve-list", None),
        }[action]

    async def bring_to(self, stage: Stage) -> None:
        if stage in {S.SUBMITTED, S.SHORTLISTED}:
            self.id = (await self.council.apply(self.vacancy))["id"]
            if stage is S.SHORTLISTED:
                await self.step(A.SHORTLIST)
                await self.step(A.INVITE_TO_BOOK)
            return
        self.id = (await self.council.apply(self.vacancy))["id"]
        await self.step(A.SHORTLIST)
        await self.step(A.INVITE_TO_BOOK)
        first = self.interviews[0]
        assert (await first.invite({"id": self.id})).status_code == 200
        self.booking_id = (await first.booked({"id": self.id}, self.slots[0]))["id"]
        await self.step(A.INVITE_TO_INTERVIEW)
        for each in WAYS[stage]:
            match each:
                case "offer":
                    self.offer_id = (await self.step(A.MAKE_OFFER))["id"]
                case "lapse":
                    self.council.services.clock.advance(timedelta(days=8))
                    async with self.council.region() as session:
                        assert await lapse_offers(session, self.council.now) == 1
                case "accept" | "decline":
                    await self.step(A(f"{each}_offer"))
                    if each == "accept":
                        await self.council.pass_checks(self.id, self.person)
                case _:
                    await self.step(A(each))

    async def step(self, action: ApplicationAction) -> dict[str, Any]:
        address, body = self.request(action)
        answer = await self.council.decide(address, self.person, body)
        assert answer.status_code in {200, 201}, answer.text
        return answer.json()

    async def callers(self) -> dict[str, dict[str, str]]:
        found = {}
        people = {role: await self.council.staff(role) for role in Role if not role.is_regional}
        async with self.council.region() as session:
            for role, person in people.items():
                token = await sessions.open_session(session, person.id)
                cookie = f"{session_cookie(Service.ATS)}={token}"
                found[role.value] = {"Cookie": cookie, "X-CSRF-Token": csrf_token(token)}
            later = self.council.now + timedelta(days=30)
            link = await issue_link(
                session, purpose="candidate", subject_id=self.id, employer_id=None, expires_at=later
            )
            opened = await open_link(session, link, now=self.council.now)
        found[CANDIDATE] = {"Authorization": f"Bearer {opened.token}"}
        return found

    async def attempt(self, action: ApplicationAction, headers: dict[str, str]) -> httpx.Response:
        """Try it, and take back what it did."""
        address, body = self.request(action)
        connection = self.council.services.sessions[Service.ATS].kw["bind"]
        savepoint = await connection.begin_nested()
        try:
            return await self.council.client.post(address, json=body, headers=headers)
        finally:
            await savepoint.rollback()


@pytest.fixture
async def scene(council: Ats) -> Scene:
    """A vacancy whose shortlist is final, with openings to spare."""
    vacancy = await council.live(openings=5)
    person = await council.staff(Role.RECRUITER)
    await council.at_interview(vacancy, person)
    made = Scene(council, vacancy, person)
    await made.set_up_interviews()
    return made


async def table(council: Ats) -> dict[tuple[str, str], dict[str, Any]]:
    served = await council.client.get("/v1/reference/application-moves")
    return {(each["stage"], each["action"]): each for each in served.json()}


@pytest.mark.parametrize("stage", list(Stage))
async def test_a_move_is_made_exactly_where_the_table_says(scene: Scene, stage: Stage) -> None:
    await scene.bring_to(stage)
    legal = await table(scene.council)
    wrong = []
    for who, headers in (await scene.callers()).items():
        for action in ApplicationAction:
            move = legal.get((stage.value, action.value))
            may = move is not None and (move["by_candidate"] if who == CANDIDATE else who in move["roles"])
            answer = await scene.attempt(action, headers)
            if may != answer.is_success or (not may and answer.status_code not in {403, 404, 409}):
                wrong.append(f"{who} {action} at {stage}: {answer.status_code} {answer.text[:150]}")
            elif may and "stage" in answer.json():
                assert answer.json()["stage"] in move["to"]
    assert wrong == []


@pytest.mark.parametrize("stage", list(Stage))
async def test_what_is_allowed_is_served_as_the_table_says(scene: Scene, stage: Stage) -> None:
    await scene.bring_to(stage)
    legal = await table(scene.council)
    callers = await scene.callers()
    for who, path in (
        (Role.RECRUITER.value, f"/v1/applications/{scene.id}"),
        (Role.HIRING_MANAGER.value, f"/v1/applications/{scene.id}"),
        (Role.COUNCIL_HR.value, f"/v1/applications/{scene.id}"),
        (CANDIDATE, "/v1/my/application"),
    ):
        served = (await scene.council.client.get(path, headers=callers[who])).json()["allowed_actions"]
        moves = {action: move for (origin, action), move in legal.items() if origin == stage.value}
        said = {
            action
            for action, move in moves.items()
            if (move["by_candidate"] if who == CANDIDATE else who in move["roles"])
        }
        assert set(served) == said, who


async def test_a_client_moves_nobody_without_naming_who_decided(scene: Scene) -> None:
    await scene.bring_to(S.SUBMITTED)
    headers = scene.council.headers(Scope.APPLICATIONS_WRITE)
    for action in ApplicationAction:
        assert (await scene.attempt(action, headers)).status_code in {403, 404}
