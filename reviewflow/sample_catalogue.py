"""Loads the sample catalogue, department by department, each item through its history."""

from contextlib import contextmanager
from datetime import timedelta

from django.db import transaction
from django.utils import timezone

from reviewflow.notices import silence
from reviewflow.sample_campaign import load_campaign
from reviewflow.sample_review import Review, Reviewers, starting_times
from reviewflow.sample_rounds import load_rounds
from servicepages.models import DepartmentPage, User
from servicepages.sample import content, pages
from servicepages.sample.clock import Clock, at
from servicepages.sample.indexing import indexing_later, no_query_log
from servicepages.sample.items import ItemWriter, by_department, sub_items
from servicepages.sample.ledger import Ledger
from servicepages.sample.people import EDITOR, People
from servicepages.sample.registers import (
    add_contacts,
    bring_laws_up_to_date,
    load_department,
    load_halls,
    load_laws,
    load_regions,
)


class CatalogueLoader:
    """`say` is told what is being loaded. What was ever created is never created again."""

    def __init__(self, say):
        self.say = say
        self.ledger = Ledger()
        self.people = People(self.ledger)

    def load(self) -> int:
        """Everything; returns how many things were created."""
        with silence(), no_query_log(), indexing_later() as self.indexer:
            with self.step():
                self.people.load_administrator()
                administrator = self.people.administrator
                load_regions(self.ledger, administrator)
                load_halls(self.ledger, administrator)
                load_laws(self.ledger, administrator)
            departments = self.load_departments(administrator)
            with self.step():
                self.people.load_offices()
                load_rounds(self.ledger, administrator)
            self.load_items(departments)
            with self.step():
                pages.load_pages(self.ledger, administrator)
                bring_laws_up_to_date(self.ledger, administrator)
                load_campaign(self.ledger, administrator)
        return self.ledger.created

    @contextmanager
    def step(self):
        """All of a department or nothing of it, indexed."""
        with transaction.atomic():
            yield
            self.indexer.catch_up()

    def load_departments(self, administrator) -> dict:
        """(number, department) of those there are, by place and name."""
        departments, region = {}, None
        numbered = list(enumerate(content.departments(), 1))
        # Collections are kept in the order of their names; made in that order, none has to be moved.
        for number, each in sorted(numbered, key=lambda pair: f"{pair[1]['region']} {pair[1]['name']}"):
            if each["region"] != region:
                region = each["region"]
                self.say(region)
            with self.step():
                department, is_new = load_department(self.ledger, administrator, number, each)
                if department is None:
                    continue
                staff = self.people.load_department(department, number, each["login"])
                if is_new:
                    add_contacts(department, number, staff)
            departments[each["region"], each["name"]] = number, department, f"{each['login']}-{EDITOR}"
        return departments

    def load_items(self, departments):
        reviewers = Reviewers()
        groups = by_department()
        total = sum(len(specs) for specs in groups.values())
        starts = iter(starting_times(total))
        done = 0
        for key, specs in groups.items():
            done += len(specs)
            times = [next(starts) for _spec in specs]
            if key not in departments:
                continue
            number, department, login = departments[key]
            editor = User.objects.filter(username=login).first() or self.people.administrator
            writer = ItemWriter(department, number, editor)
            with self.step():
                created = [
                    self.load_item(spec, writer, reviewers, time)
                    for spec, time in zip(specs, times, strict=True)
                    if item_key(spec) not in self.ledger
                ]
            if created:
                self.say(f"{done}/{total} {department}")

    def load_item(self, spec, writer, reviewers, time):
        section = DepartmentPage.objects.filter(department=writer.department).first()
        if section is None:
            return
        history = content.histories().get((spec["place"], spec["name"]), {})
        review = self.begin(section, {**spec, **history.get("first", {})}, history, writer, reviewers, time)
        parts = [self.begin(review.item, part, {}, writer, reviewers, time) for part in sub_items(spec)]
        if parts:
            review.refresh()
        _States(writer, spec, history).bring(review)
        for part in parts:
            _States(writer, spec, {}).bring(part)

    def begin(self, parent, spec, history, writer, reviewers, time) -> Review:
        """The item's first draft, as its editor created it."""
        part = spec.get("part", 0)
        if "days_ago" in history:
            time = timezone.now() - timedelta(days=history["days_ago"])
        clock = Clock(time + part * timedelta(minutes=35))
        for name in history.get("without", ()):
            spec = {key: value for key, value in spec.items() if key != name}
        with at(clock.moment):
            page = parent.add_child(instance=writer.page(spec))
            page.save_revision(user=writer.editor)
        self.ledger.enter_page(page, item_key(spec))
        return Review(page, writer.editor, reviewers, clock, step=spec["id"] + part)


def item_key(spec) -> str:
    part = f"/{spec['part']}" if "part" in spec else ""
    return f"item:{spec['place']}/{spec['id']}{part}"


class _States:
    """What became of an item after its first draft: one method for each `state` of histories.toml."""

    def __init__(self, writer, spec, history):
        self.writer, self.spec, self.history = writer, spec, history

    def bring(self, review: Review):
        getattr(self, self.history.get("state", "published"))(review)

    def draft(self, review):
        pass

    def waiting(self, review):
        """Submitted; `approvals` offices have signed, or the department has not even checked it."""
        review.submit()
        if not self.history.get("unchecked"):
            review.approve(self.history.get("approvals", 0))

    def returned(self, review):
        review.submit()
        review.send_back(*(self.history[key] for key in ("office", "field", "comment")))

    def corrected(self, review):
        """Sent back, put right, approved."""
        self.returned(review)
        self.revise(review, self.history.get("first", {}), self.spec)
        review.answer_remarks()
        self.published(review)

    def revise(self, review, changed, spec):
        with at(review.clock.moment):
            self.writer.rewrite(review.item, spec, changed)
        review.save_draft()

    def published(self, review):
        review.submit()
        review.approve_all()

    def revised(self, review):
        """Published, and a newer draft is being written."""
        self.published(review)
        newer = self.history["newer"]
        self.revise(review, newer, {**self.spec, **newer})

    def revision_waiting(self, review):
        self.revised(review)
        self.waiting(review)

    def withdrawn(self, review):
        self.published(review)
        review.withdraw()
