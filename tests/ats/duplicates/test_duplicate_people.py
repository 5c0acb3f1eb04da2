"""Suggested with reasons, decided by somebody, followed everywhere, and taken back exactly."""

from __future__ import annotations

import asyncio
import html
import re
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import select, update

from services.ats.applications import rules as application_rules
from services.ats.applications.models import Application
from services.ats.applications.queries import is_shown
from services.ats.applications.reading import READ
from services.ats.applications.states import ApplicationSource, Stage
from services.ats.audit.models import AuditEntry
from services.ats.files import quota
from services.ats.impossible_states.due import detect_impossible_states
from services.ats.impossible_states.models import FINDS
from services.ats.offers.settling import settle_other_applications
from services.ats.persons.models import PersonLink
from services.ats.vacancies.models import Vacancy
from shared.vocabulary import Role, Scope
from tests.ats.desk.test_pages import sign_in, token_of
from tests.ats.documents.conftest import by_link
from tests.ats.duplicates.conftest import HOME, WORK, Desk
from tests.ats.retention.test_retention import known
from tests.ats.retention.test_retention import run as run_retention
from tests.factories.ats import Ats, make_application
from tests.factories.identity import grant, make_staff


async def two(desk: Desk, *, second: dict[str, Any] | None = None) -> tuple[dict[str, Any], dict[str, Any]]:
    return await desk.apply(email=HOME), await desk.apply(
        second, email=WORK, name="amara  J. ÓSEI", phone="+441214960000"
    )


async def stages(desk: Desk, *made: dict[str, Any]) -> list[str]:
    async with desk.council.region() as session:
        found = {each.id: each.stage for each in await session.scalars(select(Application))}
    return [found[UUID(each["id"])] for each in made]


async def test_people_are_suggested_with_reasons_and_who_looked_is_noted(desk: Desk) -> None:
    first, second = await two(desk)
    await desk.apply(email="kofi@people.example", name="Kofi Mensah")
    answer = (await desk.get("/v1/duplicate-people")).json()
    (found,) = answer["items"]
    assert (found["reasons"], found["signs"]) == ("same name, same phone", ["same_name", "same_phone"])
    assert {found["first"]["email"], found["second"]["email"]} == {HOME, WORK}
    assert (answer["found"], answer["compared"]) == (1, 3)
    async with desk.council.region() as session:
        noted = await session.scalars(select(AuditEntry.subject_id).where(AuditEntry.action == READ))
    assert {str(each) for each in noted} == {first["id"], second["id"]}


async def test_an_anonymised_candidate_is_suggested_and_decided_on_only_once_shown(desk: Desk) -> None:
    hidden = await desk.council.live()
    first, second = await two(desk, second=hidden)
    assert await desk.suggested() == []
    refused = await desk.say(first, second)
    assert (refused.status_code, refused.json()["code"]) == (404, "application_not_found")
    assert (await desk.council.decide(f"/v1/applications/{second['id']}/shortlist", desk.recruiter)).status_code == 200
    assert await desk.suggested() == [{first["id"], second["id"]}]


async def test_what_a_query_calls_shown_is_what_the_rule_does(council: Ats) -> None:
    vacancy = await council.live()
    async with council.region() as session:
        for stage in Stage:
            for told in (None, council.now):
                for is_anonymised in (True, False):
                    made = make_application_of(vacancy, stage, told, is_anonymised=is_anonymised)
                    session.add(made)
        await session.flush()
        shown = set(await session.scalars(select(Application.id).where(is_shown())))
        found = (await session.scalars(select(Application))).all()
        assert shown == {each.id for each in found if not application_rules.is_hidden(each)}
        assert 0 < len(shown) < len(found)


def make_application_of(vacancy: dict[str, Any], stage: Stage, told: Any, *, is_anonymised: bool) -> Application:
    class Row:
        employer_id, id = UUID(vacancy["employer_id"]), UUID(vacancy["id"])

    made = make_application(Row, source=ApplicationSource.BOARD, stage=stage)  # type: ignore[arg-type] # its two ids
    made.shortlist_told_at, made.is_anonymised = told, is_anonymised
    return made


async def test_nobody_is_suggested_or_decided_on_across_employers(desk: Desk) -> None:
    council = desk.council
    elsewhere = await council.live(employer="DUD", is_anonymised=False)
    first, second = await two(desk, second=elsewhere)
    async with council.region() as session:
        both = await make_staff(
            session, grant(Role.RECRUITER, "SAW"), grant(Role.RECRUITER, "DUD"), email="b@saw.example", name="Both"
        )
    theirs = await council.staff(Role.RECRUITER, "DUD")
    assert await desk.suggested() == await desk.suggested(theirs, "DUD") == []
    assert await desk.suggested(both) == []
    assert (await desk.say(first, second)).json()["code"] == "application_not_found"
    headers = council.headers(Scope.APPLICATIONS_WRITE, employers="region", on_behalf_of=both.id)
    body = {"application_ids": [first["id"], second["id"]], "verdict": "one_person", "reason": "same_details"}
    refused = await council.client.post("/v1/person-links", json=body, headers=headers)
    assert (refused.status_code, refused.json()["code"]) == (422, "other_employers")
    mine = await desk.apply(email=WORK)
    link = await desk.merged(first, mine)
    unseen = await desk.get(f"/v1/person-links/{link['id']}", theirs, "DUD")
    assert (unseen.status_code, unseen.json()["code"]) == (404, "person_link_not_found")


@pytest.mark.parametrize("role", [Role.PANEL_MEMBER, Role.HIRING_MANAGER, Role.APPROVER, Role.COUNCIL_ADMIN])
async def test_only_a_recruiter_or_hr_sees_suggestions_and_decides(desk: Desk, role: Role) -> None:
    first, second = await two(desk)
    other = await desk.council.staff(role)
    assert (await desk.get("/v1/duplicate-people", other)).status_code == 403
    assert (await desk.say(first, second, person=other)).status_code == 403
    hr = await desk.council.staff(Role.COUNCIL_HR)
    assert await desk.suggested(hr) == [{first["id"], second["id"]}]


@pytest.mark.parametrize(
    ("verdict", "done", "undone"),
    [
        ("one_person", "people_merged", "people_unmerged"),
        ("two_people", "people_told_apart", "people_not_told_apart"),
    ],
)
async def test_a_decision_and_its_taking_back_are_audited_with_who_when_and_why(
    desk: Desk, verdict: str, done: str, undone: str
) -> None:
    first, second = await two(desk)
    async with desk.council.region() as session:
        before = [(each.person_key, each.version) for each in await session.scalars(select(Application))]
    link = (await desk.say(first, second, verdict=verdict)).json()
    assert await desk.suggested() == []
    desk.council.services.clock.advance(timedelta(hours=1))
    back = await desk.take_back(link)
    assert (back.status_code, back.json()["undo_reason"]) == (200, "mistake")
    assert await desk.suggested() == [{first["id"], second["id"]}]
    again = await desk.take_back(link)
    assert (again.status_code, again.json()["code"]) == (409, "person_link_undone")
    async with desk.council.region() as session:
        entries = (
            await session.scalars(
                select(AuditEntry).where(AuditEntry.action.in_((done, undone))).order_by(AuditEntry.id)
            )
        ).all()
        after = [(each.person_key, each.version) for each in await session.scalars(select(Application))]
    subjects = {link["id"], first["id"], second["id"]}
    for action, reason, hours in ((done, "same_details", 1), (undone, "mistake", 0)):
        of_it = [each for each in entries if each.action == action]
        assert {str(each.subject_id) for each in of_it} == subjects
        assert {(each.actor_id, each.reason) for each in of_it} == {(desk.recruiter.id, reason)}
        assert {each.decided_at for each in of_it} == {desk.council.now - timedelta(hours=hours)}
    assert after == before, "nothing of the applications is overwritten"


async def test_what_was_decided_stands_until_it_is_taken_back(desk: Desk) -> None:
    first, second = await two(desk)
    third = await desk.apply(email="amara.osie@people.example", phone=None)
    same = await desk.say(first, first)
    assert (same.status_code, same.json()["code"]) == (422, "one_address")
    link = await desk.merged(first, second)
    for verdict in ("one_person", "two_people"):
        refused = await desk.say(second, first, verdict=verdict)
        assert (refused.status_code, refused.json()["code"]) == (409, "one_person_already")
    assert (await desk.say(first, third, verdict="two_people")).status_code == 201
    refused = await desk.say(second, third)
    assert (refused.status_code, refused.json()["code"]) == (409, "told_apart_already")
    assert (await desk.take_back(link)).status_code == 200
    assert (await desk.say(second, third)).status_code == 201
    listed = (await desk.get("/v1/person-links")).json()["items"]
    assert {each["id"] for each in listed if each["undone_at"] is not None} == {link["id"]}
    assert len(listed) == 3


async def test_two_who_decide_at_once_make_one_decision(live_council: Ats) -> None:
    desk = Desk(live_council, await live_council.staff(Role.RECRUITER), await live_council.live(is_anonymised=False))
    first, second = await two(desk)
    verdicts = ["one_person", "two_people"] * 3
    answers = await asyncio.gather(*(desk.say(first, second, verdict=each) for each in verdicts))
    assert sorted(each.status_code for each in answers) == [201] + [409] * 5
    async with live_council.region() as session:
        assert len((await session.scalars(select(PersonLink))).all()) == 1


async def test_live_applications_of_one_person_for_one_vacancy_are_shown_and_left_as_they_are(desk: Desk) -> None:
    first, second = await two(desk)
    link = await desk.merged(first, second)
    (twin,) = link["live_for_one_vacancy"]
    assert (twin["vacancy_id"], set(twin["application_ids"])) == (desk.vacancy["id"], {first["id"], second["id"]})
    assert await stages(desk, first, second) == [Stage.SUBMITTED, Stage.SUBMITTED]

    async def found() -> set[str]:
        desk.council.services.clock.advance(timedelta(days=1))
        async with desk.council.region() as session:
            await detect_impossible_states(session, desk.council.now)
            open_ones = select(FINDS.c.rule).where(FINDS.c.gone_at.is_(None))
            return set(await session.scalars(open_ones))

    assert await found() == {"two_live_applications"}
    await desk.take_back(link)
    assert await found() == set()
    assert (await desk.get(f"/v1/person-links/{link['id']}")).json()["live_for_one_vacancy"] == []


async def test_a_hidden_twin_is_told_to_nobody(desk: Desk) -> None:
    """Amara is known by other applications; which of an anonymised vacancy's are hers is not."""
    first, second = await two(desk)
    hidden = await desk.council.live()
    await desk.apply(hidden, email=HOME)
    shown = await desk.apply(hidden, email=WORK)
    await desk.council.decide(f"/v1/applications/{shown['id']}/shortlist", desk.recruiter)
    link = await desk.merged(first, second)
    assert [each["vacancy_id"] for each in link["live_for_one_vacancy"]] == [desk.vacancy["id"]]
    async with desk.council.region() as session:
        await detect_impossible_states(session, desk.council.now)
        assert len((await session.scalars(select(FINDS.c.subject_id))).all()) == 1


async def test_an_accepted_offer_settles_the_other_address_too(desk: Desk) -> None:
    council = desk.council
    administrator = await council.staff(Role.COUNCIL_ADMIN)
    answer = await council.client.put(
        "/v1/employers/SAW/selection-policy",
        json={"valid_from": council.now.date().isoformat(), "other_applications": "withdraw"},
        headers=council.headers(Scope.APPLICATIONS_WRITE, on_behalf_of=administrator.id),
    )
    assert answer.status_code == 200, answer.text
    offered, other = await two(desk, second=await council.live(title="Caseworker", is_anonymised=False))
    stranger = await desk.apply(email="c@people.example")
    elsewhere = await desk.apply(await council.live(employer="DUD"), email=WORK)
    await desk.merged(offered, other)
    for path, body in (
        (f"/v1/applications/{offered['id']}/shortlist", None),
        (f"/v1/vacancies/{desk.vacancy['id']}/confirm-shortlist", None),
        (
            f"/v1/applications/{offered['id']}/invite-to-interview",
            {"starts_at": (council.now + timedelta(days=7)).isoformat(), "place": "Council House"},
        ),
    ):
        assert (await council.decide(path, desk.recruiter, body)).status_code == 200
    offer = await council.decide(f"/v1/applications/{offered['id']}/offers", desk.recruiter, council.terms())
    assert (await council.decide(f"/v1/offers/{offer.json()['id']}/accept", desk.recruiter)).status_code == 200
    async with council.region() as session:
        await settle_other_applications(session, council.now)
    assert await stages(desk, other, stranger, elsewhere) == [Stage.WITHDRAWN, Stage.SUBMITTED, Stage.SUBMITTED]


async def test_a_quota_counts_both_addresses_until_it_is_taken_back(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(quota, "MOST_OF_A_PERSON", 1)
    first, second = await two(desk)

    async def send(application: dict[str, Any], words: bytes) -> int:
        headers = await by_link(desk.council, application)
        answer = await desk.council.client.post("/v1/documents", files={"file": ("a.txt", words)}, headers=headers)
        return answer.status_code

    assert await send(first, b"one") == 201
    link = await desk.merged(first, second)
    assert await send(second, b"two") == 409
    await desk.take_back(link)
    assert await send(second, b"two") == 201


@pytest.fixture
async def officer(desk: Desk) -> Ats:
    """Signed in as WME's administrator, who speaks for all employers."""
    async with desk.council.region() as session:
        person = await make_staff(session, grant(Role.WME_ADMIN), email="rose@wme.example", name="Rose Tyler")
    await sign_in(desk.council, person.email)
    return desk.council


async def ask(officer: Ats, kind: str, **more: Any) -> dict[str, int]:
    """How much of each kind ats held of who is known by the address at home."""
    token = token_of(await officer.client.get("/data-requests"))
    body = {"kind": kind, "email": HOME, "name": "Amara Osei", "confirmed_by": "documents"} | more
    answer = await officer.client.post("/v1/data-subject-cases", json=body, headers={"X-CSRF-Token": token})
    assert answer.status_code == 201, answer.text
    read = (await officer.client.get(f"/v1/data-subject-cases/{answer.json()['id']}")).json()
    (own,) = [each for each in read["parts"] if each["service"] == "ats"]
    return own["held"]


async def test_a_request_about_ones_data_reaches_both_addresses_at_the_employer_that_merged_them(
    desk: Desk, officer: Ats
) -> None:
    first, second = await two(desk)
    await desk.apply(await desk.council.live(employer="DUD"), email=WORK)
    link = await desk.merged(first, second)
    held = await ask(officer, "access")
    assert (held["applications"], held["person_links"]) == (2, 1)
    await desk.take_back(link)
    assert (await ask(officer, "access", employer="SAW"))["applications"] == 1


async def test_an_erasure_takes_both_and_what_was_decided_of_them(desk: Desk, officer: Ats) -> None:
    first, second = await two(desk)
    await desk.merged(first, second)
    assert (await ask(officer, "erasure"))["applications"] == 2
    async with desk.council.region() as session:
        assert (await session.scalars(select(PersonLink))).all() == []
    assert await desk.suggested() == []


async def test_a_decision_outlives_one_application_and_goes_with_the_last(desk: Desk, officer: Ats) -> None:
    first, second = await two(desk)
    await desk.apply(await desk.council.live(is_anonymised=False), email=HOME)
    await desk.say(first, second, verdict="two_people")
    async with desk.council.region() as session:
        # As retention leaves one whose time is over, and a contract keeps the other.
        bound = update(Application).where(Application.id != UUID(first["id"]), Application.person_key == key_of(first))
        await session.execute(bound.values(stage=Stage.HIRED))
    await ask(officer, "erasure")
    async with desk.council.region() as session:
        assert len((await session.scalars(select(PersonLink))).all()) == 1
        await session.execute(update(Application).where(Application.stage == Stage.HIRED).values(stage=Stage.REJECTED))
    await ask(officer, "erasure", employer="SAW")
    async with desk.council.region() as session:
        assert (await session.scalars(select(PersonLink))).all() == []


def key_of(application: dict[str, Any]) -> Any:
    return select(Application.person_key).where(Application.id == UUID(application["id"])).scalar_subquery()


async def test_an_address_that_is_put_right_takes_the_decision_with_it_and_leaves_the_other_alone(
    desk: Desk, officer: Ats
) -> None:
    first, second = await two(desk)
    await desk.merged(first, second)
    await ask(officer, "rectification", right_email="amara@new.example")
    async with desk.council.region() as session:
        keys = {str(each.id): each.person_key for each in await session.scalars(select(Application))}
        (link,) = (await session.scalars(select(PersonLink))).all()
    sides = {link.first_application_id: link.first_key, link.second_application_id: link.second_key}
    assert {str(application_id): key for application_id, key in sides.items()} == keys
    assert link.first_key < link.second_key
    assert await desk.suggested() == []


async def test_two_addresses_that_become_one_need_no_decision(desk: Desk, officer: Ats) -> None:
    first, second = await two(desk, second=await desk.council.live(is_anonymised=False))
    await desk.merged(first, second)
    await ask(officer, "rectification", right_email=WORK)
    async with desk.council.region() as session:
        assert (await session.scalars(select(PersonLink))).all() == []
        assert len(set(await session.scalars(select(Application.person_key)))) == 1


async def test_a_legal_hold_of_one_address_keeps_the_other_from_erasure_and_from_retention(
    desk: Desk, officer: Ats
) -> None:
    first, second = await two(desk)
    stranger = await desk.apply(email="c@people.example", name="Kofi Mensah")
    link = await desk.merged(first, second)
    token = token_of(await officer.client.get("/data-requests"))
    held = await officer.client.post(
        f"/v1/applications/{second['id']}/legal-holds", json={"reason": "Claim"}, headers={"X-CSRF-Token": token}
    )
    assert held.status_code == 201, held.text
    assert await ask(officer, "erasure", employer="SAW") != {}
    async with officer.region() as session:
        await session.execute(update(Application).values(stage=Stage.REJECTED, stage_entered_at=officer.now))
        await session.execute(update(Vacancy).values(closes_at=officer.now))
    officer.services.clock.advance(timedelta(days=200))
    await run_retention(officer)
    officer.services.clock.advance(timedelta(days=31))  # nobody is forgotten untold
    await run_retention(officer)
    assert await known(officer) == {UUID(first["id"]), UUID(second["id"])}
    assert UUID(stranger["id"]) not in await known(officer)
    async with officer.region() as session:
        merged = update(PersonLink).where(PersonLink.id == UUID(link["id"]))
        await session.execute(merged.values(undone_at=officer.now))
    officer.services.clock.advance(timedelta(days=1))
    await run_retention(officer)
    officer.services.clock.advance(timedelta(days=31))
    await run_retention(officer)
    assert await known(officer) == {UUID(second["id"])}


def link_of(done: Any) -> str:
    """The id of what was decided, which is no application's."""
    return done.headers["location"].rpartition("/")[2]


async def test_pages_compare_ask_once_more_record_and_take_back(desk: Desk) -> None:
    first, second = await two(desk)
    client = desk.council.client
    await sign_in(desk.council, desk.recruiter.email)
    listed = await client.get("/same-person")
    assert "Same name, same phone" in listed.text
    (found,) = re.findall(r'href="(/same-person/compare[^"]+)"', listed.text)
    path = html.unescape(found)
    assert (first["id"] in path, second["id"] in path) == (True, True)
    page = await client.get(path)
    assert HOME in page.text
    assert WORK in page.text
    token = {"csrf_token": token_of(page)}
    empty = await client.post(path, data=token)
    assert empty.status_code == 422
    assert "Say whether they are one person" in empty.text
    said = token | {"verdict": "one_person", "reason": "person_said_so"}
    asked = await client.post(path, data=said)
    assert asked.status_code == 200
    assert "They are one person: is that right?" in asked.text
    async with desk.council.region() as session:
        assert (await session.scalars(select(PersonLink))).all() == []
    done = await client.post(path, data=said | {"is_confirmed": "true"})
    assert done.status_code == 303, done.text
    decision = await client.get(done.headers["location"])
    assert "Several live applications for one vacancy" in decision.text
    again = await client.post(path, data=said | {"is_confirmed": "true"})
    assert (again.status_code, "Take that back first" in again.text) == (409, True)
    bare = await client.post(done.headers["location"], data=token)
    assert (bare.status_code, "Say how you know" in bare.text) == (422, True)
    back = await client.post(done.headers["location"], data=token | {"reason": "mistake"})
    assert back.status_code == 303
    assert "Taken back" in (await client.get("/same-person")).text
    assert found in (await client.get("/same-person")).text
    for named in ("", f"?first={first['id']}", f"?first={first['id']}&second={link_of(done)}"):
        assert (await client.get(f"/same-person/compare{named}")).status_code == 404
