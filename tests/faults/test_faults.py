"""Each fault under load, by the real relay and worker as processes on a real PostgreSQL and Redis.

After each: nothing lost, nothing doubled, no letter without an answer, and proof that the fault was one: something had
to be sent again. `make faults` runs the long form.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence

import pytest

from shared.failpoints import FAILPOINTS
from tests.faults.conftest import IS_FULL
from tests.faults.processes import EXITS, LOOPS, MENDED, RAISES
from tests.faults.rig import PAIR, History, Rig, nothing_wrong

pytestmark = pytest.mark.faults

NOTHING_WRONG = {"lost": 0, "doubled": 0, "unanswered": 0, "answered but not kept": 0, "out of date": 0}
LOAD_SECONDS = 8.0 if IS_FULL else 0.6
# Twice the first resend and five seconds, and room for a slow machine: the machine's other work is not ours to judge.
WINDOW_SECONDS = 60.0
RELAY, PRODUCER, CONSUMER = PAIR
API = "ats api"
# Other services add fail-points of their own, with tests of their own.
STEPS = [
    each for each in FAILPOINTS if each.startswith(("command.", "transaction.", "relay.", "consumer.", "producer."))
]
PROCESS_OF = {"command": API, "transaction": API, "relay": RELAY, "consumer": CONSUMER, "producer": PRODUCER}

Report = Callable[[str], History]


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

    def settled(fault: str) -> History:
        seconds = rig.settle(WINDOW_SECONDS)
        history = rig.history()
        with capsys.disabled():
            print(f"\n{fault}: {history}, settled in {seconds:.1f} s, deaths {sum(rig.deaths.values())}", end=" ")
        assert nothing_wrong(history) == NOTHING_WRONG
        # A dead letter is a fault by itself, although nothing may have to be sent again.
        assert history.republished > 0 or history.dead > 0, "the fault was none: nothing had to be sent again"
        return history

    return settled


def test_redis_emptied_four_times_under_load(pair: Rig, report: Report) -> None:
    with pair.load():
        for _ in range(4):
            pair.write_for(LOAD_SECONDS / 2)
            pair.stop(CONSUMER)
            pair.write_for(LOAD_SECONDS / 4)
            pair.redis.empty()
            pair.start(CONSUMER)
    report("Redis emptied four times")


@pytest.mark.parametrize("seconds", [2, pytest.param(30, marks=pytest.mark.skipif(not IS_FULL, reason="long form"))])
def test_redis_killed_without_persistence_and_back(pair: Rig, report: Report, seconds: int) -> None:
    with pair.load():
        pair.write_for(LOAD_SECONDS)
        pair.redis.kill()
        pair.write_for(seconds)
        pair.redis.start()
    report(f"Redis killed for {seconds} s")


@pytest.mark.parametrize("names", [[each] for each in STEPS] if IS_FULL else [STEPS], ids=str)
def test_processes_killed_between_every_pair_of_steps(pair: Rig, report: Report, names: Sequence[str]) -> None:
    with pair.load():
        for name in names:
            process = PROCESS_OF[name.partition(".")[0]]
            for _ in range(3 if IS_FULL else 1):
                before = pair.deaths[process]
                if name == "relay.resend_claimed":
                    pair.stop(CONSUMER)
                pair.stop(process)
                pair.start(process, failpoints=f"{name}:kill@{1 if 'resend' in name else 5}")
                if name == "relay.resend_claimed":
                    pair.redis.empty()
                pair.wait_for(lambda: pair.deaths[process] > before, f"the death at {name}")  # noqa: B023
                if name == "relay.resend_claimed":
                    pair.start(CONSUMER)
        # A death that leaves nothing to send again (after a last step, say) proves nothing: lose a few jobs as well.
        pair.stop(CONSUMER)
        pair.write_for(0.2)
        pair.redis.empty()
        pair.start(CONSUMER)
    report(f"SIGKILL at {', '.join(names)}")


@pytest.mark.parametrize("process", [RELAY, CONSUMER, PRODUCER, API])
def test_a_process_killed_at_any_moment(pair: Rig, report: Report, process: str) -> None:
    with pair.load():
        for _ in range(5 if IS_FULL else 2):
            pair.write_for(LOAD_SECONDS / 5)
            pair.kill(process)
        pair.kill(CONSUMER)
    report(f"{process} killed at any moment")


@pytest.mark.parametrize("mode", ["fast", "immediate"])
def test_postgres_restarted_under_load(pair: Rig, report: Report, mode) -> None:
    with pair.load():
        pair.write_for(LOAD_SECONDS / 2)
        pair.stop(CONSUMER)
        pair.write_for(LOAD_SECONDS / 4)
        pair.redis.empty()
        pair.start(CONSUMER)
        pair.postgres.restart(mode)
        pair.write_for(LOAD_SECONDS / 2)
    report(f"PostgreSQL restarted ({mode})")


def test_every_job_delivered_three_times(pair: Rig, report: Report) -> None:
    pair.stop(RELAY)
    pair.start("ats relay in triplicate")
    try:
        with pair.load():
            pair.write_for(LOAD_SECONDS)
            pair.kill(CONSUMER)
        history = report("every job three times")
        assert history.duplicates > 0
    finally:
        pair.stop("ats relay in triplicate")


def test_a_days_events_shuffled(pair: Rig, report: Report) -> None:
    pair.stop(RELAY)
    with pair.load(per_second=200):
        pair.write_for(LOAD_SECONDS)
    pair.mechanism.query("UPDATE ats.outbox SET next_at = clock_timestamp() - random() * interval '1 day'")
    pair.start(RELAY)
    pair.wait_for(lambda: pair.count("ats.outbox", "attempts > 0") > 0, "the first letters")
    pair.kill(CONSUMER)
    report("a day's events shuffled")


def test_acknowledgements_lost(pair: Rig, report: Report) -> None:
    pair.stop(PRODUCER)
    pair.start(PRODUCER, failpoints="producer.ack_received:raise")
    with pair.load():
        pair.write_for(LOAD_SECONDS)
    pair.wait_for(lambda: pair.history().duplicates > 0, "something sent again for want of an answer")
    pair.stop(PRODUCER)
    pair.start(PRODUCER)
    history = report("acknowledgements lost")
    assert history.duplicates > 0


def test_a_consumer_away_for_longer_than_the_queue_keeps_a_job(pair: Rig, report: Report) -> None:
    pair.stop(RELAY, CONSUMER)
    pair.start(RELAY, QUEUE_KEEP_SECONDS="1")
    with pair.load():
        pair.write_for(LOAD_SECONDS)
    # Nobody takes jobs out of the queue: what is sent again was forgotten there.
    pair.wait_for(lambda: pair.history().republished > 0, "the queue to forget")
    pair.stop(RELAY)
    pair.start(RELAY, CONSUMER)
    report("consumer away for longer than the queue keeps")


@pytest.mark.parametrize(
    ("poison", "reason"),
    [
        (RAISES, "RuntimeError"),
        (EXITS, "ended_its_worker"),
        pytest.param(
            LOOPS, "ended_its_worker", marks=pytest.mark.skipif(not IS_FULL, reason="long form: five times 40 s")
        ),
    ],
)
def test_a_poisoned_event_becomes_a_dead_letter_alone_and_is_redriven(
    pair: Rig, report: Report, poison: int, reason: str
) -> None:
    event_id = pair.write(poison)
    with pair.load(per_second=10):
        pair.wait_for(
            lambda: pair.count("ats.outbox", f"event_id = '{event_id}' AND dead_at IS NOT NULL") == 1,
            "the dead letter",
            within_seconds=400 if IS_FULL else 60,
        )
        pair.stop(CONSUMER)
        pair.write_for(LOAD_SECONDS / 4)
        pair.redis.empty()
        pair.start(CONSUMER)
    history = report(f"poison that ends with {reason}")
    assert history.dead == 1
    assert pair.mechanism.query("SELECT event_id, dead_reason FROM ats.outbox WHERE dead_at IS NOT NULL") == [
        (event_id, reason)
    ]
    pair.stop(CONSUMER)
    pair.start(CONSUMER, **{MENDED: "1"})
    pair.redrive(event_id)
    pair.wait_for(lambda: pair.count("faults.effects", f"event_id = '{event_id}'") == 1, "the redriven effect")
    assert nothing_wrong(pair.history()) == NOTHING_WRONG | {"unanswered": pair.unanswered()}
    pair.settle(WINDOW_SECONDS)
