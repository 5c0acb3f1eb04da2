"""A panel on its pages: without script, and without losing what was typed."""

from __future__ import annotations

from typing import Any

import httpx

from shared.vocabulary import Role
from tests.ats.desk.test_pages import sign_in, token_of
from tests.factories.ats import Ats
from tests.factories.panels import Panel


async def post(council: Ats, page: str, action: str, **fields: Any) -> httpx.Response:
    token = token_of(await council.client.get(page))
    return await council.client.post(action, data={"csrf_token": token} | fields)


async def test_a_member_declares_scores_and_submits_on_the_pages(council: Ats) -> None:
    vacancy = await council.live()
    candidate = await council.apply(vacancy, name="Zyxwara Quillfeather")
    people = [await council.staff(Role.PANEL_MEMBER, name=name) for name in ("Lena Lead", "Mo Member")]
    await Panel(council, vacancy, people).name(*people)
    await sign_in(council, people[1].email)
    assert "Housing officer" in (await council.client.get("/panels")).text
    page = f"/panels/{vacancy['id']}"
    assert "Lena Lead" in (await council.client.get(page)).text
    unsaid = await post(council, page, f"{page}/declare")
    assert unsaid.status_code == 422
    assert "Say whether you have a conflict of interest" in unsaid.text
    assert (await post(council, page, f"{page}/declare", has_conflict="no")).status_code == 303
    sheet = f"{page}/applications/{candidate['id']}"
    shown = await council.client.get(sheet)
    assert candidate["reference"] in shown.text
    assert "Zyxwara" not in shown.text
    typed = {"score-E1": "3", "note-E1": "a vermilion note", "then": "submit"}
    refused = await post(council, sheet, sheet, **typed)
    assert refused.status_code == 422
    assert "Choose a score for E2" in refused.text
    assert "a vermilion note" in refused.text, "nothing typed is lost"
    assert (await post(council, sheet, sheet, **typed | {"score-E2": "2"})).status_code == 303
    done = await council.client.get(sheet)
    assert "Submit my scores" not in done.text
    assert "a vermilion note" in done.text


async def test_the_lead_writes_the_moderation_note_on_the_page(council: Ats) -> None:
    vacancy = await council.live()
    candidate = await council.apply(vacancy)
    panel = await Panel.of(council, vacancy)
    await panel.submit(panel.people[0], candidate, 4, 2)
    await panel.submit(panel.people[1], candidate, 2, 2)
    await sign_in(council, panel.people[0].email)
    page = f"/panels/{vacancy['id']}/applications/{candidate['id']}"
    short = await post(council, page, f"{page}/moderate", note="ok")
    assert short.status_code == 422
    assert "in at least 10 characters" in short.text
    assert (await post(council, page, f"{page}/moderate", note="We read E1 again together.")).status_code == 303
    assert "We read E1 again together." in (await council.client.get(page)).text


async def test_a_manager_names_the_panel_on_the_page_and_keeps_a_guest(council: Ats) -> None:
    vacancy = await council.live()
    manager = await council.staff(Role.RECRUITER, name="Rae Recruiter")
    member = await council.staff(Role.PANEL_MEMBER, name="Mo Member")
    guest = await council.staff(Role.PANEL_MEMBER, code="DUD", name="Gus Guest")
    await Panel(council, vacancy, []).name(manager, guest)
    await sign_in(council, manager.email)
    page = f"/panels/{vacancy['id']}"
    alone = await post(council, page, f"{page}/name", lead=str(member.id))
    assert alone.status_code == 422
    assert "at least two" in alone.text
    named = await post(council, page, f"{page}/name", lead=str(member.id), members=[str(guest.id), str(manager.id)])
    assert named.status_code == 303
    shown = (await council.client.get(page)).text
    assert all(name in shown for name in ("Rae Recruiter", "Mo Member", "Gus Guest"))
