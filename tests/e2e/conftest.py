"""A browser, a server to point it at, and pages that fail the test when the page complains."""

import os
import threading
from pathlib import Path

import axe_playwright_python
import pytest
from django.core.signals import request_finished, request_started
from django.db import connections
from playwright.sync_api import sync_playwright

from tests.shared import levels

from . import chromium

# Without these Chromium looks for updates and accounts on the internet all the time.
ARGUMENTS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
WCAG_2_2_AA = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]
AXE = Path(axe_playwright_python.__file__).with_name("axe.min.js").read_text()


@pytest.fixture(scope="session")
def browser(django_db_blocker):
    path = chromium.find()
    assert path, chromium.MISSING
    # Playwright's synchronous side runs an event loop in this thread, and Django takes that for
    # asynchronous code and refuses every query.
    before = os.environ.get("DJANGO_ALLOW_ASYNC_UNSAFE")
    os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "true"
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=ARGUMENTS)
        yield browser
        # Without the loop this thread has other connections: what those of the browser tests hold open would
        # stay open, and PostgreSQL would not drop the database.
        with django_db_blocker.unblock():
            levels.clear()
        connections.close_all()
        browser.close()
    if before is None:
        del os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"]
    else:
        os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = before


@pytest.fixture
def live(browser, transactional_db, live_server):
    """The running site; `live.url` is its address. What the test wrote before is on it.

    The database is emptied only when the last request has been answered: a page that is closed does not
    take back what it had asked for, such as saving by itself.
    """
    under_way, all_answered = 0, threading.Condition()

    def began(**kwargs):
        nonlocal under_way
        with all_answered:
            under_way += 1

    def ended(**kwargs):
        nonlocal under_way
        with all_answered:
            under_way -= 1
            all_answered.notify_all()

    request_started.connect(began)
    request_finished.connect(ended)
    yield live_server
    with all_answered:
        all_answered.wait_for(lambda: under_way <= 0, timeout=20)
    request_started.disconnect(began)
    request_finished.disconnect(ended)


@pytest.fixture
def tolerate():
    """Pieces of the complaints that a test expects, such as "410" where it opens a withdrawn guide."""
    return []


def _page(browser, tolerate, **options):
    context = browser.new_context(locale="zh-CN", timezone_id="Asia/Shanghai", **options)
    context.set_default_timeout(15_000)
    complaints = []

    def on_console(message):
        # A violation of the content security policy arrives here too, as an error. Chromium asks for
        # /favicon.ico by itself where what it shows is no page of ours (a PDF, robots.txt).
        address = message.location.get("url", "")
        if message.type == "error" and not address.endswith("/favicon.ico"):
            complaints.append(f"{message.text} ({address})")

    def watch(page):
        page.on("console", on_console)
        page.on("pageerror", lambda error: complaints.append(f"uncaught: {error}"))

    context.on("page", watch)
    yield context.new_page()
    context.close()
    unexpected = [text for text in complaints if not any(piece in text for piece in tolerate)]
    assert not unexpected, "The page complained:\n" + "\n".join(unexpected)


@pytest.fixture
def desk(browser, tolerate):
    """A page as on a desk, 1280 px wide; the test fails on any error in its console."""
    yield from _page(browser, tolerate, viewport={"width": 1280, "height": 900})


@pytest.fixture
def phone(browser, tolerate):
    """A page as on a phone, 390 px wide; the test fails on any error in its console."""
    yield from _page(
        browser,
        tolerate,
        viewport={"width": 390, "height": 844},
        device_scale_factor=2,
        is_mobile=True,
        has_touch=True,
    )


@pytest.fixture
def axe():
    """`axe(page)` fails where the page breaks a rule of WCAG 2.2 AA, contrast of colours included.

    `within` narrows it to a CSS selector: pages of the Wagtail admin hold much that is not ours.
    """

    def check(page, within="html"):
        page.evaluate(AXE)
        violations = page.evaluate(
            """([within, tags]) => axe.run(
                within,
                {runOnly: {type: "tag", values: tags}, resultTypes: ["violations"]},
            ).then(results => results.violations)""",
            [within, WCAG_2_2_AA],
        )
        told = [
            f"{violation['id']}: {violation['help']}\n    {node['html'][:300]}\n    {node.get('failureSummary', '')}"
            for violation in violations
            for node in violation["nodes"]
        ]
        assert not told, f"{page.url} breaks WCAG 2.2 AA:\n" + "\n".join(told)

    return check
