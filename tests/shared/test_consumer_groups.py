"""Many letters in one job: one transaction for all, and a bad one harms no other."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable
from uuid import UUID

import pytest
import redis

from shared import handling
from shared.consumer import Handling
from shared.envelope import _canonical
from shared.events.ats import OpeningReserved, StaffChanged
from shared.events.base import Event
from shared.logging import CORRELATION_ID
from shared.queue import TryAgain
from shared.sealing import Keyring
from tests.mechanism import Mechanism
from tests.shared.consuming import (
    Answers,
    Hearing,
    deliver,
    deliver_together,
    deliver_what_was_parted,
    envelope,
    group_letter,
    leave_effect,
    waiting_alone,
)


async def test_letters_of_one_job_are_done_in_one_transaction_and_answered_one_by_one(
    mechanism: Mechanism, hearing: Hearing, keys: Keyring, answers: Answers, effects: Callable[[], list[UUID]]
) -> None:
    letters = [group_letter() for _ in range(20)]
    sessions = set()

    async def handler(handling: Handling, event: Event) -> None:
        sessions.add(handling.session)
        await leave_effect(handling, event)

    await deliver_together(hearing({StaffChanged: handler}), letters, keys)
    assert len(sessions) == 1
    assert sorted(effects()) == sorted(each.event_id for each in letters)
    assert sorted(answers.given) == sorted((each.event_id, None) for each in letters)
    assert mechanism.query("SELECT DISTINCT starts, processed_at IS NULL FROM clearing.inbox") == [(1, False)]


async def test_one_bad_letter_parts_the_others_from_it_without_blame_or_effect(
    parts, mechanism: Mechanism, hearing: Hearing, keys: Keyring, answers: Answers, effects: Callable[[], list[UUID]]
) -> None:
    letters = [group_letter() for _ in range(5)]
    bad = letters[2].event_id

    async def handler(handling: Handling, event: Event) -> None:
        await leave_effect(handling, event)
        if handling.event_id == bad:
            raise RuntimeError

    consumer = hearing({StaffChanged: handler})
    await deliver_together(consumer, letters, keys)
    assert (effects(), answers.given) == ([], [])
    assert mechanism.query("SELECT DISTINCT starts FROM clearing.inbox") == [(0,)]
    assert waiting_alone(parts) == {f"{each.event_id}:clearing:0.1:alone" for each in letters}
    for each in letters:
        await deliver(consumer, each, keys)
    assert len(effects()) == len(answers.given) == 4


async def test_among_letters_of_one_job_the_done_the_dead_and_the_suspect_are_told_apart(
    parts, mechanism: Mechanism, hearing: Hearing, keys: Keyring, answers: Answers, effects: Callable[[], list[UUID]]
) -> None:
    new, done, dead, suspect = (group_letter() for _ in range(4))
    consumer = hearing({StaffChanged: leave_effect})
    await deliver(consumer, done, keys)
    for letter, starts, reason in ((dead, 5, "RuntimeError"), (suspect, 1, None)):
        mechanism.query(
            "INSERT INTO clearing.inbox (event_id, producer, name, starts, dead_reason) VALUES (%s, 'ats', %s, %s, %s)",
            letter.event_id,
            letter.name,
            starts,
            reason,
        )
    answers.given.clear()
    await deliver_together(consumer, [new, done, dead, suspect], keys)
    assert sorted(effects()) == sorted([done.event_id, new.event_id])
    assert sorted(answers.given) == sorted(
        [(done.event_id, None), (dead.event_id, "RuntimeError"), (new.event_id, None)], key=lambda given: given[0]
    )
    assert waiting_alone(parts) == {f"{suspect.event_id}:clearing:0.1:alone"}
    assert mechanism.scalar("SELECT starts FROM clearing.inbox WHERE event_id = %s", suspect.event_id) == 1


async def test_a_job_of_many_letters_that_was_begun_before_parts_them_at_once(
    parts, hearing: Hearing, keys: Keyring, effects: Callable[[], list[UUID]]
) -> None:
    letters = [group_letter() for _ in range(3)]
    await deliver_together(hearing({StaffChanged: leave_effect}), letters, keys, tries=2)
    assert effects() == []
    assert waiting_alone(parts) == {f"{each.event_id}:clearing:0.1:alone" for each in letters}


async def test_letters_whose_handler_may_lock_other_rows_never_share_a_transaction(
    parts, hearing: Hearing, keys: Keyring, effects: Callable[[], list[UUID]]
) -> None:
    letters = [envelope() for _ in range(3)]
    await deliver_together(hearing({OpeningReserved: leave_effect}), letters, keys)
    assert effects() == []
    assert waiting_alone(parts) == {f"{each.event_id}:clearing:0.1:alone" for each in letters}


async def test_a_group_that_takes_long_is_committed_again_and_again(
    parts,
    hearing: Hearing,
    keys: Keyring,
    answers: Answers,
    effects: Callable[[], list[UUID]],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(handling, "GROUP_SECONDS", 0.0)
    letters = [group_letter() for _ in range(4)]
    committed: list[int] = []

    async def handler(handling: Handling, event: Event) -> None:
        committed.append(len(effects()))
        await leave_effect(handling, event)

    await deliver_together(hearing({StaffChanged: handler}), letters, keys)
    assert committed == [0, 1, 2, 3]
    assert sorted(answers.given) == sorted((each.event_id, None) for each in letters)
    assert waiting_alone(parts) == set()


async def test_the_same_letter_twice_in_a_job_is_one_letter(
    hearing: Hearing, keys: Keyring, answers: Answers, effects: Callable[[], list[UUID]]
) -> None:
    letter = group_letter()
    await deliver_together(hearing({StaffChanged: leave_effect}), [letter, letter, group_letter()], keys)
    assert (len(effects()), len(answers.given)) == (2, 2)


async def test_a_letter_is_parted_as_it_came_with_what_this_worker_does_not_know(
    parts, hearing: Hearing, keys: Keyring, effects: Callable[[], list[UUID]]
) -> None:
    body = group_letter().model_dump(mode="json") | {"invented_tomorrow": 1}
    kid, mac = keys.sign(_canonical(body))
    letters = [{"body": body, "kid": kid, "mac": mac}, group_letter().signed_with(keys)]
    consumer = hearing({StaffChanged: leave_effect})
    await consumer.deliver({"letters": letters}, 2)
    with redis.Redis.from_url(parts.redis.url) as client:
        [held] = json.loads(client.get(f"arq:job:{body['event_id']}:clearing:0.1:alone") or b"")["a"]
    assert held == {"letters": letters[:1], "parted": True}
    await consumer.deliver(held, 1)
    assert effects() == [UUID(body["event_id"])]


async def test_of_letters_that_were_parted_the_suspects_run_one_at_a_time(
    mechanism: Mechanism, hearing: Hearing, keys: Keyring
) -> None:
    """A worker that died with a group leaves many suspects, each at the first try of its first sending."""
    letters = [group_letter() for _ in range(5)]
    for each in letters:
        mechanism.query(
            "INSERT INTO clearing.inbox (event_id, producer, name, starts) VALUES (%s, 'ats', %s, 1)",
            each.event_id,
            each.name,
        )
    at_once, most = 0, 0

    async def handler(handling: Handling, event: Event) -> None:
        nonlocal at_once, most
        at_once += 1
        most = max(most, at_once)
        await leave_effect(handling, event)
        await asyncio.sleep(0.01)
        at_once -= 1

    consumer = hearing({StaffChanged: handler})
    jobs = [consumer.deliver({"letters": [each.signed_with(keys)], "parted": True}, 1) for each in letters]
    ended = await asyncio.gather(*jobs, return_exceptions=True)
    assert most == 1
    assert any(isinstance(each, TryAgain) for each in ended)


async def test_the_correlation_of_a_letter_is_not_the_next_ones(hearing: Hearing, keys: Keyring) -> None:
    seen: dict[UUID, str | None] = {}

    async def handler(handling: Handling, _event: Event) -> None:
        seen[handling.event_id] = CORRELATION_ID.get()

    letters = [group_letter(correlation_id=each) for each in ("one", None, "three")]
    await deliver_together(hearing({StaffChanged: handler}), letters, keys)
    assert seen == {each.event_id: each.correlation_id for each in letters}
    assert CORRELATION_ID.get() is None


async def test_the_same_job_of_many_letters_twice_has_one_effect_each(
    parts, hearing: Hearing, keys: Keyring, answers: Answers, effects: Callable[[], list[UUID]]
) -> None:
    letters = [group_letter() for _ in range(10)]
    workers = [hearing({StaffChanged: leave_effect}) for _ in range(2)]
    await asyncio.gather(*(deliver_together(worker, letters, keys) for worker in workers * 2))
    # Two that got in each other's way both sent their letters on alone.
    await deliver_what_was_parted(parts, workers[0])
    assert sorted(effects()) == sorted(each.event_id for each in letters)
    assert set(answers.given) >= {(each.event_id, None) for each in letters}
