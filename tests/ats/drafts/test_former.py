"""A former application answers a new form as far as the new one asks the same."""

from __future__ import annotations

from typing import Any

from shared.vocabulary import Scope
from tests.ats.applications.test_council_forms import FORM, JOB, REFEREE, answered, send
from tests.ats.drafts.begun import AMARA, bearer_of, begin, links, submit
from tests.factories.ats import E1, Ats

NEW_FORM: dict[str, Any] = {
    "employment": "required",
    "referees": 1,
    "declarations": [{"text": "What I say here is true."}],
    "questions": [
        {"label": "What would you change first?", "kind": "long_text"},
        {"label": "Hours a week", "kind": "short_text"},
        {"label": "Which languages?", "kind": "multi_select", "options": [{"value": "pa", "label": "Punjabi"}]},
    ],
}
E9 = {"kind": "skill", "text": "Housing advice, in depth", "skill_id": "housing_advice", "level": 2}


async def test_a_former_application_prefills_only_what_the_new_form_asks_in_the_same_words(council: Ats) -> None:
    before = await council.live(application_form=FORM)
    sent = await send(council, before, answered(email=AMARA))
    assert sent.status_code == 201, sent.text
    after = await council.live(title="Senior housing officer", application_form=NEW_FORM, essential=[E9, E1])
    draft = await begin(council, after, email=AMARA, application={"name": "Amara O."})
    device = await bearer_of(council, (await links(council))[0].link)
    path = f"/v1/drafts/{draft['id']}"
    (former,) = (await council.client.get(f"{path}/former-applications", headers=device)).json()
    assert (former["id"], former["job_title"]) == (sent.json()["id"], "Housing officer")
    filled = await council.client.post(f"{path}/reuse", json={"application_id": former["id"]}, headers=device)
    assert filled.status_code == 200, filled.text
    assert filled.json()["application"] == {
        "name": "Amara O.",
        "phone": "0121 496 0000",
        "employment": [JOB],
        "referees": [REFEREE],
        "supporting_statement": "I like to help.",
        "answers": [{"criterion_id": "E2", "answer": "Ten years"}],
        "questions": {"Q1": "The waiting times"},
    }
    assert [each["field"] for each in filled.json()["missing"]] == ["declarations"]
    assert (await submit(council, draft, device)).status_code == 422


async def test_nobody_fills_a_draft_from_anothers_application(council: Ats) -> None:
    vacancy = await council.live()
    theirs = await council.apply(vacancy)
    draft = await begin(council, vacancy, email=AMARA)
    device = await bearer_of(council, (await links(council))[0].link)
    path = f"/v1/drafts/{draft['id']}"
    assert (await council.client.get(f"{path}/former-applications", headers=device)).json() == []
    taken = await council.client.post(f"{path}/reuse", json={"application_id": theirs["id"]}, headers=device)
    assert (taken.status_code, taken.json()["code"]) == (404, "application_not_found")
    system = council.headers(Scope.JOBS_APPLY, employers="region")
    assert (await council.client.get(f"{path}/former-applications", headers=system)).status_code == 403
