"""How much a guide costs beside a plain Wagtail page of the same length, and how many queries it asks.

Run from the project's folder: `python -m bench.guide_page` (or `make bench`).
"""

import re

from bench.figures import at_most, figure, finish, medians
from bench.server import empty_site, gunicorn

QUERIES = 15
RATIO = 1.25
SIZES = {"short": 2, "long": 40}  # materials of the guide


def text_of(html: bytes) -> str:
    """What a reader sees of the page's main part: its characters without markup."""
    main = html.decode().partition("<main")[2].partition("</main>")[0]
    return re.sub(r"\s+", " ", re.sub(r"<svg.*?</svg>|<[^>]*>", " ", main, flags=re.S)).strip()


def make_guide(department, materials):
    from tests.factories import AttachmentFactory, ServiceHallFactory, complete_item, material, publish

    halls = [ServiceHallFactory(region=department.region) for _ in range(2)]
    return publish(
        complete_item(
            department,
            title=f"有{materials}份材料的事项",
            materials=[
                (
                    "material",
                    material(
                        f"第{number + 1}份材料",
                        blank_form=AttachmentFactory(department=department),
                        notes="用黑色签字笔填写，字迹清楚，由本人签名。",
                    ),
                )
                for number in range(materials)
            ],
            questions=[
                ("question", {"question": f"问题{number + 1}？", "answer": "本人持身份证到窗口办理。" * 3})
                for number in range(materials)
            ],
            service_points=halls,
        )
    )


def make_plain_page(title, text):
    from servicepages.models import ContentPage, HomePage

    paragraphs = "".join(f"<p>{text[start : start + 120]}</p>" for start in range(0, len(text), 120))
    page = HomePage.objects.get().add_child(instance=ContentPage(title=title, body=paragraphs, live=False))
    page.save_revision().publish()
    return page


def main():
    with empty_site():
        from django.db import connection
        from django.test import Client
        from django.test.utils import CaptureQueriesContext

        from servicepages.freshness import renew
        from tests.factories import DepartmentFactory

        department = DepartmentFactory()
        guides = {size: make_guide(department, materials) for size, materials in SIZES.items()}
        client = Client()
        for size, guide in guides.items():
            url = guide.get_url()
            client.get(url)
            renew()  # nothing kept from the request before
            with CaptureQueriesContext(connection) as queries:
                html = client.get(url).content
            at_most(f"guide_page.queries.{size}", len(queries), QUERIES)
            guide.plain = make_plain_page(f"plain {size}", text_of(html))
        connection.close()

        with gunicorn() as get:
            for size, guide in guides.items():
                paths = {"guide": guide.get_url(), "plain": guide.plain.get_url(), "empty": "/bench/empty/"}
                asked = {name: lambda path=path: get(path) for name, path in paths.items()}
                asked["changed"] = lambda path=paths["guide"]: (renew(), get(path))
                seconds = medians(asked)
                at_most(f"guide_page.time_to_plain_page.{size}", seconds["guide"] / seconds["plain"], RATIO)
                told = {
                    "time_to_empty_view": seconds["guide"] / seconds["empty"],
                    "time_to_plain_page_after_each_change": seconds["changed"] / seconds["plain"],
                }
                for name, ratio in told.items():
                    figure(f"guide_page.{name}.{size}", ratio, "-", True)
    finish()


if __name__ == "__main__":
    main()
