"""What stands around every page: the menu, the search box, who one is, the language; and what it is made of."""

import hashlib
import re
import tomllib
from datetime import timedelta
from pathlib import Path

import httpx
import pytest
from fastapi import Request
from markupsafe import Markup

from deliverwatch.core.access import Role
from deliverwatch.core.inventory import Language
from deliverwatch.render.tongue import speaking
from deliverwatch.web import create_app
from deliverwatch.web.frame import MENU, page
from deliverwatch.web.pages import PAGES
from deliverwatch.web.request_ids import language_of
from deliverwatch.web.templating import STATIC, ratio, said, said_n, static, templates
from web.signing_in import NOON, ORIGIN, open_house, sign_in

VENDORED = STATIC / "vendor"
FOR_OPERATORS = ["/status", "/accounts", "/audit"]


@pytest.fixture
async def house(tmp_path):
    house = await open_house(tmp_path)
    yield house
    await house.app.store.close()


@pytest.fixture
async def client(house):
    transport = httpx.ASGITransport(create_app(house), raise_app_exceptions=False)
    async with httpx.AsyncClient(transport=transport, base_url=ORIGIN) as client:
        yield client


def menu_of(text):
    return re.findall(r'<li><a href="([^"]+)"', text.partition("<nav")[2].partition("</nav>")[0])


async def test_the_menu_holds_what_one_may_open(client, house):
    everything = [place.path for _, places in MENU for place in places]
    await sign_in(client, house)
    assert menu_of((await client.get("/")).text) == everything
    await sign_in(client, house, role=Role.READ_ONLY, sees_all=True)
    assert menu_of((await client.get("/")).text) == [each for each in everything if each not in FOR_OPERATORS]
    await sign_in(client, house, role=Role.TAM, sees_all=False, email="robin@esp.example")
    assert "/replies" not in menu_of((await client.get("/")).text)


async def test_all_of_the_menu_is_there(client, house):
    await sign_in(client, house)
    for path in menu_of((await client.get("/")).text):
        assert (await client.get(path)).status_code == 200, path


async def test_the_page_that_one_is_on_is_marked(client, house):
    await sign_in(client, house)
    assert re.findall(r'href="([^"]+)"[^>]* aria-current="page"', (await client.get("/customers")).text) == [
        "/customers"
    ]


async def test_who_is_signed_in_is_named_as_text_and_can_sign_out_without_scripts(client, house):
    kept = await sign_in(client, house, name="robin")
    text = (await client.get("/")).text
    assert f">{kept.account.name}<" in text
    assert '<form action="/sign-out" method="post">' in text


async def test_nobody_is_signed_in_on_a_page_for_all(client):
    text = (await client.get("/nowhere")).text
    assert "<nav" not in text
    assert "/sign-out" not in text


@pytest.mark.parametrize("language", Language)
async def test_a_page_says_in_which_language_it_is(client, house, language):
    await sign_in(client, house, language=language)
    assert f'<html lang="{language}"' in (await client.get("/")).text


@pytest.mark.parametrize(
    ("accepted", "language"),
    [
        ("", Language.EN),
        ("de-AT,de;q=0.9,en;q=0.8", Language.DE),
        ("fr, es;q=0.5", Language.ES),
        ("ID", Language.ID),
        ("fr, *", Language.EN),
        (";q=,,-", Language.EN),
    ],
)
def test_who_is_not_known_yet_is_spoken_to_as_their_browser_asks(accepted, language):
    assert language_of(accepted) is language


async def test_what_one_searched_for_comes_back_escaped(client, house):
    await sign_in(client, house)
    text = (await client.get("/search", params={"q": '"><script>alert(1)</script>'})).text
    assert "<script>alert" not in text
    assert text.count("&#34;&gt;&lt;script&gt;") == 3


async def test_an_unforeseen_fault_is_a_page_with_the_id_of_the_request_and_nothing_else(house):
    app = create_app(house)

    @app.get("/broken")
    async def broken():
        raise RuntimeError("a secret of ours")

    transport = httpx.ASGITransport(app, raise_app_exceptions=False)
    async with httpx.AsyncClient(transport=transport, base_url=ORIGIN) as client:
        answer = await client.get("/broken")
    assert answer.status_code == 500
    assert answer.headers["x-request-id"] in answer.text
    assert "secret" not in answer.text
    assert "script-src 'self'" in answer.headers["content-security-policy"]


async def test_a_request_id_is_ours_and_new_each_time(client):
    first = (await client.get("/healthz", headers={"X-Request-Id": "theirs"})).headers["x-request-id"]
    second = (await client.get("/healthz")).headers["x-request-id"]
    assert re.fullmatch("[0-9a-f]{16}", first)
    assert first != second


async def test_what_does_not_fit_a_route_is_said_on_a_page(client, house):
    app = create_app(house)

    @app.get("/number/{number}")
    async def number(number: int):
        return number

    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url=ORIGIN) as client:
        answer = await client.get("/number/none")
    assert answer.status_code == 422
    assert "What was sent does not fit: path.number." in answer.text


@pytest.mark.parametrize("module", PAGES, ids=lambda module: module.__name__)
def test_each_page_says_what_it_is(module):
    assert module.__doc__
    assert callable(module.add)


def shown(source, **values):
    return templates().from_string(source).render(now=NOON, **values)


def test_values_are_written_as_they_are_known():
    time = '<time datetime="2026-11-18T12:00:00Z">Wed 18 Nov 2026 12:00 UTC</time>'
    assert shown("{{ at | instant }}", at=NOON) == time
    assert shown("{{ at | instant }} {{ at | ago }}", at=None) == "unknown never"
    told = shown("{{ at | ago }}", at=NOON - timedelta(hours=3))
    assert told.endswith('title="Wed 18 Nov 2026 09:00 UTC">3 h ago</time>')
    assert ">0 min ago<" in shown("{{ at | ago }}", at=NOON + timedelta(hours=3))
    assert shown(
        "{{ a | ratio }} {{ b | ratio }} {{ c | number }} {{ d | number }}", a=0.123, b=None, c=1234, d=None
    ) == ("12.3% unknown 1,234 unknown")
    with speaking(Language.DE):
        assert ratio(0.5).startswith("50")


def test_foreign_text_is_shown_and_escaped():
    assert shown("{{ text | seen }}", text="<b>\x1b\u202e") == "&lt;b&gt;\\x1b\\u202e"
    assert shown("{{ text | seen(3) }}", text="abcdef") == "ab…"
    assert shown("{{ text | seen_lines }}", text="<a>\r\nb\x00") == "&lt;a&gt;\nb\\x00"


def test_a_sentence_keeps_what_is_html_and_escapes_the_rest():
    link = Markup("<b>here</b>")
    assert said("{link} & {name}", link=link, name="<i>") == "<b>here</b> &amp; &lt;i&gt;"
    assert (
        said_n("{n} in {link}", "{n} of {link} and {name}", 2, link=link, name="<i>")
        == "2 of <b>here</b> and &lt;i&gt;"
    )
    assert shown('{{ say("{name} & more", name=name) }}', name="<i>") == "&lt;i&gt; &amp; more"


def test_what_is_not_ours_is_as_its_package_has_it():
    listed = tomllib.loads((VENDORED / "vendored.toml").read_text())["file"]
    files = {each.name for each in VENDORED.iterdir()} - {"vendored.toml"}
    assert {each["path"] for each in listed} == files
    for each in listed:
        assert hashlib.sha256((VENDORED / each["path"]).read_bytes()).hexdigest() == each["sha256"]
        assert {"package", "version", "licence"} < set(each)


def test_our_own_script_is_one_short_file():
    own = [each for each in STATIC.rglob("*.js") if VENDORED not in each.parents]
    assert [each.name for each in own] == ["desk.js"]
    assert len(own[0].read_text().splitlines()) <= 100


TEMPLATES = sorted((Path(STATIC).parent / "templates").rglob("*.j2"))


@pytest.mark.parametrize("template", TEMPLATES, ids=lambda each: each.name)
def test_no_template_holds_a_script_a_style_or_more_of_htmx_than_was_agreed(template):
    text = template.read_text(encoding="utf-8")
    assert not re.search(r"<style|\sstyle=|\son[a-z]+=|javascript:|hx-on|\| *safe\b", text)
    assert re.findall(r"<script(?! src=\"{{ static\()", text) == []
    assert set(re.findall(r"\b(hx-[a-z-]+)=", text)) <= {
        *("hx-get", "hx-post", "hx-target", "hx-select", "hx-swap", "hx-trigger")
    }


def test_an_address_names_the_version_of_its_file():
    digest = hashlib.sha256((STATIC / "desk.js").read_bytes()).hexdigest()
    assert static("desk.js") == f"/static/desk.js?v={digest[:16]}"


async def test_htmx_may_neither_evaluate_nor_leave(house):
    app = create_app(house)
    app.get("/plain")(lambda request: None)
    scope = {"type": "http", "app": app, "path": "/plain", "headers": [], "state": {}, "method": "GET"}
    scope |= {"query_string": b"", "scheme": "http", "server": ("127.0.0.1", 80)}
    text = page(Request(scope), "error.html.j2", title="T", detail="D").body.decode()
    for rule in (
        '"includeIndicatorStyles":false',
        '"allowEval":false',
        '"allowScriptTags":false',
        '"selfRequestsOnly":true',
        '"historyCacheSize":0',
    ):
        assert rule in text
