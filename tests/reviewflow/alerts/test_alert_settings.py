"""The days before and after, as the coordination team sets them."""

import pytest

from reviewflow.models.alerts import AlertSettings


@pytest.mark.parametrize(
    ("field", "typed"),
    [
        ("check_before", "999999999999"),
        ("milestone_before", "10,5000"),
        ("milestone_before", "ten"),
        ("leader_after", "30000"),
        ("leader_after", "0"),
        ("report_before", "-1"),
    ],
)
def test_days_that_no_scan_could_reckon_with_are_refused_and_stay_in_the_form(field, typed, people, client):
    settings = AlertSettings.load()
    sent = {each.name: getattr(settings, each.name) for each in AlertSettings._meta.fields} | {field: typed}
    client.force_login(people["coordinator"])
    answer = client.post(f"/admin/settings/reviewflow/alertsettings/{settings.pk}/", sent, follow=True)
    form = answer.context["form"]
    assert list(form.errors) == [field]
    assert f'value="{typed}"' in answer.content.decode()
    kept = AlertSettings.objects.get(pk=settings.pk)
    assert getattr(kept, field) == getattr(settings, field)
