"""The official working days of 2025 and 2026 as the State Council's notices name them, typed here, and counted one by
one. Imports nothing of the software, nor of the package that it asks."""

from datetime import date, timedelta

DAY = timedelta(days=1)


def days(first: str, last: str) -> list[date]:
    """From the first to the last, both included; as in "2025-01-28", "2025-02-04"."""
    day, end, found = date.fromisoformat(first), date.fromisoformat(last), []
    while day <= end:
        found.append(day)
        day += DAY
    return found


# 国务院办公厅关于2025年部分节假日安排的通知 (国办发明电〔2024〕12号), and that of 2026 (国办发明电〔2025〕7号)
HOLIDAYS = {
    *days("2025-01-01", "2025-01-01"),
    *days("2025-01-28", "2025-02-04"),
    *days("2025-04-04", "2025-04-06"),
    *days("2025-05-01", "2025-05-05"),
    *days("2025-05-31", "2025-06-02"),
    *days("2025-10-01", "2025-10-08"),
    *days("2026-01-01", "2026-01-03"),
    *days("2026-02-15", "2026-02-23"),
    *days("2026-04-04", "2026-04-06"),
    *days("2026-05-01", "2026-05-05"),
    *days("2026-06-19", "2026-06-21"),
    *days("2026-09-25", "2026-09-27"),
    *days("2026-10-01", "2026-10-07"),
}
MADE_UP = {
    date.fromisoformat(day)
    for day in (
        *("2025-01-26", "2025-02-08", "2025-04-27", "2025-09-28", "2025-10-11"),
        *("2026-01-04", "2026-02-14", "2026-02-28", "2026-05-09", "2026-09-20", "2026-10-10"),
    )
}


class Calendar:
    def __init__(self):
        self.city = {}  # {date: whether people work}, what the city has decided so far

    def works(self, day) -> bool:
        if day in self.city:
            return self.city[day]
        return day in MADE_UP or (day.isoweekday() <= 5 and day not in HOLIDAYS)

    def later(self, day, working_days):
        while working_days > 0:
            day += DAY
            if self.works(day):
                working_days -= 1
        return day

    def earlier(self, day, working_days):
        while working_days > 0:
            day -= DAY
            if self.works(day):
                working_days -= 1
        return day

    def worked_since(self, due, today) -> int:
        count = 0
        while due < today:
            due += DAY
            if self.works(due):
                count += 1
        return count


def months_later(day, months):
    """The same day of a later month, or the last day of a month that is too short."""
    number = day.day
    for _month in range(months):
        day = day.replace(day=28) + 4 * DAY
        day = day.replace(day=1)
    last = (day.replace(day=28) + 4 * DAY).replace(day=1) - DAY
    return day.replace(day=min(number, last.day))
