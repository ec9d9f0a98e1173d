"""Working days. Saturdays and Sundays are none; public holidays are not known here yet."""

from datetime import date, timedelta

_SATURDAY = 5


def add_working_days(start: date, days: int) -> date:
    """The day that many working days after `start`; counting begins on the next working day."""
    day = start
    while days > 0:
        day += timedelta(days=1)
        if day.weekday() < _SATURDAY:
            days -= 1
    return day


def working_days_until(due: date, today: date) -> int:
    """Working days from `today` to `due`: 0 on the day itself, negative when it has passed."""
    step = 1 if due >= today else -1
    day, count = today, 0
    while day != due:
        day += timedelta(days=step)
        if day.weekday() < _SATURDAY:
            count += step
    return count
