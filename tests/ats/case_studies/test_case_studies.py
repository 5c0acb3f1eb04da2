"""Stories on careers pages: shown with the consent of who is portrayed, and gone the moment they take it back."""

from __future__ import annotations

from typing import Any

import pytest

from services.ats.case_studies.rules import Block, blocks
from shared.vocabulary import Role
from tests.factories.ats import Ats
from tests.factories.identity import csrf_of, grant, make_staff, sign_in

STORY = {
    "title": "From the call centre to housing",
    "summary": "Amara helps people to keep their homes.",
    "story": "# How I came here\n\nI began <b>on</b> the telephones.\n\n* One\n* Two\n\n> Do it",
    "person_job_title": "Housing officer",
    "consent_given_on": "2026-11-02",
    "family": "housing_homelessness",
}
FORM = {
    "employer": "SAW",
    "title": "By form",
    "summary": "Short",
    "story": "Long",
    "person_job_title": "Gardener",
    "consent_given_on-day": "2",
    "consent_given_on-month": "11",
    "consent_given_on-year": "2026",
}
OWN = "/v1/employers/SAW/case-studies"


async def admin(council: Ats, code: str = "SAW") -> dict[str, str]:
    email = f"admin@{code.lower()}.example"
    async with council.region() as session:
        await make_staff(session, grant(Role.COUNCIL_ADMIN, code), email=email)
    council.client.cookies.clear()
    await sign_in(council.client, email)
    return {"X-CSRF-Token": await csrf_of(council.client)}


async def written(council: Ats, headers: dict[str, str], **changes: Any) -> str:
    made = await council.client.post(OWN, json=STORY | changes, headers=headers)
    assert made.status_code == 201, made.text
    return f"/v1/case-studies/{made.json()['id']}"


async def shown(council: Ats) -> list[str]:
    """What anyone reads, wherever stories stand; the places agree."""
    council.client.cookies.clear()
    items = (await council.client.get("/v1/case-studies", params={"employer": "SAW"})).json()["items"]
    for page in ("/careers", "/careers/SAW"):
        text = (await council.client.get(page)).text
        assert ("Stories of people who work here" in text) == bool(items), page
        assert all(each["title"] in text for each in items)
    return [each["title"] for each in items]


async def test_a_draft_is_nobody_elses_and_a_published_story_everyones(council: Ats) -> None:
    headers = await admin(council)
    path = await written(council, headers)
    page = path.replace("/v1/case-studies", "/careers/SAW/stories")
    assert (await council.client.get(page)).status_code == 404
    assert (await council.client.post(f"{path}/publish", headers=headers)).json()["state"] == "published"
    assert await shown(council) == [STORY["title"]]
    story = await council.client.get(page)
    assert story.status_code == 200
    assert "How I came here</h2>" in story.text
    assert "&lt;b&gt;on&lt;/b&gt;" in story.text


async def test_withdrawn_consent_takes_a_story_down_at_once_until_it_is_given_anew(council: Ats) -> None:
    headers = await admin(council)
    path = await written(council, headers)
    await council.client.post(f"{path}/publish", headers=headers)
    withdrawn = (await council.client.post(f"{path}/withdraw-consent", headers=headers)).json()
    assert (withdrawn["state"], withdrawn["consent_withdrawn_on"]) == ("draft", "2026-11-16")
    refused = await council.client.post(f"{path}/publish", headers=headers)
    assert (refused.status_code, refused.json()["code"]) == (409, "consent_missing")
    cookies = dict(council.client.cookies)
    assert await shown(council) == []
    council.client.cookies.update(cookies)
    council.services.clock.instant = council.now.replace(day=17)
    agreed = STORY | {"consent_given_on": "2026-11-17"}
    assert (await council.client.put(path, json=agreed, headers=headers)).status_code == 200
    assert (await council.client.post(f"{path}/publish", headers=headers)).status_code == 200
    assert await shown(council) == [STORY["title"]]


async def test_a_story_stands_beside_adverts_of_its_kind_of_work(council: Ats) -> None:
    vacancy = await council.live()
    headers = await admin(council)
    for title, family in (("Homes", vacancy["family"]), ("Law", "legal")):
        path = await written(council, headers, title=title, family=family)
        await council.client.post(f"{path}/publish", headers=headers)
    page = (await council.client.get(f"/jobs/{vacancy['id']}")).text
    assert ">Homes</a>" in page
    assert ">Law</a>" not in page


async def test_stories_stand_in_their_order(council: Ats) -> None:
    headers = await admin(council)
    for title, position in (("Second", 2), ("First", 1)):
        path = await written(council, headers, title=title, position=position)
        await council.client.post(f"{path}/publish", headers=headers)
    assert await shown(council) == ["First", "Second"]


async def test_another_employer_changes_nothing_even_of_what_it_can_read(council: Ats) -> None:
    headers = await admin(council)
    path = await written(council, headers)
    await council.client.post(f"{path}/publish", headers=headers)
    other = await admin(council, "WLV")
    assert (await council.client.get(path)).status_code == 404
    for answer in (
        await council.client.put(path, json=STORY, headers=other),
        await council.client.post(f"{path}/withdraw-consent", headers=other),
        await council.client.delete(path, headers=other),
        await council.client.post(OWN, json=STORY, headers=other),
    ):
        assert answer.status_code == 404
    assert (await council.client.get("/case-studies")).text.count(STORY["title"]) == 0
    assert await shown(council) == [STORY["title"]]


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"consent_given_on": None}, "consent_given_on"),
        ({"consent_given_on": "2026-11-17"}, "consent_given_on"),
        ({"family": "piracy"}, "family"),
        ({"title": "  "}, "title"),
        ({"photo": "x"}, "photo"),
    ],
)
async def test_a_story_without_consent_or_with_what_is_not_known_is_refused(
    council: Ats, change: dict[str, Any], field: str
) -> None:
    headers = await admin(council)
    refused = await council.client.post(OWN, json=STORY | change, headers=headers)
    assert refused.status_code == 422
    body = refused.json()
    assert field in {body.get("field"), *(each["field"] for each in body.get("errors", ()))}


async def test_a_change_that_somebody_overtook_is_refused(council: Ats) -> None:
    headers = await admin(council)
    path = await written(council, headers)
    stale = (await council.client.get(path)).headers["etag"]
    assert (await council.client.put(path, json=STORY, headers=headers | {"If-Match": stale})).status_code == 200
    assert (await council.client.put(path, json=STORY, headers=headers | {"If-Match": stale})).status_code == 412


async def test_staff_write_and_publish_on_pages(council: Ats) -> None:
    token = {"csrf_token": (await admin(council))["X-CSRF-Token"]}
    assert (await council.client.get("/case-studies/new")).status_code == 200
    wrong = {"employer": "WLV", "title": "", "consent_given_on-day": "31", "consent_given_on-month": "2"}
    refused = await council.client.post("/case-studies/new", data=FORM | token | wrong)
    assert refused.status_code == 422
    for words in ("Choose an employer of yours", "Enter a title", "Enter the day on which the person agreed"):
        assert words in refused.text
    made = await council.client.post("/case-studies/new", data=FORM | token)
    assert made.status_code == 303, made.text
    path = made.headers["location"]
    changed = await council.client.post(path, data=FORM | token | {"title": "By form, better"})
    assert changed.status_code == 303
    assert 'value="By form, better"' in (await council.client.get(path)).text
    assert (await council.client.post(f"{path}/withdraw-consent", data=token)).status_code == 303
    assert "has not agreed" in (await council.client.post(f"{path}/publish", data=token)).text
    assert (await council.client.post(f"{path}/delete", data=token)).status_code == 303
    assert "No story is written yet" in (await council.client.get("/case-studies")).text


def test_a_story_is_read_by_how_its_parts_begin() -> None:
    assert list(blocks("# A\r\n\r\nb\nc\n\n* d\n* e\n\n> f\n\n\n")) == [
        Block("heading", ("A",)),
        Block("paragraph", ("b", "c")),
        Block("list", ("d", "e")),
        Block("quote", ("f",)),
    ]
