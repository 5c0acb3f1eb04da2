"""Who is told what, and that nothing of a person is in it."""

from __future__ import annotations

import json
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from services.notifications.deliveries.models import Delivery
from services.notifications.webhooks.event_types import BY_EVENT, BY_NAME, EVENT_TYPES, EventType
from services.notifications.webhooks.models import WebhookEvent
from services.notifications.webhooks.samples import sample_event, sample_message
from shared.events.base import Event, Sealed
from shared.vocabulary import Scope, Service
from tests.conftest import BUILDERS, ROOT
from tests.notifications.webhooks.system import DUD, SAW, System

CANARIES = {
    "name": "Zaphodine Quux",
    "email": "zaphodine@mail.example",
    "reasons": "Umbersnatch",
    "link": "https://ats.example/l/secret",
}
# What an event may hold and a message never does: a person's own, or the way to it.
NEVER = {"registration_id", "vacancy_title", "salary_pence", "place", "is_candidate_hidden", "rejection_event_id"}


def told_by(event_type: EventType, **changes: Any) -> Event:
    """An event of the type between Sandwell, which gains, and Dudley, which is home."""
    event = sample_event(event_type)
    employers = {"employer_id": SAW, "gaining_employer_id": SAW, "home_employer_id": DUD}
    given = {name: value for name, value in employers.items() if name in type(event).model_fields}
    return event.model_copy(update=given | changes)


def sealed_for(event: Event) -> Sealed | None:
    shape = event.sealed_for.get(Service.NOTIFICATIONS)
    return shape(**{name: CANARIES.get(name, "x") for name in shape.model_fields}) if shape else None


@pytest.mark.parametrize("event_type", EVENT_TYPES, ids=[each.name for each in EVENT_TYPES])
async def test_a_message_is_thin_and_names_nobody(system: System, event_type: EventType) -> None:
    event = told_by(event_type)
    words = {
        name: f"{name} of Zaphodine" for name, field in type(event).model_fields.items() if field.annotation is str
    }
    shown = {"title", "reference"} if event_type.is_public or event_type.name.startswith("vacancy.") else set()
    event = event.model_copy(update={name: value for name, value in words.items() if name not in shown})
    await system.hears(event, sealed_for(event))
    (kept,) = await system.rows(WebhookEvent)
    assert set(json.loads(kept.body)) == {"type", "timestamp", "data"}
    assert [each for each in (*CANARIES.values(), "Zaphodine") if each in kept.body] == []
    assert not NEVER & set(event_type.members)
    assert len(kept.body) < 1024


@pytest.mark.parametrize("event_type", EVENT_TYPES, ids=[each.name for each in EVENT_TYPES])
async def test_every_type_is_told_to_the_employers_concerned_and_to_nobody_else(
    system: System, event_type: EventType
) -> None:
    """And to a board exactly what is public."""
    everyone = {
        "SAW": system,
        "DUD": system.another(employers=("DUD",)),
        "WLV": system.another(employers=("WLV",)),
    }
    made = {code: await each.listens(event_type.name, employer=code) for code, each in everyone.items()}
    if event_type.is_public:
        board = system.another(employers="region", scopes=(Scope.WEBHOOKS_READ, Scope.WEBHOOKS_WRITE))
        made["board"] = await board.listens(event_type.name, employer=None)
    event = told_by(event_type)
    await system.hears(event, sealed_for(event))
    told = {str(each.webhook_id) for each in await system.deliveries()}
    expected = {"SAW", "DUD"} if "home_employer_id" in type(event).model_fields else {"SAW"}
    expected |= {"board"} if event_type.is_public else set()
    assert told == {made[name]["id"] for name in expected}


async def test_what_ended_before_a_referral_the_gaining_council_never_hears_of(system: System) -> None:
    gaining, home = system, system.another(employers=("DUD",))
    await gaining.listens("referral.outcome_recorded")
    heard = await home.listens("referral.outcome_recorded", employer="DUD")
    event = told_by(BY_NAME["referral.outcome_recorded"], was_referred=False, outcome="not_referred")
    await system.hears(event, sealed_for(event))
    assert [str(each.webhook_id) for each in await system.deliveries()] == [heard["id"]]


async def test_an_event_that_comes_twice_is_told_once(system: System) -> None:
    await system.listens()
    event_id = await system.somebody_applies()
    await system.somebody_applies(event_id=event_id)
    (delivery,) = await system.deliveries()
    assert delivery.event_id == event_id


async def test_people_are_told_as_before(system: System) -> None:
    event_id = await system.somebody_applies()
    (mail,) = await system.rows(Delivery)
    assert (mail.event_id, mail.kind) == (event_id, "application_received")


def test_one_event_has_one_public_name() -> None:
    assert len(BY_NAME) == len(BY_EVENT) == len(EVENT_TYPES)


def test_the_readme_lists_every_type() -> None:
    readme = (ROOT / "README.md").read_text()
    lines = [
        f"| `{each.name}` | `{each.event.name}` | {each.scope or 'anyone'} | {each.title} |" for each in EVENT_TYPES
    ]
    assert [line for line in lines if line not in readme] == []


def test_the_manual_has_the_shape_and_a_sample_of_each_type(parts: Any) -> None:
    document = BUILDERS[Service.NOTIFICATIONS](parts.settings(Service.NOTIFICATIONS)).openapi()
    assert set(document["webhooks"]) == set(BY_NAME)
    for name, item in document["webhooks"].items():
        schema = item["post"]["requestBody"]["content"]["application/json"]["schema"]
        validator = Draft202012Validator({**schema, "components": document["components"]})
        sample = sample_message(BY_NAME[name])
        validator.validate(sample)
        assert not validator.is_valid({**sample, "type": "another.type"})
        assert not validator.is_valid({**sample, "data": {}})
        headers = {each["name"] for each in item["post"]["parameters"]}
        assert headers == {"webhook-id", "webhook-timestamp", "webhook-signature"}
