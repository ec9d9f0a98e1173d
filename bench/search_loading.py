"""Writes a catalogue of `bench.search_catalogue` into the database: registers as the admin makes them, items as
rows, because a review of each would take days."""

import uuid
from contextlib import contextmanager

from django.contrib.contenttypes.models import ContentType
from django.db import connection, transaction
from django.utils import timezone
from wagtail.models import Page
from wagtail.search.backends import get_search_backend

from bench.search_catalogue import PLACES, guides
from reviewflow import triggers
from search.following import follow
from search.models import Guide, GuideText
from servicepages.models import (
    Department,
    DepartmentPage,
    Region,
    ServiceHall,
    ServiceItemPage,
    ServicePoint,
    Topic,
)
from servicepages.sample import content
from servicepages.sample.registers import address, credit_code, phone

AT_A_TIME = 1_000
# Departments of a place: more where there is more to do, up to what a city has.
FEWEST, ITEMS_A_DEPARTMENT = 4, 1_000


def load(size: int):
    """Makes registers and `size` live items, and tells the search of them. Returns the keys of the items."""
    loader = Loader(size)
    keys = []
    # The gate's triggers refuse a live item that nobody signed.
    triggers.drop(connection)
    with _indexes_later(get_search_backend().guide_index_class.table):
        for chunk in _chunks(guides(size)):
            added = loader.add(chunk)
            loader.tell_the_search(added, chunk)
            keys += added
    triggers.make(connection)
    return keys


def settle():
    """What PostgreSQL does by itself after so much was written, but later, in the middle of what is measured."""
    if connection.vendor != "postgresql":
        return
    with connection.cursor() as cursor:
        cursor.execute("VACUUM (ANALYZE)")
        cursor.execute("SELECT rolsuper FROM pg_roles WHERE rolname = current_user")
        if cursor.fetchone()[0]:
            cursor.execute("CHECKPOINT")


@contextmanager
def _indexes_later(table):
    """PostgreSQL makes an inverted index of everything many times faster than row by row."""
    if connection.vendor != "postgresql":
        yield
        return
    with connection.cursor() as cursor:
        cursor.execute("SELECT indexname, indexdef FROM pg_indexes WHERE tablename = %s", [table])
        inverted = [(name, made) for name, made in cursor.fetchall() if "USING gin" in made]
        for name, _made in inverted:
            cursor.execute(f"DROP INDEX {name}")
        yield
        for _name, made in inverted:
            cursor.execute(made)


def _chunks(each):
    chunk = []
    for one in each:
        chunk.append(one)
        if len(chunk) == AT_A_TIME:
            yield chunk
            chunk = []
    if chunk:
        yield chunk


def _row(model):
    return {field.attname: getattr(model, field.attname) for field in model._meta.concrete_fields}


class Loader:
    def __init__(self, size):
        self.type = ContentType.objects.get_for_model(ServiceItemPage)
        self.topics = list(Topic.objects.all())
        names = [each["name"] for each in content.departments() if each["region"] == content.CITY]
        names = names[: max(FEWEST, size // ITEMS_A_DEPARTMENT)]
        self.halls, self.departments, self.sections, self.children = [], [], {}, {}
        city = None
        for place, each in enumerate(content.regions()[:PLACES]):
            region = Region.objects.create(
                name=each["name"], code=each["code"], kind=each["kind"], parent=city, sort_order=place
            )
            city = city or region
            self.halls.append(
                ServiceHall.objects.create(
                    region=region, name=f"{region.name}政务服务中心", address=address(region.name, place)
                )
            )
            self.departments.append([self._department(region, *numbered) for numbered in enumerate(names)])
        for section in DepartmentPage.objects.all():
            self.sections[section.department_id] = section
            self.children[section.department_id] = 0
        self.columns = ServiceItemPage._meta.local_concrete_fields

    @staticmethod
    def _department(region, number, name):
        return Department.objects.create(
            region=region,
            name=name,
            credit_code=credit_code(region.code, number),
            phone=phone(number, 0),
            address=address(region.name, number),
            sort_order=number,
        )

    @transaction.atomic
    def add(self, chunk) -> list[int]:
        """Keys of new items for these guides."""
        now = timezone.now()
        keys = [page.pk for page in Page.objects.bulk_create([self._page(guide, now) for guide in chunk])]
        self._write_items(keys, chunk)
        through = ServiceItemPage.topics.through
        through.objects.bulk_create(
            through(serviceitempage_id=key, topic_id=topic)
            for key, guide in zip(keys, chunk, strict=True)
            for topic in {self._one_of(self.topics, share).pk for share in guide.item.topics}
        )
        ServicePoint.objects.bulk_create(
            ServicePoint(page_id=key, hall=self.halls[guide.place], sort_order=0)
            for key, guide in zip(keys, chunk, strict=True)
        )
        for department, count in self.children.items():
            Page.objects.filter(pk=self.sections[department].pk).update(numchild=count)
        return keys

    @staticmethod
    def _one_of(choices, share):
        return choices[int(len(choices) * share)]

    def _department_of(self, guide):
        return self._one_of(self.departments[guide.place], guide.item.department)

    def _page(self, guide, now):
        department = self._department_of(guide).pk
        section = self.sections[department]
        self.children[department] += 1
        slug = f"item-{guide.item.number}"
        return Page(
            path=Page._get_path(section.path, section.depth + 1, self.children[department]),
            depth=section.depth + 1,
            title=guide.item.title,
            draft_title=guide.item.title,
            slug=slug,
            url_path=f"{section.url_path}{slug}/",
            content_type=self.type,
            translation_key=uuid.uuid4(),
            locale_id=section.locale_id,
            live=True,
            first_published_at=now,
            last_published_at=now,
        )

    @transaction.atomic
    def tell_the_search(self, keys, chunk):
        """The search reads each item in its first place only. In the others it says the same but for what the
        place brings with it: those are copies, because reading 100,000 items takes a quarter of an hour."""
        of_number = {}
        for key, guide in zip(keys, chunk, strict=True):
            of_number.setdefault(guide.item.number, []).append((key, guide))
        follow([places[0][0] for places in of_number.values()])
        written = Guide.objects.select_related("text").in_bulk(keys)
        copies = [
            self._elsewhere(written[places[0][0]], places[0][1], key, guide)
            for places in of_number.values()
            for key, guide in places[1:]
        ]
        Guide.objects.bulk_create(copies)
        GuideText.objects.bulk_create([guide.text for guide in copies])
        get_search_backend().add_bulk(Guide, copies)

    def _elsewhere(self, written, there, key, guide):
        department = self._department_of(guide)
        own = {
            "page_id": key,
            "department_id": department.pk,
            "region_id": department.region_id,
            "implementation_code": self._own_values(guide)["implementation_code"],
            "online": guide.online,
            "visits_required": guide.visits,
        }
        copied = Guide(**{**_row(written), **own})
        lines = dict(zip(self._own_lines(there), self._own_lines(guide), strict=True))
        text = _row(written.text) | {"guide": copied, "guide_id": key}
        for name in ("subject", "body"):
            text[name] = "\n".join(lines.get(line, line) for line in text[name].splitlines())
        copied.text = GuideText(**text)
        return copied

    def _own_lines(self, guide):
        """Lines of the text of a guide that are others in another place."""
        department, own = self._department_of(guide), self._own_values(guide)
        lines = [own[name] for name in ("implementation_code", "who_may_apply", "consultation_phone")]
        lines += [
            own["mailing_address"],
            str(department),
            department.region.name,
            self.halls[guide.place].name,
        ]
        return lines

    def _own_values(self, guide):
        department = self._department_of(guide)
        return {
            "department_id": department.pk,
            "implementation_code": f"{department.credit_code}3{guide.item.basic_code}",
            "who_may_apply": guide.who_may_apply,
            "online": guide.online,
            "visits_required": guide.visits,
            "consultation_phone": department.phone,
            "mailing_address": f"{department.address} {department.name}政务服务窗口（收）",
        }

    def _write_items(self, keys, chunk):
        """With SQL: what is the same in ten places is made ready for the database once."""
        made_ready, rows = {}, []
        for key, guide in zip(keys, chunk, strict=True):
            common = made_ready.get(guide.item.number)
            if common is None:
                common = made_ready[guide.item.number] = self._values(guide.item)
            own = {"page_ptr_id": key, **self._own_values(guide)}
            rows.append(list({**common, **own}.values()))
        quoted = [connection.ops.quote_name(field.column) for field in self.columns]
        places = ", ".join(["%s"] * len(quoted))
        with connection.cursor() as cursor:
            cursor.executemany(
                f"INSERT INTO {ServiceItemPage._meta.db_table} ({', '.join(quoted)}) VALUES ({places})",  # noqa: S608
                rows,
            )

    def _values(self, item):
        page = ServiceItemPage(serial_number=str(item.number), **item.values)
        for name, children in item.streams.items():
            setattr(page, name, ServiceItemPage._meta.get_field(name).stream_block.to_python(children))
        return {
            field.attname: field.get_db_prep_save(field.pre_save(page, True), connection)
            for field in self.columns
        }
