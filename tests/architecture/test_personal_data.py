"""A canary of personal data through the whole system on real processes: it is where it belongs and nowhere else.

People with names that nobody has go every way of the product: of two who are displaced one is turned down and one
accepts an offer and stays after the trial; of three who apply one is turned down, one withdraws and one is hired; one
works for a council, is invited by mail and decides, signed in. Then everything is searched that others can read or
that lasts: the event log, the queue, logs, addresses of pages, figures, and every column of every table.
"""

from __future__ import annotations

import asyncio
import threading
from base64 import b64encode
from dataclasses import dataclass, field, replace
from datetime import timedelta
from typing import Any
from uuid import uuid4

import httpx
import psycopg
import pytest
import redis
from psycopg import sql

from shared.embedded.stack import Stack, private_stack
from shared.reference.employers import employer
from shared.vocabulary import Service
from tests.factories.checks import passing
from tests.factories.references import answers, referee
from tests.journeys.actors import LINK, Administrator, LinkHolder, Postbox, System, csrf_of
from tests.journeys.posts_and_people import Post, outcodes_of, people
from tests.journeys.recruitment import vacancy_of
from tests.journeys.redeployment import registration_of
from tests.journeys.region import ADMINISTRATOR, BOARD, OBSERVER, CouncilActors, Region, make_administrator

ATS, CLEARING = Service.ATS, Service.CLEARING
HOME, GAINING = "SAW", "WLV"
DISPLACED = ("Zyxwara Quillfeather", "zyxwara.quillfeather@people.example")
PLACED = ("Quintessa Marblethorpe", "quintessa.marblethorpe@people.example")
HIRED = ("Isambard Featherstonehaugh", "isambard.featherstonehaugh@candidates.example")
REJECTED = ("Ophiuchus Brackenthwaite", "ophiuchus.brackenthwaite@candidates.example")
WITHDRAWN = ("Thelonia Umbersnatch", "thelonia.umbersnatch@candidates.example")
REFEREE = ("Melchizedek Swanscombe", "melchizedek.swanscombe@former.example")
SAID = "quinquereme testimony"
COLLEAGUE = ("Peregrin Vandervoort", "peregrin.vandervoort@saw.example")
APPROVER = ("Cassiopeia Thistlewaite", "cassiopeia.thistlewaite@wlv.example")
PASSWORD = "xylophone quagmire zeppelin"
PHONE = "0121 496 0777"
STATEMENT = "vermilion ocelot statement"
REASONS = "perispomenon reasons"
NEEDED = "heliotrope adjustments"
NUMBER = "KANARIE7731"
CANARIES = (
    "Zyxwara",
    "Quillfeather",
    "Quintessa",
    "Marblethorpe",
    "Isambard",
    "Featherstonehaugh",
    "Cassiopeia",
    "Thistlewaite",
    PASSWORD,
    "Ophiuchus",
    "Brackenthwaite",
    "Umbersnatch",
    "Thelonia",
    "Vandervoort",
    "Melchizedek",
    "Swanscombe",
    SAID,
    PHONE,
    STATEMENT,
    REASONS,
    NEEDED,
    NUMBER,
)

# Where personal data lasts, and why. A new column with it fails until it is here.
BELONGS = {
    "ats.staff.name": "who works for an employer",
    "ats.staff.email": "how that person signs in",
    "ats.staff_credentials.login": "how that person signs in",
    "ats.candidate_contacts.name": "who applies; a panel does not read this table",
    "ats.candidate_contacts.email": "where the candidate is written to",
    "ats.candidate_contacts.phone": "where the candidate is called",
    "ats.applications.answers": "what the application says",
    "ats.applications.supporting_statement": "what the application says",
    "ats.interview_adjustments.words": "what somebody needs at their interview, for who organises it alone",
    "ats.reference_requests.referee_name": "who is asked about the candidate",
    "ats.reference_requests.referee_email": "where the referee is written to",
    "ats.reference_answers.answers": "what the referee said: few may read it",
    "ats.explained_gaps.explanation": "what the candidate did in a time that no reference covers",
    "ats.documents.file_name": "what the candidate called a file, for the candidate",
    "ats.idempotency_keys.body": "the first answer for whoever sent the request, for 48 hours",
    "clearing.idempotency_keys.body": "the first answer for whoever sent the request, for 48 hours",
    "clearing.registrations.name": "who is displaced",
    "clearing.registrations.email": "where the displaced employee is written to",
    "clearing.registrations.employee_number": "how the home council knows the person",
    "clearing.referrals.name": "for the gaining council, from interest on (R54)",
    "clearing.referrals.email": "for the gaining council, from interest on (R54)",
    "clearing.placements.person_name": "who is on trial, for both councils",
    "clearing.placements.person_email": "where the person on trial is written to",
    "clearing.referrals.reasons": "the reasons that the person is owed (R31)",
    "notifications.deliveries.contents": "what was said to whom, until its retention ends",
    "clearing.staff.name": "a decision shows who made it",
    "clearing.staff.email": "whom to write to",
    "notifications.staff.name": "whom to greet",
    "notifications.staff.email": "whom to write to",
}


@dataclass
class Overheard:
    """What passed outside the database."""

    redis: list[str] = field(default_factory=list)
    answers: list[str] = field(default_factory=list)
    events: list[str] = field(default_factory=list)
    figures: list[str] = field(default_factory=list)
    log: str = ""
    columns: dict[str, set[str]] = field(default_factory=dict)
    tokens: list[str] = field(default_factory=list)
    mails: str = ""


@pytest.fixture(scope="module")
def overheard() -> Overheard:
    heard = Overheard()
    with private_stack(demonstration=False) as stack:
        with _listening(stack, heard):
            asyncio.run(_journey(stack, heard))
        heard.log = "\n".join(path.read_text(errors="replace") for path in (stack.folder / "log").rglob("*.log"))
        heard.columns = _columns_with_a_canary(stack.environment["DATABASE_URL"])
    return heard


class _listening:  # noqa: N801 # reads as the sentence that it is
    """Every command that Redis is given, from now until the end of the block."""

    def __init__(self, stack: Stack, heard: Overheard) -> None:
        self._client = redis.Redis.from_url(stack.environment["REDIS_URL"])
        self._heard = heard
        self._thread = threading.Thread(target=self._listen, daemon=True)
        self._started = threading.Event()

    def __enter__(self) -> None:
        self._thread.start()
        self._started.wait(10)

    def __exit__(self, *_: object) -> None:
        self._client.close()

    def _listen(self) -> None:
        with self._client.monitor() as monitor:
            self._started.set()
            try:
                for command in monitor.listen():
                    self._heard.redis.append(str(command["command"]))
            except (redis.ConnectionError, ValueError, OSError, AttributeError):
                return


async def _journey(stack: Stack, heard: Overheard) -> None:
    region = await _region(stack, heard)
    try:
        await _act(region, heard)
    finally:
        await region.http.aclose()
        await region.admin.http.aclose()


async def _act(region: Region, heard: Overheard) -> None:
    home, gaining = [await region.equip(code) for code in (HOME, GAINING)]
    colleague = await region.admin.create_staff(*COLLEAGUE, HOME, "council_hr")
    await region.admin.create_staff(*APPROVER, GAINING, "approver")
    await region.advance(timedelta(minutes=5))
    approver = await _take_up_invitation(region, APPROVER[1])
    for number, displaced in enumerate((DISPLACED, PLACED)):
        await _register(region, home, colleague, displaced, f"{NUMBER}{number}")
    first, second = [await _vacancy(region, gaining, approver, number) for number in (1, 2)]
    await region.advance(timedelta(minutes=5))
    await _turned_down(region, home, gaining, colleague, first)
    await _accepted(region, home, gaining, colleague, second)
    await _recruitment(region, gaining, first)
    await _hired(region, gaining, first)
    await _trial(region, gaining)
    await approver.aclose()
    await _failures(region)
    for service in Service:
        page = await region.observer.get(service, "/v1/events", limit=200)
        heard.events += [str(page)]
        heard.figures.append((await region.http.get(f"{region.urls[service]}/metrics")).text)
    region.postbox.collect()
    everything = [mail for mails in region.postbox.by_address.values() for mail in mails]
    heard.mails = "\n".join(f"{mail.to} {mail.text}" for mail in everything)
    heard.tokens = [token for mail in everything for token in LINK.findall(mail.text)]


async def _take_up_invitation(region: Region, email: str) -> httpx.AsyncClient:
    """A browser of somebody who chose a password by the link in their mail and has signed in."""
    browser = httpx.AsyncClient(base_url=region.urls[ATS], timeout=60, event_hooks=region.http.event_hooks)
    await browser.post(f"/l/{_newest_link(region, email)}")
    form = {"password": PASSWORD, "csrf_token": csrf_of(await browser.get("/invitation"))}
    assert (await browser.post("/invitation", data=form)).status_code == 303
    form = {"email": email, "password": PASSWORD, "csrf_token": csrf_of(await browser.get("/sign-in"))}
    assert (await browser.post("/sign-in", data=form)).status_code == 303
    return browser


def _newest_link(region: Region, email: str) -> str:
    token = [mail.link_token for mail in region.postbox.by_address[email] if mail.link_token][-1]
    assert token is not None
    return token


async def _region(stack: Stack, heard: Overheard) -> Region:
    async def note(response: httpx.Response) -> None:
        heard.answers.append(f"{response.request.url} {dict(response.headers)}")

    urls = {service: stack.base_url(service.value) for service in Service}
    http = httpx.AsyncClient(timeout=60, event_hooks={"response": [note]})
    admin = await Administrator.sign_in(urls[ATS], ADMINISTRATOR, make_administrator(stack))
    board = System(urls, *await admin.create_system("Job board", BOARD, is_region=True), http)
    observer = System(urls, *await admin.create_system("WME", OBSERVER, is_region=True), http)
    region = Region(urls, http, admin, board, observer, Postbox(stack.mail_folder))
    await region.advance_to((region.now + timedelta(days=7 - region.now.weekday())).replace(hour=10, minute=0))
    return region


async def _register(region: Region, home: CouncilActors, colleague: str, who: tuple[str, str], number: str) -> None:
    name, email = who
    person = replace(
        people(1)[0], name=name, email=email, home=employer(HOME), outcode=outcodes_of(HOME)[0], max_travel_minutes=75
    )
    body = registration_of(person, region.now.date()) | {"employee_number": number}
    made = await home.system.post(CLEARING, "/v1/registrations", body, decider=colleague)
    path = f"/v1/registrations/{made['id']}"
    await home.system.post(CLEARING, f"{path}/submit", decider=colleague)
    await home.system.post(CLEARING, f"{path}/verify", {"tier": 3 if person.under_notice else 4}, decider=colleague)


async def _vacancy(region: Region, gaining: CouncilActors, approver: httpx.AsyncClient, number: int) -> str:
    """The displaced fit it. Its approver decides on the page, signed in."""
    person = people(1)[0]
    place = outcodes_of(GAINING)[0]
    post = Post(number, employer(GAINING), person.role, place, 1, person.hours, None, is_external=False)
    vacancy = await gaining.system.post(ATS, "/v1/vacancies", vacancy_of(post), decider=gaining.manager)
    await gaining.system.post(ATS, f"/v1/vacancies/{vacancy['id']}/submit", decider=gaining.manager)
    path = f"/vacancies/{vacancy['id']}"
    form = {"reason": "Within establishment", "csrf_token": csrf_of(await approver.get(path))}
    assert (await approver.post(f"{path}/approve", data=form)).status_code == 303
    return vacancy["id"]


async def _referred(
    region: Region, home: CouncilActors, gaining: CouncilActors, colleague: str, email: str, vacancy_id: str
) -> str:
    """Somebody says by their link that they are interested, and their council's HR refers them."""
    holder = await LinkHolder.open(region.urls[CLEARING], region.http, _newest_link(region, email))
    matches = (await holder.get("/v1/me/matches"))["items"]
    match = next(each for each in matches if each["vacancy"]["id"] == vacancy_id)
    await holder.post(f"/v1/me/matches/{match['id']}/interest")
    referral = (await holder.get("/v1/me/referrals"))["items"][0]
    await region.advance(timedelta(minutes=5))
    path = f"/v1/referrals/{referral['id']}"
    await home.system.get(CLEARING, path, reader=colleague)
    await home.system.post(CLEARING, f"{path}/refer", decider=colleague)
    await region.advance(timedelta(minutes=5))
    await gaining.system.get(CLEARING, path, reader=gaining.manager)
    return path


async def _turned_down(
    region: Region, home: CouncilActors, gaining: CouncilActors, colleague: str, vacancy_id: str
) -> None:
    path = await _referred(region, home, gaining, colleague, DISPLACED[1], vacancy_id)
    no = {"unmet_criteria": ["E1"], "reasons": REASONS}
    await gaining.system.post(CLEARING, f"{path}/not-shortlist", no, decider=gaining.manager)


async def _accepted(
    region: Region, home: CouncilActors, gaining: CouncilActors, colleague: str, vacancy_id: str
) -> None:
    """Interviewed, offered an opening that ats holds, and accepted by the link in the mail."""
    path = await _referred(region, home, gaining, colleague, PLACED[1], vacancy_id)
    interview = {"interview_at": (region.now + timedelta(hours=1)).isoformat()}
    await gaining.system.post(CLEARING, f"{path}/offer-interview", interview, decider=gaining.manager)
    await region.advance(timedelta(hours=2))
    await gaining.system.post(CLEARING, f"{path}/interviewed", decider=gaining.manager)
    terms = {
        "starts_on": (region.now + timedelta(days=28)).date().isoformat(),
        "fte_pay_pence": 3_000_000,
        "hours_per_week": "37",
        "terms_differ": True,
        "difference": "Another council and workplace.",
    }
    await gaining.system.post(CLEARING, f"{path}/request-offer", terms, decider=gaining.manager)
    await region.advance(timedelta(minutes=5))
    holder = await LinkHolder.open(region.urls[CLEARING], region.http, _newest_link(region, PLACED[1]))
    offer = (await holder.get_list("/v1/me/offers"))[0]
    await holder.post(f"/v1/me/offers/{offer['id']}/accept")
    await region.advance(timedelta(minutes=5))


async def _trial(region: Region, gaining: CouncilActors) -> None:
    """Four weeks on trial from the first day on, and then the redeployment stands."""
    await region.advance(timedelta(days=70))
    (trial,) = (await gaining.system.get(CLEARING, "/v1/trials"))["items"]
    assert trial["state"] == "confirmed"


async def _recruitment(region: Region, gaining: CouncilActors, vacancy_id: str) -> None:
    """The vacancy is released; two people apply, one is turned down and one withdraws by the link in the mail."""
    for _ in range(6):
        await region.advance(timedelta(days=4))
        if (await gaining.system.get(ATS, f"/v1/vacancies/{vacancy_id}"))["state"] == "live":
            break
    # Never sent: by the end of the journey its time is over, so no column of it may still hold anything.
    begun = {"email": REJECTED[1], "application": {"name": REJECTED[0], "supporting_statement": STATEMENT}}
    await region.board.post(ATS, f"/v1/jobs/{vacancy_id}/drafts", begun)
    await region.http.post(f"{region.urls[ATS]}/v1/draft-links", json={"email": REJECTED[1]})
    ids = [await _apply(region, vacancy_id, *who) for who in (REJECTED, WITHDRAWN)]
    await region.advance(timedelta(minutes=5))
    reason = {"reason_code": "essential_not_met", "unmet_criteria": ["E1"]}
    await gaining.system.post(ATS, f"/v1/applications/{ids[0]}/reject", reason, decider=gaining.manager)
    await gaining.system.get(ATS, "/v1/applications", vacancy_id=vacancy_id)
    token = region.postbox.by_address[WITHDRAWN[1]][-1].link_token
    assert token is not None
    holder = await LinkHolder.open(region.urls[ATS], region.http, token)
    await holder.post(f"/v1/applications/{ids[1]}/withdraw")
    await region.advance(timedelta(minutes=5))


async def _apply(region: Region, vacancy_id: str, name: str, email: str) -> str:
    sent = {
        "name": name,
        "email": email,
        "phone": PHONE,
        "answers": [{"criterion_id": "E1", "answer": STATEMENT}],
        "supporting_statement": STATEMENT,
    }
    return (await region.board.post(ATS, f"/v1/jobs/{vacancy_id}/applications", sent))["id"]


async def _hired(region: Region, gaining: CouncilActors, vacancy_id: str) -> None:
    """An ordinary candidate: shortlisted, interviewed, offered, accepted by a link asked for, cleared and hired."""
    path = f"/v1/applications/{await _apply(region, vacancy_id, *HIRED)}"
    starts_at, starts_on = region.now + timedelta(days=2), (region.now + timedelta(days=40)).date().isoformat()

    async def decide(verb: str, body: dict[str, Any] | None = None) -> None:
        await gaining.system.post(ATS, verb, body, decider=gaining.manager)

    await decide(f"{path}/shortlist")
    await decide(f"/v1/vacancies/{vacancy_id}/confirm-shortlist")
    rounds = f"/v1/vacancies/{vacancy_id}/interview-rounds"
    made = await gaining.system.post(ATS, rounds, {"title": "Panel interview"}, decider=gaining.manager)
    await decide(f"{path}/invite-to-book", {"round_id": made["id"]})
    time = {"starts_at": starts_at.isoformat(), "minutes": 45, "place": "Council House"}
    await decide(f"/v1/interview-rounds/{made['id']}/slots", time)
    await region.advance(timedelta(minutes=5))
    candidate = await LinkHolder.open(region.urls[ATS], region.http, _newest_link(region, HIRED[1]))
    [offered] = (await candidate.get("/v1/my/interviews"))["rounds"]
    wanted = {"slot_id": offered["slots"][0]["id"], "adjustments": NEEDED}
    await candidate.post(f"{path}/book-interview", wanted)
    await region.advance(timedelta(days=3))
    await decide(f"{path}/record-interview")
    await _reference(region, gaining, path)
    reply_by = (region.now + timedelta(days=7)).date().isoformat()
    pay = (await gaining.system.get(ATS, f"/v1/vacancies/{vacancy_id}"))["salary_min_pence"]
    await decide(f"{path}/offers", {"salary_pence": pay, "starts_on": starts_on, "reply_by": reply_by})
    await region.http.post(f"{region.urls[ATS]}/v1/sign-in-links", json={"email": HIRED[1]})
    await region.advance(timedelta(minutes=5))
    holder = await LinkHolder.open(region.urls[ATS], region.http, _newest_link(region, HIRED[1]))
    file = {"name": f"{HIRED[0]}.txt", "content_base64": b64encode(STATEMENT.encode()).decode()}
    await holder.post("/v1/documents", file)
    offer = (await holder.get("/v1/my/application"))["offer"]
    await holder.post(f"/v1/offers/{offer['id']}/accept")
    for check in (await gaining.system.get(ATS, f"{path}/checks"))["checks"]:
        await decide(f"/v1/checks/{check['id']}/pass", passing(check, region.now.date()))
    await decide(f"{path}/clear", {"starts_on": starts_on})
    await decide(f"{path}/hire")
    assert (await gaining.system.get(ATS, path))["stage"] == "hired"


async def _reference(region: Region, gaining: CouncilActors, path: str) -> None:
    """Asked for with the candidate's leave, given by link, read and completed."""

    async def decide(verb: str, body: dict[str, Any] | None = None) -> Any:
        return await gaining.system.post(ATS, verb, body, decider=gaining.manager)

    asked = await decide(
        f"{path}/references", referee(referee_name=REFEREE[0], referee_email=REFEREE[1], asks_first=True)
    )
    await region.advance(timedelta(minutes=5))
    candidate = await LinkHolder.open(region.urls[ATS], region.http, _newest_link(region, HIRED[1]))
    await candidate.post(f"/v1/my/reference-consents/{asked['id']}/agree")
    await region.advance(timedelta(minutes=5))
    holder = await LinkHolder.open(region.urls[ATS], region.http, _newest_link(region, REFEREE[1]))
    await holder.post("/v1/my/reference", {"answers": answers(anything_else=SAID)})
    await gaining.system.get(ATS, f"/v1/references/{asked['id']}/answers", reader=gaining.manager)
    await decide(f"/v1/references/{asked['id']}/complete")
    gap = {"first_on": "2023-01-01", "last_on": "2023-01-31", "explanation": STATEMENT}
    await decide(f"{path}/explain-gap", gap)


async def _failures(region: Region) -> None:
    """What goes wrong repeats nothing that was sent."""
    http, urls = region.http, region.urls
    header = {"Authorization": f"Bearer {await region.board.token(ATS)}"}
    wrong = {"name": DISPLACED[0], "email": DISPLACED[0], "phone": STATEMENT, "answers": REASONS}
    refused = [
        await http.post(f"{urls[ATS]}/v1/jobs/{uuid4()}/applications", json=wrong, headers=header),
        await http.post(f"{urls[ATS]}/v1/link-sessions", json={"token": DISPLACED[1]}),
        await http.post(f"{urls[ATS]}/oauth/token", data={"grant_type": DISPLACED[0], "client_id": DISPLACED[1]}),
        await http.post(f"{urls[CLEARING]}/v1/sign-in-links", json={"email": "nobody@people.example"}),
    ]
    for each in refused:
        assert not any(canary in each.text for canary in CANARIES), each.text


def _columns_with_a_canary(url: str) -> dict[str, set[str]]:
    """Each column that holds a canary, as text or as bytes, with the canaries found in it."""
    found: dict[str, set[str]] = {}
    tables = (
        "SELECT table_schema, table_name FROM information_schema.tables"
        " WHERE table_schema = ANY(%s) AND table_type = 'BASE TABLE'"
    )
    with psycopg.connect(url) as connection:
        for schema, table in connection.execute(tables, [list(Service)]).fetchall():
            rows = connection.execute(
                sql.SQL("SELECT to_jsonb(t) FROM {}.{} t").format(sql.Identifier(schema), sql.Identifier(table))
            )
            for (row,) in rows:
                for column, value in row.items():
                    held = {canary for canary in CANARIES if _holds(value, canary)}
                    if held:
                        found.setdefault(f"{schema}.{table}.{column}", set()).update(held)
    return found


def _holds(value: Any, canary: str) -> bool:
    text = str(value).lower()
    return canary.lower() in text or canary.encode().hex() in text


def test_the_journey_wrote_to_everyone_it_should(overheard: Overheard) -> None:
    for name, email in (DISPLACED, PLACED, REJECTED, WITHDRAWN, HIRED, APPROVER, REFEREE):
        assert name in overheard.mails
        assert email in overheard.mails
    assert REASONS in overheard.mails
    assert len(overheard.tokens) > 2


def test_no_canary_is_in_the_event_log(overheard: Overheard) -> None:
    assert any("ats.application_rejected.v1" in page for page in overheard.events)
    assert [canary for canary in CANARIES for page in overheard.events if canary in page] == []


def test_no_canary_passes_through_redis(overheard: Overheard) -> None:
    everything = "\n".join(overheard.redis)
    assert "clearing.referral_outcome_recorded.v1" in everything, "the queue was heard"
    assert [canary for canary in CANARIES if canary.lower() in everything.lower()] == []


def test_no_canary_is_in_a_log(overheard: Overheard) -> None:
    assert overheard.log.count('"event":"request"') + overheard.log.count('"event": "request"') > 50
    assert [canary for canary in CANARIES if canary.lower() in overheard.log.lower()] == []


def test_no_canary_is_in_an_address_or_a_header_that_we_sent(overheard: Overheard) -> None:
    assert len(overheard.answers) > 30
    assert [canary for canary in CANARIES for answer in overheard.answers if canary.lower() in answer.lower()] == []


def test_no_canary_is_in_the_figures(overheard: Overheard) -> None:
    assert all("http_request_seconds" in figures for figures in overheard.figures)
    assert [canary for canary in CANARIES for figures in overheard.figures if canary in figures] == []


def test_no_link_can_be_read_anywhere_but_in_the_mail(overheard: Overheard) -> None:
    everything = "\n".join([overheard.log, *overheard.redis, *overheard.events])
    assert [token for token in overheard.tokens if token in everything] == []


def test_a_canary_lasts_only_in_the_columns_where_it_belongs(overheard: Overheard) -> None:
    strays = {column: held for column, held in overheard.columns.items() if column not in BELONGS}
    assert strays == {}, "\n".join(f"{column}: {sorted(held)}" for column, held in sorted(strays.items()))
    assert sorted(set(BELONGS) - set(overheard.columns)) == [], "a column that is named here was never filled"
