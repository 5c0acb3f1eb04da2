"""What only `ats` keeps about identity. People themselves are in the registry's `staff` table."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from uuid import UUID, uuid4

from sqlalchemy import Index, LargeBinary, String, Text, Uuid
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.orm import Mapped, mapped_column

from services.ats.base import Base
from shared.rls import EMPLOYERS, protect


class StaffCredential(Base):
    """How a member of staff signs in. No password until the invitation is taken up."""

    __tablename__ = "staff_credentials"

    staff_id: Mapped[UUID] = mapped_column(primary_key=True)
    # The e-mail in one spelling.
    login: Mapped[str] = mapped_column(String(320), unique=True)
    password_hash: Mapped[str | None] = mapped_column(String(200), default=None)


class SignInFailures(Base):
    """Failed sign-ins of one account, one address, or one at the other; the key is an HMAC of it."""

    __tablename__ = "sign_in_failures"
    __table_args__ = (Index(None, "last_at"),)

    key: Mapped[bytes] = mapped_column(LargeBinary, primary_key=True)
    failures: Mapped[int]
    last_at: Mapped[datetime]
    locked_until: Mapped[datetime | None] = mapped_column(default=None)


class FamiliarSignIn(Base):
    """An account has signed in from this address before; the key is an HMAC of both."""

    __tablename__ = "familiar_sign_ins"
    __table_args__ = (Index(None, "last_at"),)

    key: Mapped[bytes] = mapped_column(LargeBinary, primary_key=True)
    last_at: Mapped[datetime]


class ApiClient(Base):
    """A council's or vendor's system. Its secret has 256 random bits, so a plain hash of it is enough."""

    __tablename__ = "api_clients"
    __table_args__ = (Index(None, "employer_ids", postgresql_using="gin"),)

    name: Mapped[str] = mapped_column(String(200))
    secret_hash: Mapped[bytes] = mapped_column(LargeBinary)
    scopes: Mapped[list[str]] = mapped_column(ARRAY(Text))
    employer_ids: Mapped[list[UUID]] = mapped_column(ARRAY(Uuid))
    is_region: Mapped[bool]
    created_at: Mapped[datetime]
    is_active: Mapped[bool] = mapped_column(default=True)
    last_used_at: Mapped[datetime | None] = mapped_column(default=None)
    # Where candidates of this board open their links: it exchanges the token for a session.
    link_address: Mapped[str | None] = mapped_column(String(300), default=None)
    id: Mapped[UUID] = mapped_column(primary_key=True, default_factory=uuid4)


class SigningKey(Base):
    """A key pair that signs tokens from `usable_from` until `retired_at` (system clock). The private half is sealed."""

    __tablename__ = "signing_keys"

    kid: Mapped[str] = mapped_column(String(64), primary_key=True)
    key_id: Mapped[UUID] = mapped_column(unique=True)
    sealed_private_key: Mapped[bytes] = mapped_column(LargeBinary)
    public_key_pem: Mapped[str] = mapped_column(Text)
    usable_from: Mapped[datetime]
    retired_at: Mapped[datetime | None] = mapped_column(default=None)


def policies() -> Iterator[str]:
    """Row-level security, for the migration: secrets are region code's alone; an employer sees that a client exists."""
    for private in (StaffCredential, SignInFailures, SigningKey):
        yield from protect(f"ats.{private.__tablename__}", employers=())
    yield from protect("ats.api_clients", employers=(), readable=f"employer_ids && {EMPLOYERS}")
