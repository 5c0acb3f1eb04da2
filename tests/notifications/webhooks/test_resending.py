"""Sending again: one, what died in a period, all that was told in one; and made-up messages."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import update

from services.notifications.webhooks.event_types import BY_NAME
from services.notifications.webhooks.models import WebhookDelivery
from services.notifications.webhooks.samples import sample_message
from services.notifications.webhooks.states import WebhookDeliveryState
from shared.database import transaction
from shared.tenancy import REGION
from shared.vocabulary import Service
from tests.conftest import TODAY
from tests.notifications.webhooks.system import DUD, System


def period(begin: datetime, until: datetime, **more: Any) -> dict[str, Any]:
    return {"from": begin.isoformat(), "until": until.isoformat(), **more}


async def all_become(system: System, state: WebhookDeliveryState) -> None:
    async with transaction(system.world.sessions[Service.NOTIFICATIONS], REGION) as session:
        await session.execute(update(WebhookDelivery).values(state=state, ended_at=TODAY, tries=10, attempts=10))


async def test_one_is_sent_again_under_its_old_id(live_system: System) -> None:
    system = live_system
    made = await system.listens()
    async with system.sending():
        event_id = await system.somebody_applies()
        await system.until_tried(1)
        (delivery,) = await system.deliveries()
        again = await system.call("POST", f"/{made['id']}/deliveries/{delivery.id}/redrive", expect=202)
        assert (again["state"], again["event_id"]) == ("waiting", str(event_id))
        await system.until_tried(2)
    first, second = system.receiver.news
    assert (first.id, first.body) == (second.id, second.body)


async def test_what_is_waiting_is_not_sent_twice(system: System) -> None:
    made = await system.listens()
    await system.somebody_applies()
    (delivery,) = await system.deliveries()
    refused = await system.call("POST", f"/{made['id']}/deliveries/{delivery.id}/redrive", expect=409)
    assert refused["code"] == "webhook_delivery_under_way"


async def test_what_died_in_a_period_is_sent_again_and_what_arrived_is_not(system: System) -> None:
    made = await system.listens()
    await system.somebody_applies()
    system.later(timedelta(hours=2))
    await system.somebody_applies()
    await all_become(system, WebhookDeliveryState.DEAD)
    system.later(timedelta(hours=2))
    await system.somebody_applies()
    wanted = period(TODAY + timedelta(hours=1), TODAY + timedelta(hours=3))
    assert await system.call("POST", f"/{made['id']}/redrive", json=wanted, expect=202) == {"count": 1}
    first, second, third = await system.deliveries()
    assert (first.state, second.state, third.state) == (
        WebhookDeliveryState.DEAD,
        WebhookDeliveryState.WAITING,
        WebhookDeliveryState.WAITING,
    )
    assert (second.tries, second.due_at) == (0, system.world.clock.now())
    await all_become(system, WebhookDeliveryState.DELIVERED)
    everything = period(TODAY, TODAY + timedelta(days=1))
    assert await system.call("POST", f"/{made['id']}/redrive", json=everything, expect=202) == {"count": 0}


async def test_a_replay_sends_what_was_told_before_the_endpoint_was_there_and_while_it_was_off(system: System) -> None:
    before = await system.somebody_applies()
    await system.somebody_applies(employer=DUD)
    made = await system.listens()
    arrived = await system.somebody_applies()
    await all_become(system, WebhookDeliveryState.DELIVERED)
    await system.call("POST", f"/{made['id']}/disable")
    missed = await system.somebody_applies()
    await system.call("POST", f"/{made['id']}/enable")
    assert len(await system.deliveries()) == 1, "nothing goes out by itself"
    wanted = period(TODAY, TODAY + timedelta(hours=1))
    assert await system.call("POST", f"/{made['id']}/replay", json=wanted, expect=202) == {"count": 3}
    deliveries = await system.deliveries()
    assert {each.event_id for each in deliveries} == {before, arrived, missed}
    assert {each.state for each in deliveries} == {WebhookDeliveryState.WAITING}
    assert await system.call("POST", f"/{made['id']}/replay", json=wanted, expect=202) == {"count": 0}, "they wait"


async def test_a_replay_keeps_to_its_period_and_to_the_types_asked_for(system: System) -> None:
    made = await system.listens("application.received", "job.listed")
    await system.somebody_applies()
    await all_become(system, WebhookDeliveryState.DELIVERED)
    early = period(TODAY - timedelta(hours=1), TODAY)
    assert await system.call("POST", f"/{made['id']}/replay", json=early, expect=202) == {"count": 0}
    other = period(TODAY, TODAY + timedelta(hours=1), event_types=["job.listed"])
    assert await system.call("POST", f"/{made['id']}/replay", json=other, expect=202) == {"count": 0}
    backwards = period(TODAY, TODAY - timedelta(hours=1))
    refused = await system.call("POST", f"/{made['id']}/replay", json=backwards, expect=422)
    assert (refused["code"], refused["field"]) == ("period_not_understood", "until")
    zoneless = {"from": "2026-11-16T00:00:00", "until": "2026-11-17T00:00:00"}
    await system.call("POST", f"/{made['id']}/replay", json=zoneless, expect=422)


async def test_a_test_sends_a_sample_of_each_type_under_an_id_of_its_own(live_system: System) -> None:
    system = live_system
    made = await system.listens("job.listed", "offer.made")
    async with system.sending():
        sent = await system.call("POST", f"/{made['id']}/test", json={}, expect=202)
        await system.until_tried(2)
    assert [each["is_test"] for each in sent["items"]] == [True, True]
    told = {each.type: each.verified_with(made["secret"]) for each in system.receiver.news}
    assert set(told) == {"job.listed", "offer.made"}
    for name, message in told.items():
        assert message["data"] == sample_message(BY_NAME[name])["data"]
    assert {each.id for each in system.receiver.news} == {each["event_id"] for each in sent["items"]}


async def test_nothing_is_sent_again_or_tried_while_an_endpoint_is_off(system: System) -> None:
    made = await system.listens()
    await system.somebody_applies()
    (delivery,) = await system.deliveries()
    await all_become(system, WebhookDeliveryState.DEAD)
    await system.call("POST", f"/{made['id']}/disable")
    wanted = period(TODAY, TODAY + timedelta(hours=1))
    for path, body in (
        ("redrive", wanted),
        ("replay", wanted),
        ("test", {}),
        (f"deliveries/{delivery.id}/redrive", None),
    ):
        refused = await system.call("POST", f"/{made['id']}/{path}", json=body, expect=409)
        assert refused["code"] == "webhook_off", path


async def test_a_test_of_what_the_endpoint_is_not_told_is_refused(system: System) -> None:
    made = await system.listens("job.listed")
    refused = await system.call("POST", f"/{made['id']}/test", json={"event_types": ["offer.made"]}, expect=422)
    assert refused["field"] == "event_types.0"
