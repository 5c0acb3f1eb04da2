"""The talent pool: by one's own choice, found unnamed, invited once a job, and left with one click."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Any

import httpx
import pytest
from sqlalchemy import select, text

from services.ats.applications.models import Application, PoolMember
from services.ats.applications.pooling import CONSENT_VERSION
from services.ats.talent_pool.due import ask_to_stay_in_pool, forget_pool_members, send_pool_invitations
from services.ats.talent_pool.models import PoolInvitation
from services.ats.talent_pool.telling import leave_link, member_of_token
from services.ats.worker import DUE
from shared.events.talent_pool import TalentPoolInvited, TalentPoolLinkWanted
from shared.links import issue_link, open_link
from shared.reference.employers import employer_id
from shared.registry import StaffMember
from shared.vocabulary import Role, Scope
from tests.ats.desk.test_pages import sign_in, token_of
from tests.factories.ats import Ats

YEAR = timedelta(days=365)


class Pool:
    def __init__(self, council: Ats) -> None:
        self.council = council

    async def joined(
        self, reach: str | None = "employer", *, email: str = "pool@people.example", **vacancy: Any
    ) -> Any:
        """The application of somebody who chose so with it."""
        live = await self.council.live(**vacancy)
        return await self.council.apply(live, email=email, talent_pool_opt_in=reach)

    async def search(self, employer: str = "SAW", **wanted: Any) -> list[dict[str, Any]]:
        headers = self.council.headers(Scope.APPLICATIONS_READ, employers=(employer,))
        answer = await self.council.client.get("/v1/talent-pool", params=wanted, headers=headers)
        assert answer.status_code == 200, answer.text
        return answer.json()["items"]

    async def invite(self, vacancy: dict[str, Any], person: StaffMember, *members: dict[str, Any]) -> httpx.Response:
        url = f"/v1/vacancies/{vacancy['id']}/invite-from-pool"
        headers = self.council.headers(Scope.APPLICATIONS_WRITE, employers=("SAW", "DUD"), on_behalf_of=person.id)
        body = {"member_ids": [each["id"] for each in members]}
        return await self.council.client.post(url, json=body, headers=headers)

    async def work(self) -> list[int]:
        done = []
        for due in (send_pool_invitations, ask_to_stay_in_pool, forget_pool_members):
            async with self.council.region() as session:
                done.append(await due(session, self.council.now))
        return done

    async def link(self, application: dict[str, Any]) -> dict[str, str]:
        async with self.council.region() as session:
            token = await issue_link(
                session,
                purpose="candidate",
                subject_id=application["id"],
                employer_id=None,
                expires_at=self.council.now + timedelta(days=1),
            )
            opened = await open_link(session, token, now=self.council.now)
        return {"Authorization": f"Bearer {opened.token}"}

    async def members(self) -> list[PoolMember]:
        async with self.council.region() as session:
            return list(await session.scalars(select(PoolMember).order_by(PoolMember.joined_at, PoolMember.id)))


@pytest.fixture
def pool(council: Ats) -> Pool:
    return Pool(council)


def refusal(answer: httpx.Response) -> tuple[int, str]:
    return answer.status_code, answer.json()["code"]


async def test_nobody_is_in_the_pool_who_did_not_choose_so(pool: Pool) -> None:
    assert {send_pool_invitations, ask_to_stay_in_pool, forget_pool_members} <= set(DUE)
    await pool.joined(None)
    assert await pool.members() == []
    assert await pool.council.events(TalentPoolLinkWanted) == []


async def test_who_joins_with_the_application_is_kept_a_year_with_the_consent_and_told_how_to_leave(pool: Pool) -> None:
    application = await pool.joined()
    [member] = await pool.members()
    assert str(member.application_id) == application["id"]
    assert (member.consented_at, member.consent_version) == (pool.council.now, CONSENT_VERSION)
    assert member.kept_until == pool.council.now + YEAR
    [told] = await pool.council.events(TalentPoolLinkWanted)
    assert (told["wanted_for"], told["is_candidate_hidden"]) == ("joined", True)
    words = await pool.council.client.get("/v1/reference/talent-pool-consent")
    assert words.json()["version"] == CONSENT_VERSION


async def test_a_later_application_takes_the_place_of_the_pointer_and_makes_no_second_member(pool: Pool) -> None:
    await pool.joined()
    later = await pool.joined("region", title="Planning officer")
    [member] = await pool.members()
    assert (str(member.application_id), member.reach) == (later["id"], "region")


async def test_the_search_names_nobody_and_shows_another_employer_only_who_agreed_to_it(pool: Pool) -> None:
    near = await pool.joined("employer", email="one@people.example")
    far = await pool.joined("region", email="two@people.example", hours_per_week="20")
    own = await pool.search()
    assert {each["application_id"] for each in own} == {near["id"], far["id"]}
    [other] = await pool.search("DUD")
    assert (other["reach"], other["application_id"], other["hours_per_week"]) == ("region", None, "20.00")
    assert set(other) == {
        *("id", "family", "outcode", "town", "contract", "hours_per_week", "joined_on", "reach", "application_id"),
    }
    assert "people.example" not in str(own) + str(other)
    assert "Amara" not in str(own)


@pytest.mark.parametrize(
    ("wanted", "found"),
    [
        ({"hours_min": 30}, 1),
        ({"hours_max": 30}, 1),
        ({"hours_min": 10, "hours_max": 40}, 2),
        ({"contract": "fixed_term"}, 0),
        ({"contract": "permanent"}, 2),
        ({"outcode": "b69"}, 2),
        ({"outcode": "WV1"}, 0),
        ({"family": "social_work"}, 0),
    ],
)
async def test_the_pool_is_searched_by_the_job_that_was_applied_for(
    pool: Pool, wanted: dict[str, Any], found: int
) -> None:
    await pool.joined(email="one@people.example")
    await pool.joined(email="two@people.example", hours_per_week="20")
    assert len(await pool.search(**wanted)) == found


async def test_somebody_is_invited_once_to_a_live_advert(pool: Pool) -> None:
    await pool.joined()
    vacancy, person = await pool.council.live(title="Senior housing officer"), await pool.council.staff(Role.RECRUITER)
    [member] = await pool.search()
    for _ in range(2):
        assert (await pool.invite(vacancy, person, member)).status_code == 202
        await pool.work()
    [told] = await pool.council.events(TalentPoolInvited)
    assert told["member_id"] == member["id"]
    assert {"employer_id", "vacancy_id"}.isdisjoint(told)


async def test_who_has_applied_is_not_invited_and_no_answer_says_so(pool: Pool) -> None:
    await pool.joined(email="one@people.example")
    await pool.joined(email="two@people.example")
    vacancy, person = await pool.council.live(title="Senior housing officer"), await pool.council.staff(Role.RECRUITER)
    await pool.council.apply(vacancy, email="One@People.example")
    members = await pool.search()
    answers = [await pool.invite(vacancy, person, each) for each in members]
    assert answers[0].content == answers[1].content
    await pool.work()
    [told] = await pool.council.events(TalentPoolInvited)
    async with pool.council.region() as session:
        rows = (await session.scalars(select(PoolInvitation))).all()
        assert len({(each.settled_at, each.invited_at) for each in rows}) == 1
        member = await session.get_one(PoolMember, told["member_id"])
        application = await session.get_one(Application, member.application_id)
        assert (
            application.person_key
            != (
                await session.scalars(select(Application.person_key).where(Application.vacancy_id == vacancy["id"]))
            ).one()
        )


async def test_who_is_in_the_pool_of_two_employers_is_written_to_once(pool: Pool) -> None:
    await pool.joined("region")
    await pool.joined("region", employer="DUD")
    vacancy, person = await pool.council.live(title="Senior housing officer"), await pool.council.staff(Role.RECRUITER)
    members = await pool.search()
    assert len(members) == 2
    assert (await pool.invite(vacancy, person, *members)).status_code == 202
    await pool.work()
    assert len(await pool.council.events(TalentPoolInvited)) == 1


async def test_an_internal_advert_or_one_that_is_over_invites_nobody(pool: Pool) -> None:
    await pool.joined()
    person = await pool.council.staff(Role.RECRUITER)
    [member] = await pool.search()
    hidden = await pool.council.in_clearing(title="Not yet")
    assert refusal(await pool.invite(hidden, person, member)) == (409, "not_advertised")
    vacancy = await pool.council.live(title="Soon over")
    assert (await pool.invite(vacancy, person, member)).status_code == 202
    await pool.council.move(vacancy, "close")
    await pool.work()
    assert await pool.council.events(TalentPoolInvited) == []


async def test_whom_an_employer_may_not_find_it_cannot_invite(pool: Pool) -> None:
    await pool.joined("employer", employer="DUD")
    [member] = await pool.search("DUD")
    vacancy, person = await pool.council.live(), await pool.council.staff(Role.RECRUITER)
    url = f"/v1/vacancies/{vacancy['id']}/invite-from-pool"
    answer = await pool.council.decide(url, person, {"member_ids": [member["id"]]})
    assert refusal(answer) == (404, "not_in_talent_pool")


async def test_one_click_leaves_the_pool_and_a_forged_link_does_nothing(pool: Pool) -> None:
    application = await pool.joined()
    [member] = await pool.members()
    path = leave_link(member.id).split("://")[1].partition("/")[2]
    token = path.rpartition("/")[2]
    forged = token[:-1] + ("0" if token[-1] != "0" else "1")
    assert member_of_token(forged) is None
    assert (await pool.council.client.post(f"/talent-pool/leave/{forged}")).status_code == 404
    assert (await pool.council.client.get(f"/{path}")).status_code == 200
    assert len(await pool.members()) == 1
    for _ in range(2):
        left = await pool.council.client.post(f"/{path}", data={"List-Unsubscribe": "One-Click"})
        assert left.status_code == 200
    assert await pool.members() == []
    async with pool.council.region() as session:
        audited = "SELECT actor_kind FROM ats.audit_entries WHERE action = 'talent_pool_left' AND subject_id = :id"
        assert (await session.scalars(text(audited), {"id": application["id"]})).all() == ["candidate"]


async def test_no_log_holds_the_link_that_leaves_the_pool(pool: Pool, capsys: pytest.CaptureFixture[str]) -> None:
    await pool.joined()
    [member] = await pool.members()
    path = leave_link(member.id).split("://")[1].partition("/")[2]
    capsys.readouterr()
    assert (await pool.council.client.get(f"/{path}")).status_code == 200
    log = capsys.readouterr().out
    assert "/talent-pool/leave/…" in log
    assert path.rpartition("/")[2] not in log


async def test_the_year_ends_after_one_question_unless_they_stay(pool: Pool) -> None:
    application = await pool.joined()
    await pool.joined(email="two@people.example")
    pool.council.services.clock.advance(YEAR - timedelta(days=31))
    assert await pool.work() == [0, 0, 0]
    pool.council.services.clock.advance(timedelta(days=2))
    assert await pool.work() == [0, 2, 0]
    assert await pool.work() == [0, 0, 0]
    asked = [each for each in await pool.council.events(TalentPoolLinkWanted) if each["wanted_for"] == "keep"]
    assert len(asked) == 2
    kept = await pool.council.client.post("/v1/my/talent-pool/keep", headers=await pool.link(application))
    assert kept.status_code == 200, kept.text
    pool.council.services.clock.advance(timedelta(days=30))
    assert await pool.work() == [0, 0, 1]
    [member] = await pool.members()
    assert str(member.application_id) == application["id"]
    assert (member.keep_asked_at, member.kept_until) == (None, pool.council.now - timedelta(days=30) + YEAR)


async def test_a_candidate_joins_changes_and_leaves_through_a_front_end(pool: Pool) -> None:
    application = await pool.joined(None)
    link, url = await pool.link(application), "/v1/my/talent-pool"
    own = (await pool.council.client.get(url, headers=link)).json()
    assert (own["is_member"], own["reach"]) == (False, None)
    old = await pool.council.client.put(url, json={"reach": "region", "consent_version": "2019-01"}, headers=link)
    assert refusal(old) == (422, "consent_outdated")
    for reach in ("region", "employer"):
        body = {"reach": reach, "consent_version": own["consent_version"]}
        joined = await pool.council.client.put(url, json=body, headers=link)
        assert (joined.status_code, joined.json()["reach"]) == (200, reach)
    assert len(await pool.members()) == 1
    for _ in range(2):
        assert (await pool.council.client.delete(url, headers=link)).status_code == 204
    assert await pool.members() == []


async def test_a_candidate_chooses_on_their_own_page(pool: Pool) -> None:
    client, page = pool.council.client, "/my-application/talent-pool"
    application = await pool.joined(None)
    bearer = (await pool.link(application))["Authorization"].removeprefix("Bearer ")
    shown = await client.get(page, headers={"Authorization": f"Bearer {bearer}"})
    assert shown.status_code == 200
    assert re.search(r"12 months", shown.text)
    unsaid = await client.post(page, data={}, headers={"Authorization": f"Bearer {bearer}"})
    assert unsaid.status_code == 422
    disagreed = await client.post(page, data={"reach": "region"}, headers={"Authorization": f"Bearer {bearer}"})
    assert disagreed.status_code == 422
    assert await pool.members() == []
    said = {"reach": "region", "consent_version": CONSENT_VERSION}
    joined = await client.post(page, data=said, headers={"Authorization": f"Bearer {bearer}"})
    assert joined.status_code == 303
    assert "You are in the pool" in (await client.get(page, headers={"Authorization": f"Bearer {bearer}"})).text
    left = await client.post(f"{page}/leave", headers={"Authorization": f"Bearer {bearer}"})
    assert left.status_code == 303
    assert await pool.members() == []


async def test_a_recruiter_invites_on_the_page_after_one_more_question(pool: Pool) -> None:
    await pool.joined()
    council, person = pool.council, await pool.council.staff(Role.RECRUITER)
    vacancy = await council.live(title="Senior housing officer")
    page = f"/vacancies/{vacancy['id']}/talent-pool"
    [member] = await pool.search()
    await sign_in(council, person.email)
    assert page in (await council.client.get(f"/vacancies/{vacancy['id']}")).text
    shown = await council.client.get(page)
    assert member["id"] in shown.text
    token = {"csrf_token": token_of(shown)}
    assert (await council.client.get(f"{page}?hours_min=many")).status_code == 422
    assert (await council.client.post(page, data=token)).status_code == 422
    asked = await council.client.post(page, data=token | {"member_ids": [member["id"]]})
    assert (asked.status_code, "Send the invitations" in asked.text) == (200, True)
    assert await pool.work() == [0, 0, 0]
    sent = await council.client.post(page, data=token | {"member_ids": [member["id"]], "is_confirmed": "true"})
    assert sent.status_code == 303
    assert "on their way" in (await council.client.get(sent.headers["location"])).text
    assert await pool.work() == [1, 0, 0]


async def test_a_member_of_another_employer_s_pool_is_no_row_of_theirs_to_read(pool: Pool) -> None:
    await pool.joined("employer")
    assert await pool.search("DUD") == []
    assert employer_id("DUD") not in {each.employer_id for each in await pool.members()}
