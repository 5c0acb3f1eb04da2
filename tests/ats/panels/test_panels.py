"""Panels: each scores for themselves first, conflicts bar, nothing that was submitted is lost, and quorum decides."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import text

from shared.events.applications import PanelMemberNamed
from shared.registry import StaffMember
from shared.vocabulary import Role, Scope, Service
from tests.ats.desk.test_pages import sign_in, token_of
from tests.factories.ats import Ats
from tests.factories.panels import Panel


async def decide(council: Ats, candidate: dict[str, Any], verb: str, person: StaffMember, body: Any = None) -> Any:
    return await council.decide(f"/v1/applications/{candidate['id']}/{verb}", person, body)


NOT_MET = {"reason_code": "essential_not_met", "unmet_criteria": ["E1"]}


async def test_a_panel_has_a_lead_and_another_and_each_is_told_once(council: Ats) -> None:
    vacancy = await council.live()
    lead, member = [await council.staff(Role.PANEL_MEMBER) for _ in range(2)]
    panel = Panel(council, vacancy, [lead, member])
    alone = await panel.name(lead)
    assert (alone.status_code, alone.json()["code"]) == (422, "panel_too_small")
    twice = await panel.name(lead, lead)
    assert (twice.status_code, twice.json()["code"]) == (422, "panel_too_small")
    named = await panel.name(lead, member)
    assert [(each["staff_id"], each["is_lead"]) for each in named.json()["members"]] == [
        (str(lead.id), True),
        (str(member.id), False),
    ]
    await panel.name(lead, member)
    told = await council.events(PanelMemberNamed)
    assert [each["member_id"] for each in told] == [str(lead.id), str(member.id)]


async def test_only_somebody_with_a_part_in_selection_sits_on_a_panel(council: Ats) -> None:
    vacancy = await council.live()
    lead = await council.staff(Role.PANEL_MEMBER)
    analyst = await council.staff(Role.APPROVER)
    refused = await Panel(council, vacancy, [lead]).name(lead, analyst)
    assert (refused.status_code, refused.json()["code"]) == (422, "panel_member_unknown")
    assert refused.json()["field"] == "member_ids.0"


async def test_nobody_scores_before_declaring_their_interests(council: Ats) -> None:
    vacancy = await council.live()
    candidate = await council.apply(vacancy)
    people = [await council.staff(Role.PANEL_MEMBER) for _ in range(2)]
    panel = Panel(council, vacancy, people)
    await panel.name(*people)
    refused = await panel.save(people[0], candidate, 3, 3)
    assert (refused.status_code, refused.json()["code"]) == (409, "declaration_missing")


async def test_who_declared_a_conflict_about_a_candidate_scores_the_others_only(council: Ats) -> None:
    vacancy = await council.live()
    known, stranger = [await council.apply(vacancy) for _ in range(2)]
    panel = await Panel.of(council, vacancy)
    member = panel.people[1]
    declared = await panel.declare(member, has_conflict=True, what="My cousin", application_ids=[known["id"]])
    assert declared.status_code == 201
    refused = await panel.submit(member, known, 3, 3)
    assert (refused.status_code, refused.json()["code"]) == (409, "conflict_declared")
    assert (await panel.submit(member, stranger, 3, 3)).status_code == 200


async def test_a_conflict_that_names_nobody_is_about_everybody(council: Ats) -> None:
    vacancy = await council.live()
    candidate = await council.apply(vacancy)
    panel = await Panel.of(council, vacancy)
    await panel.declare(panel.people[1], has_conflict=True, what="I may apply myself")
    assert (await panel.submit(panel.people[1], candidate, 3, 3)).json()["code"] == "conflict_declared"


async def test_scores_given_before_a_conflict_was_declared_no_longer_count(council: Ats) -> None:
    vacancy = await council.live()
    candidate = await council.apply(vacancy)
    panel = await Panel.of(council, vacancy)
    await panel.score_alike(candidate, 3, 3)
    await panel.declare(panel.people[1], has_conflict=True, what="My cousin", application_ids=[candidate["id"]])
    refused = await decide(council, candidate, "shortlist", panel.people[0])
    assert (refused.json()["code"], refused.json()["submitted"]) == ("quorum_missing", 1)
    assert "Name another member" in refused.json()["next_step"]


async def test_a_draft_is_its_writers_alone_and_submitted_scores_show_to_who_has_submitted(council: Ats) -> None:
    vacancy = await council.live()
    candidate = await council.apply(vacancy)
    panel = await Panel.of(council, vacancy)
    lead, member = panel.people
    await panel.save(member, candidate, 4, 1)
    before = await panel.seen(lead, candidate)
    assert (before["submitted_by"], before["sheets"]) == ([], None)
    await panel.submit(member, candidate, 4, 1)
    waiting = await panel.seen(lead, candidate)
    assert waiting["submitted_by"] == [str(member.id)]
    assert (waiting["sheets"], waiting["needs_moderation"], waiting["essential_met"]) == (None, None, None)
    await panel.submit(lead, candidate, 3, 1)
    after = await panel.seen(lead, candidate)
    assert [(each["staff_id"], each["total"]) for each in after["sheets"]] == [(str(member.id), 5)]


async def test_who_does_not_score_sees_scores_once_every_member_has_submitted(council: Ats) -> None:
    vacancy = await council.live()
    candidate = await council.apply(vacancy)
    panel = await Panel.of(council, vacancy, 3)
    recruiter = await council.staff(Role.RECRUITER)
    for each in panel.people[:2]:
        await panel.submit(each, candidate, 3, 3)
    assert (await panel.seen(recruiter, candidate))["sheets"] is None
    await panel.submit(panel.people[2], candidate, 3, 3)
    assert len((await panel.seen(recruiter, candidate))["sheets"]) == 3


async def test_submitted_scores_are_final_and_complete(council: Ats) -> None:
    vacancy = await council.live()
    candidate = await council.apply(vacancy)
    panel = await Panel.of(council, vacancy)
    member = panel.people[1]
    partly = await panel.submit(member, candidate, 3)
    assert (partly.status_code, partly.json()["code"], partly.json()["missing"]) == (409, "scores_missing", ["E2"])
    assert (await panel.submit(member, candidate, 3, 2)).status_code == 200
    again = await panel.save(member, candidate, 1, 1)
    assert (again.status_code, again.json()["code"]) == (409, "sheet_submitted")


@pytest.mark.parametrize("score", [-1, 5])
async def test_a_score_is_from_0_to_4(council: Ats, score: int) -> None:
    vacancy = await council.live()
    candidate = await council.apply(vacancy)
    panel = await Panel.of(council, vacancy)
    assert (await panel.save(panel.people[0], candidate, score)).status_code == 422


async def test_quorum_comes_before_the_shortlist_and_before_a_rejection_by_judgement(council: Ats) -> None:
    vacancy = await council.live()
    candidate, other = [await council.apply(vacancy) for _ in range(2)]
    panel = await Panel.of(council, vacancy)
    lead = panel.people[0]
    await panel.submit(lead, candidate, 3, 3)
    for verb, body in (
        ("shortlist", None),
        ("reject", NOT_MET),
        ("reject", {"reason_code": "stronger_candidates"}),
    ):
        refused = await decide(council, candidate, verb, lead, body)
        assert (refused.status_code, refused.json()["code"]) == (409, "quorum_missing")
    manager = await council.staff(Role.HIRING_MANAGER)
    await panel.submit(panel.people[1], candidate, 3, 3)
    assert (await decide(council, candidate, "shortlist", lead)).status_code == 200
    confirm = f"/v1/vacancies/{vacancy['id']}/confirm-shortlist"
    refused = await council.decide(confirm, manager)
    assert (refused.status_code, refused.json()["code"]) == (409, "quorum_missing")
    assert other["reference"] in refused.json()["detail"]
    await panel.score_alike(other, 1, 1)
    assert (await council.decide(confirm, manager)).status_code == 200


async def test_no_right_to_work_is_no_judgement_and_needs_no_scores(council: Ats) -> None:
    vacancy = await council.live()
    candidate = await council.apply(vacancy)
    panel = await Panel.of(council, vacancy)
    rejected = await decide(council, candidate, "reject", panel.people[0], {"reason_code": "right_to_work"})
    assert rejected.status_code == 200


@pytest.mark.parametrize(("first", "second"), [((4, 2), (2, 2)), ((3, 3), (2, 2))])
async def test_scores_that_lie_two_apart_need_a_note_of_the_lead(
    council: Ats, first: tuple[int, int], second: tuple[int, int]
) -> None:
    """In one criterion, or in their totals."""
    vacancy = await council.live()
    candidate = await council.apply(vacancy)
    panel = await Panel.of(council, vacancy)
    lead, member = panel.people
    await panel.submit(lead, candidate, *first)
    early = await panel.moderate(lead, candidate)
    assert early.json()["code"] == "nothing_to_moderate"
    await panel.submit(member, candidate, *second)
    refused = await decide(council, candidate, "shortlist", lead)
    assert (refused.status_code, refused.json()["code"]) == (409, "moderation_missing")
    assert (await panel.moderate(member, candidate)).json()["code"] == "not_the_lead"
    assert (await panel.moderate(lead, candidate)).status_code == 200
    assert (await decide(council, candidate, "shortlist", lead)).status_code == 200


async def test_a_note_does_not_speak_for_scores_that_came_after_it(council: Ats) -> None:
    vacancy = await council.live()
    candidate = await council.apply(vacancy)
    panel = await Panel.of(council, vacancy, 3)
    await panel.submit(panel.people[0], candidate, 4, 2)
    await panel.submit(panel.people[1], candidate, 2, 2)
    await panel.moderate(panel.people[0], candidate)
    council.services.clock.advance(timedelta(minutes=1))
    await panel.submit(panel.people[2], candidate, 0, 0)
    assert (await decide(council, candidate, "shortlist", panel.people[0])).json()["code"] == "moderation_missing"


async def test_replacing_a_member_keeps_what_they_submitted_as_a_former_members(council: Ats) -> None:
    vacancy = await council.live()
    candidate = await council.apply(vacancy)
    panel = await Panel.of(council, vacancy)
    lead, leaving = panel.people
    await panel.submit(leaving, candidate, 3, 3)
    newcomer = await council.staff(Role.PANEL_MEMBER)
    assert (await panel.name(lead, newcomer)).status_code == 200
    await panel.submit(lead, candidate, 3, 3)
    shown = await panel.seen(lead, candidate)
    assert [(each["staff_id"], each["is_former"]) for each in shown["sheets"]] == [(str(leaving.id), True)]
    assert (await panel.save(leaving, candidate, 1, 1)).status_code == 404
    assert (await decide(council, candidate, "shortlist", lead)).status_code == 200


async def test_a_new_lead_loses_nobodys_scores(council: Ats) -> None:
    vacancy = await council.live()
    candidate = await council.apply(vacancy)
    panel = await Panel.of(council, vacancy)
    first, second = panel.people
    await panel.submit(first, candidate, 3, 3)
    await panel.name(second, first)
    await panel.submit(second, candidate, 3, 2)
    shown = await panel.seen(second, candidate)
    assert [each["total"] for each in shown["sheets"]] == [6]
    leads = [
        each["staff_id"] for each in (await panel.call("GET", panel.path, second)).json()["members"] if each["is_lead"]
    ]
    assert leads == [str(second.id)]


async def test_somebody_of_another_council_scores_on_the_panel_and_reaches_nothing_else_there(council: Ats) -> None:
    vacancy, other = await council.live(), await council.live(title="Planning officer")
    candidate, elsewhere = await council.apply(vacancy), await council.apply(other)
    lead = await council.staff(Role.PANEL_MEMBER)
    guest = await council.staff(Role.PANEL_MEMBER, code="DUD")
    panel = Panel(council, vacancy, [lead, guest])
    named = await panel.name(lead, guest)
    assert [each["staff_id"] for each in named.json()["members"]] == [str(lead.id), str(guest.id)]
    await sign_in(council, guest.email)
    csrf = {"X-CSRF-Token": token_of(await council.client.get(f"/panels/{vacancy['id']}"))}

    async def call(method: str, path: str, body: Any = None) -> Any:
        return await council.client.request(method, path, json=body, headers=csrf)

    assert [each["employer"] for each in (await call("GET", "/v1/panels")).json()] == ["SAW"]
    assert (await call("POST", f"{panel.path}/declarations", {"has_conflict": False})).status_code == 201
    scores = {"scores": [{"criterion_id": "E1", "score": 2}, {"criterion_id": "E2", "score": 2}]}
    path = f"{panel.path}/applications/{candidate['id']}"
    assert (await call("PUT", f"{path}/scores", scores)).status_code == 200
    assert (await call("POST", f"{path}/submit-scores")).status_code == 200
    assert (await call("GET", f"/v1/panels/{other['id']}")).status_code == 404
    assert (await call("PUT", f"{panel.path}/applications/{elsewhere['id']}/scores", scores)).status_code == 404


async def test_a_client_of_the_guests_own_council_does_not_reach_the_other_through_them(council: Ats) -> None:
    vacancy = await council.live()
    lead = await council.staff(Role.PANEL_MEMBER)
    guest = await council.staff(Role.PANEL_MEMBER, code="DUD")
    panel = Panel(council, vacancy, [lead, guest])
    await panel.name(lead, guest)
    headers = council.headers(Scope.APPLICATIONS_READ, employers=("DUD",), on_behalf_of=guest.id)
    assert (await council.client.get(panel.path, headers=headers)).status_code == 404
    assert (await council.client.get("/v1/panels", headers=headers)).json() == []


async def test_a_panel_member_who_is_not_on_this_panel_does_not_see_it(council: Ats) -> None:
    vacancy = await council.live()
    panel = await Panel.of(council, vacancy)
    outsider = await council.staff(Role.PANEL_MEMBER)
    assert (await panel.call("GET", panel.path, outsider)).status_code == 404
    manager = await council.staff(Role.HIRING_MANAGER)
    refused = await panel.declare(manager)
    assert (refused.status_code, refused.json()["code"]) == (403, "not_on_panel")


async def test_a_panel_is_not_named_once_somebody_was_shortlisted_without_one(council: Ats) -> None:
    vacancy = await council.live()
    candidate = await council.apply(vacancy)
    person = await council.staff(Role.RECRUITER)
    await decide(council, candidate, "shortlist", person)
    refused = await Panel(council, vacancy, []).name(person, await council.staff(Role.PANEL_MEMBER))
    assert (refused.status_code, refused.json()["code"]) == (409, "sift_begun")


async def test_the_panel_stays_once_the_shortlist_is_confirmed(council: Ats) -> None:
    vacancy = await council.live()
    candidate = await council.apply(vacancy)
    panel = await Panel.of(council, vacancy)
    await panel.score_alike(candidate, 3, 3)
    manager = await council.staff(Role.RECRUITER)
    await decide(council, candidate, "shortlist", manager)
    await council.decide(f"/v1/vacancies/{vacancy['id']}/confirm-shortlist", manager)
    refused = await panel.name(*reversed(panel.people))
    assert (refused.status_code, refused.json()["code"]) == (409, "shortlist_confirmed")


async def set_policy(council: Ats, **terms: Any) -> Any:
    administrator = await council.staff(Role.COUNCIL_ADMIN)
    body = {"valid_from": council.now.date().isoformat()} | terms
    headers = council.headers(Scope.APPLICATIONS_WRITE, on_behalf_of=administrator.id)
    return await council.client.put("/v1/employers/SAW/selection-policy", json=body, headers=headers)


async def test_a_policy_that_requires_a_panel_holds_for_what_is_advertised_from_its_day_on(council: Ats) -> None:
    before = await council.live()
    tomorrow = (council.now + timedelta(days=1)).date().isoformat()
    assert (await set_policy(council, valid_from=tomorrow, requires_panel=True)).status_code == 200
    council.services.clock.advance(timedelta(days=2))
    after = await council.live()
    person = await council.staff(Role.RECRUITER)
    early, late = await council.apply(before), await council.apply(after)
    assert (await decide(council, early, "shortlist", person)).status_code == 200
    refused = await decide(council, late, "shortlist", person)
    assert (refused.status_code, refused.json()["code"]) == (409, "panel_missing")


async def test_a_policy_does_not_begin_in_the_past(council: Ats) -> None:
    refused = await set_policy(council, valid_from="2026-11-15")
    assert (refused.status_code, refused.json()["code"]) == (422, "policy_in_the_past")


async def test_what_a_conflict_is_is_for_its_maker_and_for_who_manages_once_names_are_known(council: Ats) -> None:
    vacancy = await council.live()
    candidate = await council.apply(vacancy)
    panel = await Panel.of(council, vacancy, 3)
    lead, member, biased = panel.people
    manager = await council.staff(Role.RECRUITER)
    await panel.declare(biased, has_conflict=True, what="vermilion ocelot", application_ids=[candidate["id"]])

    async def told(person: StaffMember) -> bool:
        return "vermilion ocelot" in (await panel.call("GET", panel.path, person)).text

    assert [await told(each) for each in (lead, member, biased, manager)] == [False, False, True, False]
    for each in (lead, member):
        await panel.submit(each, candidate, 3, 3)
    await decide(council, candidate, "shortlist", manager)
    await council.decide(f"/v1/vacancies/{vacancy['id']}/confirm-shortlist", manager)
    assert [await told(each) for each in (lead, member, biased, manager)] == [False, False, True, True]


async def test_what_a_conflict_is_stays_out_of_the_audit(council: Ats) -> None:
    vacancy = await council.live()
    panel = await Panel.of(council, vacancy)
    await panel.declare(panel.people[0], has_conflict=True, what="vermilion ocelot")
    async with council.services.sessions[Service.ATS]() as session:
        await session.execute(text("SELECT set_config('app.scope', 'region', true)"))
        rows = await session.execute(text("SELECT coalesce(reason, '') FROM ats.audit_entries"))
        assert not [row for row in rows if "vermilion" in row[0]]
