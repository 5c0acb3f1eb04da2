"""How handing one message over went, whatever the channel. Never a provider's own words: they may quote an address."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class AnswerClass(StrEnum):
    ACCEPTED = "accepted"
    # It may go better later.
    DEFERRED = "deferred"  # the provider said: not now (SMTP 4xx)
    UNREACHABLE = "unreachable"  # no connection
    TIMED_OUT = "timed_out"
    DISCONNECTED = "disconnected"  # after the message was sent, before the answer: it may have been accepted
    NOT_ADMITTED = "not_admitted"  # the provider refuses us: a wrong password, a sender it does not know
    LOST = "lost"  # the worker that tried went away before it could say
    # It will not.
    REFUSED = "refused"  # the provider refuses this recipient or this message (SMTP 5xx)
    ADDRESS_UNUSABLE = "address_unusable"  # no mail address at all
    UNSENDABLE = "unsendable"  # we could not make a message of it


@dataclass(frozen=True, slots=True)
class Answer:
    """`reply_code` is the provider's number, where it gave one."""

    answer: AnswerClass
    reply_code: int | None = None
