"""Each fault under load, by the real relay and worker as processes on a real PostgreSQL and Redis.

After each: nothing lost, nothing doubled, no letter without an answer, no death but those that were meant; and where
the fault takes something away, proof that it did: something had to be sent again. `make faults` runs the long form.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from typing import Protocol
from uuid import uuid4

import pytest

from shared.failpoints import FAILPOINTS
from tests.faults.conftest import FIRST_RESEND_SECONDS, IS_FULL
from tests.faults.processes import (
    DELIVERED,
    EXITS,
    LOOPS,
    MENDED,
    ONE_BY_ONE,
    PARKED,
    RAISES,
    TRIPLICATE,
    employer,
    fact,
)
from tests.faults.rig import PAIR, History, Rig, nothing_wrong

pytestmark = pytest.mark.faults

NOTHING_WRONG = {"lost": 0, "doubled": 0, "unanswered": 0, "answered but not kept": 0, "out of date": 0}
LOAD_SECONDS = 8.0 if IS_FULL else 0.6
# What is promised of a machine of one's own. Letters that wait for what they build on, and suspects, which go one by
# one, may take longer: they are exempt. A machine that does much else misses it, so a miss is printed and not judged.
WINDOW_SECONDS = 2 * FIRST_RESEND_SECONDS + 5
LONGEST_SECONDS = 180.0
RELAY, PRODUCER, CONSUMER = PAIR
API = "ats api"
# Other services add fail-points of their own, with tests of their own.
STEPS = [
    each for each in FAILPOINTS if each.startswith(("command.", "transaction.", "relay.", "consumer.", "producer."))
]
PROCESS_OF = {"command": API, "transaction": API, "relay": RELAY, "consumer": CONSUMER, "producer": PRODUCER}
# Reached only by letters whose jobs are gone, and by those of a group in which one stumbles.
AFTER_A_LOSS = {"relay.all_due", "relay.looked", "relay.resend_claimed"}
AFTER_A_STUMBLE = {"consumer.taken_back", "consumer.parted"}
# A death after these leaves nothing behind that has to be sent again.
LEAVES_NOTHING = {
    "command.recorded",
    "transaction.committed",
    "relay.published",
    "consumer.parted",
    "consumer.acknowledged",
    "producer.ack_committed",
}
# Starts so far of an event whose next one is its last.
ALL_BUT_ONE = (
    "INSERT INTO clearing.inbox (event_id, producer, name, starts) SELECT id, 'ats', name, 4 FROM ats.events"
    " WHERE id = %s"
)


class Report(Protocol):
    def __call__(
        self, fault: str, *, deaths: Counter[str] | None = None, must_resend: bool = False, dead: int = 0
    ) -> History: ...


@pytest.fixture
def pair(rig: Rig) -> Iterator[Rig]:
    """The pair of services, fresh and clean, in an experiment of its own."""
    rig.forget()
    rig.start(*PAIR)
    try:
        yield rig
    finally:
        rig.stop(API, *PAIR)


@pytest.fixture
def report(rig: Rig, capsys: pytest.CaptureFixture[str]) -> Report:
    """Settles, reads the history, prints one line, and holds it against the invariants."""

    def settled(fault: str, *, deaths: Counter[str] | None = None, must_resend: bool = False, dead: int = 0) -> History:
        seconds = rig.settle(LONGEST_SECONDS)
        history = rig.history()
        window = "" if seconds <= WINDOW_SECONDS else f" (MISSED the window of {WINDOW_SECONDS:.1f} s)"
        with capsys.disabled():
            print(f"\n{fault}: {history}, settled in {seconds:.1f} s{window}, deaths {rig.deaths.total()}", end=" ")
        assert nothing_wrong(history) == NOTHING_WRONG
        assert history.dead == dead
        assert rig.deaths == (deaths or Counter()), "something died that should have lived, or the other way round"
        assert not must_resend or history.republished > 0, "the fault was none: nothing had to be sent again"
        return history

    return settled


def test_redis_emptied_four_times_under_load(pair: Rig, report: Report) -> None:
    with pair.load():
        for _ in range(4):
            pair.write_for(LOAD_SECONDS / 2)
            pair.stop(CONSUMER)
            pair.write_groups()
            pair.write_for(LOAD_SECONDS / 4)
            pair.redis.empty()
            pair.start(CONSUMER)
    report("Redis emptied four times", must_resend=True)
    assert pair.was_sent_in_groups()


@pytest.mark.parametrize("seconds", [2, pytest.param(30, marks=pytest.mark.skipif(not IS_FULL, reason="long form"))])
def test_redis_killed_without_persistence_and_back(pair: Rig, report: Report, seconds: int) -> None:
    with pair.load():
        pair.write_for(LOAD_SECONDS / 2)
        # So that something lies in the queue to be lost.
        pair.stop(CONSUMER)
        pair.write_for(LOAD_SECONDS / 2)
        pair.redis.kill()
        pair.start(CONSUMER)
        pair.write_for(seconds)
        pair.redis.start()
    report(f"Redis killed for {seconds} s", must_resend=True)


@pytest.mark.parametrize("names", [[each] for each in STEPS] if IS_FULL else [STEPS], ids=str)
def test_processes_killed_between_every_pair_of_steps(pair: Rig, report: Report, names: Sequence[str]) -> None:
    buried = 0
    with pair.load():
        for name in names:
            for _ in range(3 if IS_FULL else 1):
                buried += kill_at(pair, name)
    deaths = Counter(PROCESS_OF[name.partition(".")[0]] for name in names for _ in range(3 if IS_FULL else 1))
    report(
        f"SIGKILL at {', '.join(names)}",
        deaths=deaths,
        must_resend=not LEAVES_NOTHING.issuperset(names),
        dead=buried,
    )
    assert pair.was_sent_in_groups()


def kill_at(pair: Rig, name: str) -> int:
    """Let the process pass `name` with a backlog before it, and die there. Returns how many events it buried."""
    process = PROCESS_OF[name.partition(".")[0]]
    before = pair.deaths[process]
    pair.stop(RELAY)
    if name in AFTER_A_LOSS:
        pair.stop(CONSUMER)
        pair.start(RELAY)
        pair.wait_for(lambda: pair.count("ats.outbox", "attempts > 0 AND acknowledged_at IS NULL") > 0, "letters")
        pair.stop(RELAY)
        pair.redis.empty()
    if process not in {RELAY, API}:
        pair.stop(process)
    pair.write_groups(stumbling=name in AFTER_A_STUMBLE)
    buried = []
    if name == "consumer.buried":
        buried = pair.write(fact(pair.ids[0], RAISES))
        pair.mechanism.query(ALL_BUT_ONE, buried[0])
    if process is API:
        pair.stop(API)
    once = name in AFTER_A_LOSS | AFTER_A_STUMBLE or bool(buried) or name == "relay.claimed"
    pair.start(process, failpoints=f"{name}:kill@{1 if once else 3}")
    if process is not RELAY:
        pair.start(RELAY)
    pair.wait_for(lambda: pair.deaths[process] > before, f"the death at {name}", within_seconds=90)
    if name in AFTER_A_LOSS:
        pair.start(CONSUMER)
    return len(buried)


@pytest.mark.parametrize("process", [RELAY, CONSUMER, PRODUCER, API])
def test_a_process_killed_at_any_moment(pair: Rig, report: Report, process: str) -> None:
    times = 5 if IS_FULL else 2
    with pair.load():
        for _ in range(times):
            pair.write_groups()
            pair.write_for(LOAD_SECONDS / 5)
            pair.kill(process)
    report(f"{process} killed at any moment", deaths=Counter({process: times}))


@pytest.mark.parametrize("mode", ["fast", "immediate"])
def test_postgres_restarted_under_load(pair: Rig, report: Report, mode) -> None:
    with pair.load():
        pair.write_for(LOAD_SECONDS / 2)
        pair.write_groups()
        pair.postgres.restart(mode)
        pair.write_for(LOAD_SECONDS / 2)
    report(f"PostgreSQL restarted ({mode})")


def test_everything_delivered_three_times(pair: Rig, report: Report) -> None:
    pair.stop(*PAIR)
    pair.start(*PAIR, variant=TRIPLICATE)
    with pair.load():
        pair.write_groups(stumbling=True)
        pair.write_for(LOAD_SECONDS)
    history = report("everything three times")
    pair.wait_for(lambda: pair.counted(DELIVERED) >= 3 * history.written, "every copy", LONGEST_SECONDS)
    assert history.duplicates > 0
    assert pair.was_sent_in_groups()


def test_a_days_events_shuffled(pair: Rig, report: Report) -> None:
    pair.stop(RELAY)
    with pair.load(per_second=200):
        pair.write_for(LOAD_SECONDS * 3)
    pair.mechanism.query("UPDATE ats.outbox SET next_at = clock_timestamp() - random() * interval '1 day'")
    pair.start(RELAY, variant=ONE_BY_ONE)
    history = report("a day's events shuffled")
    parked = pair.counted(PARKED)
    print(f"{history.inversions} inversions, {history.overtaken} states overtaken, {parked} times put off")
    # In a random order every second pair of neighbours is the wrong way round.
    assert history.inversions > history.written / 4
    assert parked > 0
    assert history.overtaken > 0


def test_acknowledgements_lost(pair: Rig, report: Report) -> None:
    pair.stop(PRODUCER)
    pair.start(PRODUCER, failpoints="producer.ack_received:raise")
    with pair.load():
        pair.write_groups()
        pair.write_for(LOAD_SECONDS)
    pair.wait_for(lambda: pair.history().duplicates > 0, "something sent again for want of an answer")
    pair.stop(PRODUCER)
    pair.start(PRODUCER)
    report("acknowledgements lost", must_resend=True)


def test_a_consumer_away_for_longer_than_the_queue_keeps_a_job(pair: Rig, report: Report) -> None:
    pair.stop(RELAY, CONSUMER)
    pair.start(RELAY, QUEUE_KEEP_SECONDS="1")
    with pair.load():
        pair.write_groups()
        pair.write_for(LOAD_SECONDS)
    # Nobody takes jobs out of the queue: what is sent again was forgotten there.
    pair.wait_for(lambda: pair.history().republished > 0, "the queue to forget")
    pair.stop(RELAY)
    pair.start(RELAY, CONSUMER)
    report("consumer away for longer than the queue keeps", must_resend=True)


@pytest.mark.parametrize(
    ("poison", "reason", "deaths"),
    [
        (RAISES, "RuntimeError", 0),
        (EXITS, "ended_its_worker", 5),
        pytest.param(
            LOOPS, "ended_its_worker", 5, marks=pytest.mark.skipif(not IS_FULL, reason="long form: five times 40 s")
        ),
    ],
)
@pytest.mark.parametrize(
    "is_in_group", [True, pytest.param(False, marks=pytest.mark.skipif(not IS_FULL, reason="long"))]
)
def test_a_poisoned_event_becomes_a_dead_letter_alone_and_is_redriven(
    pair: Rig, report: Report, poison: int, reason: str, deaths: int, *, is_in_group: bool
) -> None:
    pair.stop(RELAY)
    made = [employer(poison if number == 7 else 1) for number in range(15)] if is_in_group else [fact(uuid4(), poison)]
    event_id = pair.write(*made)[7 if is_in_group else 0]
    pair.start(RELAY)
    with pair.load(per_second=10):
        pair.wait_for(
            lambda: pair.count("ats.outbox", f"event_id = '{event_id}' AND dead_at IS NOT NULL") == 1,
            "the dead letter",
            within_seconds=400 if IS_FULL else LONGEST_SECONDS,
        )
    fault = f"poison {'in a group ' if is_in_group else ''}that ends with {reason}"
    report(fault, dead=1, deaths=Counter({CONSUMER: deaths} if deaths else {}))
    assert pair.was_sent_in_groups() or not is_in_group
    assert pair.mechanism.query("SELECT event_id, dead_reason FROM ats.outbox WHERE dead_at IS NOT NULL") == [
        (event_id, reason)
    ]
    pair.stop(CONSUMER)
    pair.start(CONSUMER, **{MENDED: "1"})
    pair.redrive(event_id)
    pair.settle(LONGEST_SECONDS)
    assert pair.count("faults.effects", f"event_id = '{event_id}'") == 1
    assert nothing_wrong(pair.history()) == NOTHING_WRONG
