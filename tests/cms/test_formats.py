import datetime

import pytest
from django.utils import formats, translation

DAY = datetime.datetime(2018, 6, 5, 9, 30)


@pytest.mark.parametrize("language", ["zh-hans", "zh-hant"])
def test_a_date_is_written_as_china_writes_it(language):
    with translation.override(language):
        assert formats.date_format(DAY, "DATE_FORMAT") == "2018年6月5日"
        assert formats.date_format(DAY, "DATETIME_FORMAT") == "2018年6月5日 09:30"


def test_a_date_in_english_cannot_be_read_as_another_day():
    with translation.override("en"):
        assert formats.date_format(DAY, "DATE_FORMAT") == "5 June 2018"
        assert formats.date_format(DAY, "SHORT_DATE_FORMAT") == "2018-06-05"
