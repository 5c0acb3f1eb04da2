"""Who a message is for, as far as it may be shown: an id that says nothing and is the same for one address."""

from __future__ import annotations

from uuid import UUID, uuid5

from shared.sealing import person_key

NAMESPACE = UUID("5d0b0f5e-6a55-4a0e-9d0c-8f3c1c7f2a61")


def recipient_id(address: str) -> UUID:
    """Made from the person key, which is keyed with a secret: nobody can work it out from an address."""
    return uuid5(NAMESPACE, person_key(address))
