"""A scene of clearing: councils' HR, displaced people with their links, and vacancies that ats tells of."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID, uuid4

import httpx
import pytest
from sqlalchemy import Engine, event, select

from services.clearing.handlers import HANDLERS
from services.clearing.worker import DUE
from shared import outbox
from shared.consumer import Handling
from shared.database import transaction
from shared.events.ats import RoleGrant, StaffChanged, StaffContact
from shared.events.base import Event, Sealed
from shared.links import issue_link, open_link
from shared.reference.employers import employer_id
from shared.registry import apply_staff_changed
from shared.sealing import keyring
from shared.tenancy import REGION
from shared.vocabulary import Role, Scope, Service
from tests.conftest import Services
from tests.factories import clearing as make

DECIDER = (Scope.CLEARING_READ, Scope.CLEARING_WRITE, Scope.APPLICATIONS_READ, Scope.APPLICATIONS_WRITE)


@dataclass
class Scene:
    """What tests of clearing do again and again, through the same doors as everyone."""

    world: Services
    http: httpx.AsyncClient
    _clients: dict[str, UUID] = field(default_factory=dict)
    _hr: dict[str, UUID] = field(default_factory=dict)

    async def hear(self, told: Event, *, occurred_at: datetime | None = None) -> None:
        """As the consumer would run it: the region's transaction, one handler."""
        now = self.world.clock.now()
        async with transaction(self.world.sessions[Service.CLEARING], REGION) as session:
            await HANDLERS[type(told)](Handling(session, now, uuid4(), occurred_at or now), told)

    async def tick(self) -> None:
        """Run every due command until none has more to do."""
        for _ in range(20):
            done = 0
            for command in DUE:
                async with transaction(self.world.sessions[Service.CLEARING], REGION) as session:
                    done += await command(session, self.world.clock.now())
            if not done:
                return
        raise AssertionError("due work does not come to an end")

    async def at(self, instant: datetime) -> None:
        """Move the business clock to an instant and do what is due by then."""
        self.world.clock.advance(instant - self.world.clock.now())
        await self.tick()

    async def staff(self, code: str, *roles: Role, email: str | None = None) -> UUID:
        staff_id = uuid4()
        changed = StaffChanged(
            staff_id=staff_id,
            version=1,
            is_active=True,
            grants=tuple(RoleGrant(role=role, employer_id=employer_id(code)) for role in roles),
        )
        contact = StaffContact(name="Rory Bell", email=email or f"{staff_id.hex[:8]}@{code.lower()}.example")
        async with transaction(self.world.sessions[Service.CLEARING], REGION) as session:
            await apply_staff_changed(session, changed, contact)
        return staff_id

    async def hr(self, code: str) -> dict[str, str]:
        """The council's system, deciding for a member of its HR."""
        if code not in self._hr:
            self._hr[code] = await self.staff(code, Role.COUNCIL_HR)
        return self.council(code, on_behalf_of=self._hr[code])

    def council(self, code: str, *scopes: Scope, on_behalf_of: UUID | None = None) -> dict[str, str]:
        """The headers of the council's own system."""
        client_id = self._clients.setdefault(code, uuid4())
        return self.world.signer.bearer(
            *(scopes or DECIDER), employers=(code,), on_behalf_of=on_behalf_of, client_id=client_id
        )

    async def register(self, **changes: Any) -> dict[str, Any]:
        facts = make.registration(**changes)
        return await self.post("/v1/registrations", await self.hr(facts["employer"]), facts)

    async def submitted(self, **changes: Any) -> dict[str, Any]:
        made = await self.register(**changes)
        return await self.post(f"/v1/registrations/{made['id']}/submit", await self.hr(changes.get("employer", "SAW")))

    async def active(self, *, tier: int = 3, verification: dict[str, Any] | None = None, **changes: Any) -> UUID:
        """A verified person; their matching with open windows has been done."""
        made = await self.submitted(**changes)
        hr = await self.hr(changes.get("employer", "SAW"))
        found = await self.post(f"/v1/registrations/{made['id']}/verify", hr, {"tier": tier} | (verification or {}))
        assert found["state"] == "active", found
        await self.tick()
        return UUID(made["id"])

    async def person(self, registration_id: UUID) -> dict[str, str]:
        """The session that a displaced employee's link opens."""
        now = self.world.clock.now()
        async with transaction(self.world.sessions[Service.CLEARING], REGION) as session:
            token = await issue_link(
                session,
                purpose="registrant",
                subject_id=registration_id,
                employer_id=employer_id("SAW"),
                expires_at=datetime.max.replace(tzinfo=now.tzinfo),
            )
            opened = await open_link(session, token, now=now)
        return {"Authorization": f"Bearer {opened.token}"}

    async def my_match(self, registration_id: UUID) -> dict[str, Any]:
        """The match of this person that waits for an answer, else the newest."""
        items = (await self.get("/v1/me/matches", await self.person(registration_id)))["items"]
        assert items, "nothing was suggested"
        return next((each for each in items if each["state"] == "suggested"), items[0])

    async def interested(self, registration_id: UUID) -> UUID:
        """Interested in their newest match, and HR has been asked to look. The referral's id."""
        match = await self.my_match(registration_id)
        made = await self.post(f"/v1/me/matches/{match['id']}/interest", await self.person(registration_id))
        await self.tick()
        return UUID(made["id"])

    async def decide(self, code: str, referral_id: UUID, verb: str, body: Any = None, *, expect: int = 200) -> Any:
        """Open the referral as that council's HR and use a verb on it."""
        hr = await self.hr(code)
        await self.http.get(f"/v1/referrals/{referral_id}", headers=hr)
        return await self.post(f"/v1/referrals/{referral_id}/{verb}", hr, body, expect=expect)

    async def referred(self, registration_id: UUID, home: str = "SAW") -> UUID:
        referral_id = await self.interested(registration_id)
        await self.decide(home, referral_id, "refer")
        return referral_id

    async def offered(self, registration_id: UUID, **changes: Any) -> UUID:
        """From a match to an open offer, straight from a referral. The offer's id."""
        referral_id = await self.referred(registration_id)
        offer = await self.decide("BIR", referral_id, "request-offer", make.terms(**changes), expect=202)
        await self.hear(make.reserved((await self.told("clearing.opening_requested.v1"))[-1]))
        return UUID(offer["id"])

    async def accepted(self, registration_id: UUID, **changes: Any) -> UUID:
        offer_id = await self.offered(registration_id, **changes)
        await self.post(f"/v1/me/offers/{offer_id}/accept", await self.person(registration_id))
        return offer_id

    async def post(self, path: str, headers: dict[str, str], body: Any = None, *, expect: int | None = None) -> Any:
        answer = await self.http.post(path, headers=headers, json=body)
        fits = answer.status_code == expect if expect else answer.is_success
        assert fits, f"{path}: {answer.status_code} {answer.text}"
        return answer.json()

    async def get(self, path: str, headers: dict[str, str], *, expect: int = 200) -> Any:
        answer = await self.http.get(path, headers=headers)
        assert answer.status_code == expect, f"{path}: {answer.status_code} {answer.text}"
        return answer.json()

    async def told(self, name: str) -> list[dict[str, Any]]:
        """The payloads of the events of this name, in the order they were recorded; `occurred_at` added."""
        query = select(outbox.events).where(outbox.events.c.name == name).order_by(outbox.events.c.seq)
        async with transaction(self.world.sessions[Service.CLEARING], REGION) as session:
            rows = (await session.execute(query)).all()
        return [row.payload | {"occurred_at": row.occurred_at} for row in rows]

    async def sealed(self, name: str, shape: type[Sealed], subscriber: Service = Service.NOTIFICATIONS) -> list[Any]:
        """What only the subscriber of these events opens."""
        query = (
            select(outbox.outbox.c.sealed, outbox.events.c.id)
            .join(outbox.events, outbox.events.c.id == outbox.outbox.c.event_id)
            .where(outbox.events.c.name == name, outbox.outbox.c.subscriber == subscriber)
            .order_by(outbox.events.c.seq)
        )
        async with transaction(self.world.sessions[Service.CLEARING], REGION) as session:
            rows = (await session.execute(query)).all()
        return [keyring().open(row.sealed, shape, subscriber=subscriber, event_id=row.id) for row in rows]

    @contextmanager
    def statements(self) -> Iterator[list[str]]:
        """What is sent to the database meanwhile."""
        seen: list[str] = []

        def note(_connection: Any, _cursor: Any, statement: str, *_: Any) -> None:
            seen.append(statement)

        event.listen(Engine, "before_cursor_execute", note)
        try:
            yield seen
        finally:
            event.remove(Engine, "before_cursor_execute", note)

    async def window(self, vacancy_id: UUID, code: str = "BIR") -> dict[str, Any]:
        found = await self.get(f"/v1/vacancies/{vacancy_id}/clearing", await self.hr(code))
        return found["window"]


@pytest.fixture
async def scene(world: Services, clearing: httpx.AsyncClient) -> Scene:
    return Scene(world, clearing)
