"""Careers pages show what the search shows, for the region and for one employer."""

from __future__ import annotations

from urllib.robotparser import RobotFileParser

from shared.addresses import public_url
from shared.vocabulary import Service
from tests.factories.ats import Ats


async def test_the_bare_address_leads_to_the_careers_page(council: Ats) -> None:
    answer = await council.client.get("/")
    assert (answer.status_code, answer.headers["location"]) == (307, "/careers")


async def test_the_regions_page_counts_live_adverts_and_leads_to_every_employer(council: Ats) -> None:
    await council.live(employer="SAW")
    await council.in_clearing(employer="DUD")
    page = await council.client.get("/careers")
    assert page.status_code == 200
    assert "1 job with" in page.text
    assert 'href="/careers/SAW"' in page.text
    assert 'href="/careers/DUD"' in page.text


async def test_an_employers_page_shows_its_own_adverts_alone_whatever_the_address_asks(council: Ats) -> None:
    await council.live(employer="SAW", title="Own post")
    await council.live(employer="DUD", title="Strange post")
    for address in ("/careers/saw", "/careers/SAW?employer=DUD", "/careers/SAW/embed"):
        page = await council.client.get(address)
        assert page.status_code == 200
        assert "Own post" in page.text
        assert "Strange post" not in page.text
    assert (await council.client.get("/careers/XXX")).status_code == 404


async def test_only_the_embedded_list_may_be_framed_and_it_leads_out_of_the_frame(council: Ats) -> None:
    await council.live(employer="SAW")
    framed = await council.client.get("/careers/SAW/embed")
    assert "frame-ancestors *" in framed.headers["content-security-policy"]
    assert 'target="_top"' in framed.text
    assert "<form" not in framed.text
    page = await council.client.get("/careers/SAW")
    assert "frame-ancestors 'none'" in page.headers["content-security-policy"]


async def test_a_place_that_is_not_known_is_an_error_of_the_form(council: Ats) -> None:
    for address in ("/jobs", "/careers/SAW"):
        page = await council.client.get(address, params={"near": "Atlantis"})
        assert page.status_code == 422
        assert "We do not know this place" in page.text
        assert 'href="#near"' in page.text


async def test_a_choice_that_is_not_in_the_list_any_more_is_an_error_of_the_form(council: Ats) -> None:
    await council.live(employer="SAW")
    for address, field, value in (
        ("/jobs", "employer", "ZZZ"),
        ("/jobs", "family", "piracy"),
        ("/careers/SAW", "family", "piracy"),
    ):
        page = await council.client.get(address, params={field: value})
        assert page.status_code == 422
        assert "is not in the list any more" in page.text
        assert f'href="#{field}"' in page.text
        assert "No advert matches" not in page.text
    framed = await council.client.get("/careers/SAW/embed", params={"family": "piracy"})
    assert framed.status_code == 200
    assert "is not in the list any more" in framed.text
    assert "No advert matches" not in framed.text


async def test_a_page_finds_by_place_and_forgives_a_slip_of_the_pen(council: Ats) -> None:
    await council.live(title="Accountant", postcode="WS1 1TP", employer="WLL")
    page = await council.client.get("/jobs", params={"q": "acountent", "near": "walsall", "workplace": ""})
    assert page.status_code == 200
    assert "Showing adverts for <strong>accountant</strong>" in page.text


async def test_a_search_engine_may_read_the_public_pages_alone_and_is_led_to_the_sitemap(council: Ats) -> None:
    answer = await council.client.get("/robots.txt")
    assert (answer.status_code, answer.headers["content-type"].partition(";")[0]) == (200, "text/plain")
    rules = RobotFileParser()
    rules.parse(answer.text.splitlines())
    assert rules.site_maps() == [f"{public_url(Service.ATS)}/sitemap.xml"]
    job = await council.live()
    for path in ("/jobs", f"/jobs/{job['id']}", "/careers", "/careers/SAW", "/sitemap.xml"):
        assert rules.can_fetch("*", path), path
    for path in ("/vacancies", "/l/abc", "/my-application", "/sign-in", "/v1/jobs", "/docs"):
        assert not rules.can_fetch("*", path), path
