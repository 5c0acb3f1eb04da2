"""Each format as a writer of one advert at a time, so that a feed of any length is written in the same memory.

lxml writes the XML: it escapes, declares and closes what it opens, and refuses a character that XML cannot hold.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Generator
from contextlib import contextmanager
from datetime import date, datetime, timedelta
from email.utils import format_datetime
from typing import IO, Any

from lxml import etree

from services.ats.jobs.addresses import careers_url
from services.ats.jobs.models import EndedJob, PublishedJob
from services.ats.jobs.posting import (
    COUNTRY,
    REGION,
    TEMPORARY,
    as_html,
    as_text,
    is_full_time,
    job_posting,
    page_url,
    pay_in_words,
    plain,
)
from services.ats.jobs.workplaces import Workplace
from shared.addresses import public_url
from shared.calendar import LONDON
from shared.reference.occupations import families
from shared.vocabulary import ContractKind, Service

Add = Callable[[Any], None]
PUBLISHER = "West Midlands Employers"
SITEMAP = "http://www.sitemaps.org/schemas/sitemap/0.9"
ATOM = "http://www.w3.org/2005/Atom"
# As their readers expect to see them: not every one of them resolves a prefix that it does not know.
PREFIXES: dict[str, Any] = {SITEMAP: {None: SITEMAP}, ATOM: {"atom": ATOM}}
FIND_A_JOB_DAYS = 29
"""Find a Job takes an advert for at most 30 days from the day of the upload; a day's grace is left for the way."""
FIND_A_JOB_TYPE = {True: "2", False: "1"}  # contract, permanent
FIND_A_JOB_STATUS = {True: "1", False: "2"}  # full time, part time
FIND_A_JOB_BY_URL = "2"
REMOTE_TYPES = {Workplace.REMOTE: "Fully remote", Workplace.HYBRID: "Hybrid remote"}
INDEED_KINDS = {ContractKind.PERMANENT: "permanent", ContractKind.APPRENTICESHIP: "apprenticeship"}


def _element(name: str, text: str | None = None, **attributes: str) -> etree._Element:
    made = etree.Element(name, attributes, nsmap=PREFIXES.get(etree.QName(name).namespace))
    made.text = None if text is None else plain(text)
    return made


def _filled(name: str, fields: dict[str, str | None], *, cdata: bool = False, **attributes: str) -> etree._Element:
    """An element with a child for each field that has a value."""
    made = etree.Element(name, attributes, nsmap=PREFIXES.get(etree.QName(name).namespace))
    for field, value in fields.items():
        if value is not None:
            text = plain(value)
            # A CDATA section cannot hold its own end: such a text is escaped instead, which means the same.
            etree.SubElement(made, field).text = etree.CDATA(text) if cdata and "]]>" not in text else text
    return made


def _day(instant: datetime) -> date:
    return instant.astimezone(LONDON).date()


@contextmanager
def write_job_postings(file: IO[bytes], _now: datetime) -> Generator[Add]:
    """A schema.org DataFeed of JobPosting."""
    file.write(b'{"@context":"https://schema.org","@type":"DataFeed","dataFeedElement":[')
    separator = b"\n"

    def add(job: PublishedJob) -> None:
        nonlocal separator
        file.write(separator + json.dumps(job_posting(job), ensure_ascii=False).encode())
        separator = b",\n"

    yield add
    file.write(b"\n]}\n")


@contextmanager
def write_rss(file: IO[bytes], _now: datetime) -> Generator[Add]:
    """RSS 2.0."""
    with etree.xmlfile(file, encoding="utf-8") as xml:
        xml.write_declaration()
        with xml.element("rss", {"version": "2.0"}, nsmap={"atom": ATOM}), xml.element("channel"):
            xml.write(_element("title", f"Jobs of {PUBLISHER}"))
            xml.write(_element("link", f"{public_url(Service.ATS)}/careers"))
            xml.write(_element("description", "Live adverts of the councils of the West Midlands"))
            xml.write(
                _element(
                    f"{{{ATOM}}}link",
                    href=f"{public_url(Service.ATS)}/v1/feeds/jobs.rss",
                    rel="self",
                    type="application/rss+xml",
                )
            )

            def add(job: PublishedJob) -> None:
                fields: dict[str, str | None] = {
                    "title": f"{job.title}, {job.employer_name}",
                    "link": page_url(job.id),
                    "description": as_html(job),
                    "category": families()[job.family].label if job.family in families() else None,
                    "guid": page_url(job.id),
                    "pubDate": format_datetime(job.published_at),
                }
                xml.write(_filled("item", fields))

            yield add


@contextmanager
def write_indeed(file: IO[bytes], now: datetime) -> Generator[Add]:
    """The XML that Indeed and many others read: `<source>` with a `<job>` for each advert, values in CDATA."""
    with etree.xmlfile(file, encoding="utf-8") as xml:
        xml.write_declaration()
        with xml.element("source"):
            xml.write(_element("publisher", PUBLISHER))
            xml.write(_element("publisherurl", public_url(Service.ATS)))
            xml.write(_element("lastBuildDate", format_datetime(now)))

            def add(job: PublishedJob) -> None:
                xml.write(_filled("job", _indeed_fields(job), cdata=True))

            yield add


def _indeed_fields(job: PublishedJob) -> dict[str, str | None]:
    kinds = ["fulltime" if is_full_time(job) else "parttime", INDEED_KINDS.get(job.contract, "temporary")]
    return {
        "title": job.title,
        "date": format_datetime(job.published_at),
        "referencenumber": job.reference,
        "requisitionid": job.reference,
        "url": page_url(job.id),
        "company": job.employer_name,
        "sourcename": PUBLISHER,
        "city": job.town,
        "state": REGION,
        "country": COUNTRY,
        "postalcode": job.postcode or job.outcode,
        "description": as_html(job),
        "salary": pay_in_words(job),
        "jobtype": ", ".join(kinds),
        "category": families()[job.family].label if job.family in families() else None,
        "expirationdate": _day(job.closes_at).isoformat(),
        "remotetype": REMOTE_TYPES.get(job.workplace),
    }


@contextmanager
def write_find_a_job(file: IO[bytes], now: datetime) -> Generator[Add]:
    """The daily upload of new and changed adverts for the Department for Work and Pensions' Find a Job."""
    last_day = _day(now) + timedelta(days=FIND_A_JOB_DAYS)
    with etree.xmlfile(file, encoding="utf-8") as xml:
        xml.write_declaration()
        with xml.element("Vacancies"):

            def add(job: PublishedJob) -> None:
                vacancy = _filled(
                    "Vacancy", {"Title": job.title, "Description": as_text(job)}, vacancyRefCode=job.reference
                )
                vacancy.append(_filled("Location", {"City": job.town, "State": REGION, "PostalCode": job.postcode}))
                vacancy.append(_element("VacancyExpiry", min(_day(job.closes_at), last_day).isoformat()))
                vacancy.append(_element("VacancyType", id=FIND_A_JOB_TYPE[job.contract in TEMPORARY]))
                vacancy.append(_element("VacancyStatus", id=FIND_A_JOB_STATUS[is_full_time(job)]))
                vacancy.append(_element("ApplyMethod", id=FIND_A_JOB_BY_URL))
                vacancy.append(_element("ApplyUrl", page_url(job.id)))
                xml.write(vacancy)

            yield add


@contextmanager
def write_closed_early(file: IO[bytes], _now: datetime) -> Generator[Add]:
    """The list by which Find a Job takes down what ended before its closing date."""
    with etree.xmlfile(file, encoding="utf-8") as xml:
        xml.write_declaration()
        with xml.element("ExpireVacancies"):

            def add(job: EndedJob) -> None:
                xml.write(_element("ExpireVacancy", vacancyRefCode=job.reference))

            yield add


@contextmanager
def write_sitemap(file: IO[bytes], _now: datetime) -> Generator[Add]:
    with etree.xmlfile(file, encoding="utf-8") as xml:
        xml.write_declaration()
        with xml.element("urlset", nsmap={None: SITEMAP}):
            advertising: set[str] = set()

            def add(job: PublishedJob) -> None:
                advertising.add(job.employer_code)
                fields: dict[str, str | None] = {
                    f"{{{SITEMAP}}}loc": page_url(job.id),
                    f"{{{SITEMAP}}}lastmod": job.changed_at.isoformat(timespec="seconds"),
                }
                xml.write(_filled(f"{{{SITEMAP}}}url", fields))

            yield add
            for code in (None, *sorted(advertising)):
                xml.write(_filled(f"{{{SITEMAP}}}url", {f"{{{SITEMAP}}}loc": careers_url(code)}))
