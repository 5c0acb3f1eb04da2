"""What an endpoint, a delivery to it and an attempt at that can be."""

from __future__ import annotations

from enum import StrEnum


class EndpointState(StrEnum):
    # Nothing is sent to it but the challenge.
    UNVERIFIED = "unverified"
    ENABLED = "enabled"
    DISABLED = "disabled"


class DisabledReason(StrEnum):
    BY_OWNER = "by_owner"
    # Nothing arrived for days.
    FAILING = "failing"
    # It answered 410.
    GONE = "gone"


class WebhookDeliveryState(StrEnum):
    WAITING = "waiting"
    SENDING = "sending"
    DELIVERED = "delivered"
    # Every attempt failed, or there was no time left: sent again only by hand.
    DEAD = "dead"


class WebhookAnswer(StrEnum):
    ACCEPTED = "accepted"
    # Another status than 2xx.
    REFUSED = "refused"
    # 429, 502 or 504: everything for this endpoint waits a while.
    THROTTLED = "throttled"
    GONE = "gone"
    # It led on to another address, which is never followed.
    REDIRECTED = "redirected"
    UNREACHABLE = "unreachable"
    TIMED_OUT = "timed_out"
    # Its name leads to an address that is not called from here.
    ADDRESS_REFUSED = "address_refused"
    # Our fault: its secret cannot be opened here.
    UNSENDABLE = "unsendable"
    # The sender never said what came of it.
    LOST = "lost"
