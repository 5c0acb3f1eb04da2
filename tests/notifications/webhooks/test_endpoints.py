"""Endpoints over HTTP: set up, shown to be somebody's, changed, given new secrets, switched off, taken away."""

from __future__ import annotations

import base64
import json
from uuid import uuid4

import pytest
from standardwebhooks import WebhookVerificationError

from services.notifications.webhooks import rules
from services.notifications.webhooks.models import WebhookEndpoint
from services.notifications.webhooks.states import EndpointState
from shared.vocabulary import Scope
from tests.notifications.webhooks.receiver import Receiver, Says, Taken
from tests.notifications.webhooks.system import CONTACT, System


async def test_a_secret_is_shown_once_and_stored_sealed(system: System) -> None:
    made = await system.registers("application.received")
    secret = made["secret"]
    assert secret.startswith("whsec_")
    assert len(base64.b64decode(secret.removeprefix("whsec_"))) == 32
    assert (made["state"], made["event_types"], made["contact"]) == ("unverified", ["application.received"], CONTACT)
    read = await system.call("GET", f"/{made['id']}")
    assert "secret" not in read
    stored = await system.endpoint()
    assert secret.removeprefix("whsec_") not in str(vars(stored))
    assert stored.sealed_secret


async def test_nothing_is_sent_before_the_challenge_is_answered(system: System) -> None:
    made = await system.registers("application.received")
    await system.somebody_applies()
    assert await system.deliveries() == []
    verified = await system.call("POST", f"/{made['id']}/verify")
    assert (verified["is_verified"], verified["status_code"], verified["endpoint"]["state"]) == (True, 200, "enabled")
    (challenge,) = system.receiver.taken
    assert challenge.verified_with(made["secret"])["type"] == "webhook.challenge"
    await system.somebody_applies()
    assert len(await system.deliveries()) == 1


@pytest.mark.parametrize(
    ("says", "explained"),
    [
        (Says(200, body=b"{}"), "not with"),
        (Says(200, body=b'{"challenge": "something else"}'), "not with"),
        (Says(200, body=b"[" * 100_000), "not with"),
        (Says(200, body=b"\xff"), "not with"),
        (Says(204), "not with"),
        (Says(500), "2xx"),
        (Says(302, headers={"Location": "http://127.0.0.1:1/"}), "leads on"),
        (Says(hangs_up=True), "No connection"),
    ],
)
async def test_an_endpoint_that_does_not_send_the_challenge_back_stays_off(
    system: System, monkeypatch: pytest.MonkeyPatch, says: Says, explained: str
) -> None:
    monkeypatch.setattr(Receiver, "answer", lambda _self, _taken: says)
    made = await system.registers("application.received")
    refused = await system.call("POST", f"/{made['id']}/verify")
    assert refused["is_verified"] is False
    assert explained in refused["explanation"]
    assert (await system.endpoint()).state is EndpointState.UNVERIFIED


async def test_what_repeats_the_whole_message_is_not_taken_for_an_answer(
    system: System, monkeypatch: pytest.MonkeyPatch
) -> None:
    def echo(_self: Receiver, taken: Taken) -> Says:
        return Says(200, body=taken.body)

    monkeypatch.setattr(Receiver, "answer", echo)
    made = await system.registers("application.received")
    assert (await system.call("POST", f"/{made['id']}/verify"))["is_verified"] is False


async def test_for_a_day_both_secrets_sign_and_then_the_new_one_alone(live_system: System) -> None:
    system = live_system
    made = await system.listens()
    rotated = await system.call("POST", f"/{made['id']}/rotate-secret")
    assert rotated["secret"] != made["secret"]
    async with system.sending():
        await system.somebody_applies()
        await system.until_tried(1)
        system.later(rules.OVERLAP)
        await system.somebody_applies()
        await system.until_tried(2)
    within, after = system.receiver.news
    assert within.verified_with(made["secret"]) == within.verified_with(rotated["secret"])
    assert after.verified_with(rotated["secret"])
    with pytest.raises(WebhookVerificationError):
        after.verified_with(made["secret"])


async def test_another_address_has_to_be_verified_again(system: System) -> None:
    made = await system.listens()
    change = {"url": system.receiver.url + "/new", "event_types": ["offer.made"], "contact": CONTACT}
    changed = await system.call("PUT", f"/{made['id']}", json=change)
    assert (changed["state"], changed["verified_at"], changed["event_types"]) == ("unverified", None, ["offer.made"])
    refused = await system.call("POST", f"/{made['id']}/enable", expect=409)
    assert refused["code"] == "webhook_not_verified"


async def test_a_change_that_saw_another_version_is_refused(system: System) -> None:
    made = await system.listens()
    change = {"url": system.receiver.url, "event_types": ["offer.made"], "contact": CONTACT}
    stale = {"If-Match": f'"v{made["version"]}"'}
    assert (await system.call("PUT", f"/{made['id']}", json=change, headers=stale, expect=412))[
        "code"
    ] == "stale_version"


async def test_an_endpoint_is_switched_off_and_on_by_its_owner(system: System) -> None:
    made = await system.listens()
    off = await system.call("POST", f"/{made['id']}/disable")
    assert (off["state"], off["disabled_reason"]) == ("disabled", "by_owner")
    await system.somebody_applies()
    assert await system.deliveries() == []
    on = await system.call("POST", f"/{made['id']}/enable")
    assert (on["state"], on["disabled_reason"]) == ("enabled", None)


async def test_what_is_taken_away_is_not_found_and_keeps_no_secret(system: System) -> None:
    made = await system.listens()
    await system.call("DELETE", f"/{made['id']}", expect=204)
    assert (await system.call("GET", f"/{made['id']}", expect=404))["code"] == "webhook_not_found"
    assert (await system.call("GET"))["items"] == []
    await system.somebody_applies()
    assert await system.deliveries() == []
    (left,) = await system.rows(WebhookEndpoint)
    assert (left.sealed_secret, left.contact_name, left.contact_email) == ("", "", "")


async def test_a_system_is_told_only_what_it_may_read(system: System) -> None:
    poor = system.another(scopes=(Scope.WEBHOOKS_WRITE, Scope.VACANCIES_READ))
    refused = await poor.registers("vacancy.released", "application.received", expect=403)
    assert (refused["code"], refused["field"], refused["needed"]) == (
        "event_type_not_yours",
        "event_types.1",
        "applications:read",
    )
    made = await poor.registers("vacancy.released")
    change = {"url": system.receiver.url, "event_types": ["vacancy.released", "referral.made"], "contact": CONTACT}
    assert (await poor.call("PUT", f"/{made['id']}", json=change, expect=403))["needed"] == "clearing:read"


async def test_bad_input_is_told_by_field_and_rule(system: System) -> None:
    unknown = await system.registers("application.recieved", expect=422)
    assert (unknown["code"], unknown["field"]) == ("event_type_unknown", "event_types.0")
    assert "event-types" in unknown["next_step"]
    nobodys = await system.registers("application.received", employer="DUD", expect=404)
    assert nobodys["code"] == "employer_not_known"
    unnamed = await system.registers("application.received", employer=None, expect=422)
    assert (unnamed["code"], unnamed["field"]) == ("employer_wanted", "employer")
    extra = await system.registers("application.received", expect=422, secret="whsec_mine")
    assert extra["errors"][0]["field"] == "secret"
    assert (await system.registers(expect=422))["errors"][0]["field"] == "event_types"


@pytest.mark.parametrize(
    "url",
    """http://169.254.169.254/latest https://10.0.0.7/hook https://[::ffff:10.0.0.1]/hook https://me:word@127.0.0.1/hook
    ftp://council.example/hook https://2852039166/hook https://0xA9FEA9FE/hook""".split(),
)
async def test_an_address_that_leads_inside_is_refused_when_it_is_registered(system: System, url: str) -> None:
    refused = await system.registers("application.received", url=url, expect=422)
    assert (refused["code"], refused["field"]) == ("address_refused", "url")


async def test_another_system_of_the_council_sees_an_endpoint_and_leaves_it_alone(system: System) -> None:
    made = await system.listens()
    colleague = system.another()
    assert (await colleague.call("GET", f"/{made['id']}"))["id"] == made["id"]
    for verb in ("disable", "enable", "rotate-secret", "verify"):
        assert (await colleague.call("POST", f"/{made['id']}/{verb}", expect=403))["code"] == "webhook_of_another"
    stranger = system.another(employers=("DUD",))
    nobodys = await stranger.call("GET", f"/{uuid4()}", expect=404)
    assert await stranger.call("GET", f"/{made['id']}", expect=404) == nobodys
    assert (await stranger.call("GET"))["items"] == []


async def test_a_system_of_the_whole_region_sees_its_own_endpoints_alone(system: System) -> None:
    theirs = await system.listens()
    board = system.another(employers="region", scopes=(Scope.WEBHOOKS_READ, Scope.WEBHOOKS_WRITE))
    mine = await board.registers("job.listed", employer=None)
    assert [each["id"] for each in (await board.call("GET"))["items"]] == [mine["id"]]
    await board.call("GET", f"/{theirs['id']}", expect=404)
    refused = await board.registers("application.received", employer=None, expect=422)
    assert (refused["code"], refused["field"]) == ("employer_wanted", "employer")
    await system.call("GET", f"/{mine['id']}", expect=404)


async def test_every_type_is_listed_with_a_sample(system: System) -> None:
    listed = (await system.call("GET", "/event-types"))["items"]
    assert len(listed) > 20
    released = next(each for each in listed if each["name"] == "vacancy.released")
    assert released["scope"] == "vacancies:read"
    assert released["sample"]["type"] == "vacancy.released"
    assert released["sample"]["data"]["links"]["vacancy"].startswith("http")
    assert all(json.dumps(each["sample"]) for each in listed)
