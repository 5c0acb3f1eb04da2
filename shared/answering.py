"""Acknowledgements of a consumer through each producer's own queue: the first at once, close followers gathered."""

from __future__ import annotations

import asyncio
from contextlib import suppress

import structlog

from shared.envelope import ACKNOWLEDGE, Answer, Answers
from shared.failpoints import failpoint
from shared.queue import AWAY, Job, Queue
from shared.sealing import Keyring
from shared.vocabulary import Service

log = structlog.get_logger()

GATHER_SECONDS = 0.02


class Answering:
    """An answer that does not get through is not kept: the letter comes again and is answered again."""

    def __init__(self, service: Service, queue: Queue, keys: Keyring) -> None:
        self._service = service
        self._queue = queue
        self._keys = keys
        self._gathered: dict[Service, list[Answer]] = {}
        self._sending: asyncio.Task[None] | None = None

    def add(self, producer: Service, answer: Answer) -> None:
        self._gathered.setdefault(producer, []).append(answer)
        if self._sending is None or self._sending.done():
            self._sending = asyncio.create_task(self._send_soon())

    async def close(self) -> None:
        """Send what is gathered still."""
        if self._sending is not None:
            with suppress(asyncio.CancelledError):
                await self._sending

    async def _send_soon(self) -> None:
        while self._gathered:
            gathered, self._gathered = self._gathered, {}
            jobs = [
                Job(
                    producer,
                    ACKNOWLEDGE,
                    Answers(producer=producer, subscriber=self._service, answers=tuple(answers)).signed_with(
                        self._keys
                    ),
                )
                for producer, answers in gathered.items()
            ]
            try:
                await self._queue.publish(jobs)
            except AWAY as error:
                log.warning("answers_not_sent", error=type(error).__name__, count=len(jobs))
            else:
                failpoint("consumer.acknowledged")
            # What is answered meanwhile goes together.
            await asyncio.sleep(GATHER_SECONDS)
