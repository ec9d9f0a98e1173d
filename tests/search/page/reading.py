"""What the tests of the page of hits read from it, and what they count."""

import html as html_module
import re

from django.core.cache import cache
from django.db import reset_queries


class Page(str):
    """The <main> of an answer, which is always a page."""

    response = None

    @property
    def hits(self):
        return [words_of(each) for each in re.findall(r'<h2 class="hit__title">(.*?)</h2>', self, re.DOTALL)]

    @property
    def headings(self):
        return [words_of(each) for each in re.findall(r"<h[12][^>]*>(.*?)</h[12]>", self, re.DOTALL)]

    @property
    def links(self):
        """{words of a link: its address}, of all links of the page."""
        found = re.findall(r'<a [^>]*?href="([^"]*)"[^>]*>(.*?)</a>', self, re.DOTALL)
        return {words_of(text): html_module.unescape(address) for address, text in found}

    @property
    def facts(self):
        return re.findall(
            r"<li[^>]*>([^<]*)</li>", "".join(re.findall(r'<ul class="hit__facts">.*?</ul>', self))
        )

    @property
    def facets(self):
        """{facet: {value: count}}"""
        found = re.findall(
            r'<input type="checkbox" name="(\w+)" value="([^"]*)"[^>]*> <span>[^<]*</span> '
            r'<span class="facet__count">(\d+)</span>',
            self,
        )
        counts = {}
        for name, value, count in found:
            counts.setdefault(name, {})[value] = int(count)
        return counts

    @property
    def chips(self):
        """{words of a chip: the address without it}"""
        lists = "".join(re.findall(r'<ul class="chips chips--filters".*?</ul>', self, re.DOTALL))
        return Page(lists).links


# Of a query that finds nothing while nothing is kept: each way to read it asks up to five times, suggestions do so
# again, and the page shows topics and departments.
MOST_QUERIES = 75


def start_over():
    """For examples that share a test: nothing is kept, and the log of queries, which ends at 9,000, is empty."""
    cache.clear()
    reset_queries()


def asked_of_the_database(queries):
    """Statements that read or write, without those that only set or bracket something."""
    return sum(
        query["sql"].split(maxsplit=1)[0] in ("SELECT", "INSERT", "UPDATE", "DELETE", "WITH")
        for query in queries
    )


def words_of(html):
    return " ".join(html_module.unescape(re.sub(r"<[^>]+>", "", html)).split())


NASTY = [
    '"',
    '""',
    "'",
    "\x00",
    "婚\x00姻",
    "  ",
    "a  b",
    "婚姻 AND",
    "AND OR NOT ( ) * : ^ -",
    "NEAR(婚姻 登记, 2)",
    "name: 婚姻",
    "{name}: 婚姻",
    "婚姻*",
    "婚姻 & ! | <-> :*",
    "'婚姻':A",
    "😀",
    "👨‍👩‍👧‍👦 婚姻",
    "婚" * 10_000,
    "婚 " * 5_000,
    "a b c d e f g h " * 600,
    "z" * 10_000,
    "1" * 10_000,
    "'; DROP TABLE search_guide; --",
    "1 OR 1=1",
    "%",
    "_",
    "婚%姻",
    "\\",
    "\x01\x02\x1b[31m婚姻",
    "\u202e婚姻\u202c",
    "\ufeff婚姻",
    "\ufdfa" * 300,
    "é" * 100,
    "\U0001f1e8\U0001f1f3",
    "${jndi:ldap://x}",
    "{{ 7*7 }}",
    "../../etc/passwd",
    "<svg/onload=alert(1)>",
    "\r\nSet-Cookie: x=1",
]
