"""`/webhooks` for administrators: where news goes, what became of it, sending it again."""

from __future__ import annotations

import re
from uuid import uuid4

from services.notifications.webhooks.states import WebhookDeliveryState
from shared import sessions
from shared.csrf import csrf_token, session_cookie
from shared.database import transaction
from shared.events.ats import RoleGrant, StaffChanged, StaffContact
from shared.registry import apply_staff_changed
from shared.tenancy import REGION
from shared.vocabulary import Role, Service
from tests.notifications.webhooks.system import DUD, SAW, System
from tests.notifications.webhooks.test_resending import all_become


async def administrator(system: System, grant: RoleGrant) -> tuple[dict[str, str], str]:
    """The cookie of a signed-in person, and the token of their forms."""
    staff_id = uuid4()
    event = StaffChanged(staff_id=staff_id, version=1, is_active=True, grants=(grant,))
    async with transaction(system.world.sessions[Service.NOTIFICATIONS], REGION) as session:
        await apply_staff_changed(session, event, StaffContact(name="Amy Pond", email=f"{staff_id}@council.example"))
        token = await sessions.open_session(session, staff_id)
    return {"Cookie": f"{session_cookie(Service.NOTIFICATIONS)}={token}"}, csrf_token(token)


async def test_an_administrator_sees_endpoints_messages_and_attempts_and_sends_again(live_system: System) -> None:
    system = live_system
    made = await system.listens()
    system.receiver.always(500)
    async with system.sending():
        await system.somebody_applies()
        await system.until_tried(1)
    await all_become(system, WebhookDeliveryState.DEAD)
    cookie, token = await administrator(system, RoleGrant(role=Role.COUNCIL_ADMIN, employer_id=SAW))
    listed = await system.http.get("/webhooks", headers=cookie)
    assert system.receiver.url in listed.text
    one = await system.http.get(f"/webhooks/{made['id']}", headers=cookie)
    assert "Given up" in one.text
    path = re.findall(r'href="(/webhooks/[^"]+/deliveries/[^"?]+)"', one.text)[0]
    message = await system.http.get(path, headers=cookie)
    assert "Refused" in message.text
    assert "500" in message.text
    assert "application.received" in message.text
    again = await system.http.post(path, headers=cookie, data={"csrf_token": token})
    assert (again.status_code, again.headers["location"]) == (303, path)
    (delivery,) = await system.deliveries()
    assert delivery.state is WebhookDeliveryState.WAITING
    assert made["secret"] not in listed.text + one.text + message.text


async def test_an_administrator_of_another_council_sees_none_of_it(system: System) -> None:
    made = await system.listens()
    cookie, _ = await administrator(system, RoleGrant(role=Role.COUNCIL_ADMIN, employer_id=DUD))
    listed = await system.http.get("/webhooks", headers=cookie)
    assert listed.status_code == 200
    assert made["id"] not in listed.text
    assert (await system.http.get(f"/webhooks/{made['id']}", headers=cookie)).status_code == 404


async def test_wmes_administrator_sees_those_of_boards_too(system: System) -> None:
    council = await system.listens()
    board = await system.another(employers="region").registers("job.listed", employer=None)
    cookie, _ = await administrator(system, RoleGrant(role=Role.WME_ADMIN))
    listed = (await system.http.get("/webhooks", headers=cookie)).text
    assert council["id"] in listed
    assert board["id"] in listed
    assert "All public adverts" in listed
