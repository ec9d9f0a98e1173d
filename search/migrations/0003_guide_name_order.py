"""Names are put in order by pinyin. The guides that are there get their keys."""

from itertools import islice

from django.db import migrations, models

AT_A_TIME = 1_000


def fill(apps, schema_editor):
    from search.sound import order_of

    Guide = apps.get_model("search", "Guide")
    guides = Guide.objects.only("page", "name").iterator(chunk_size=AT_A_TIME)
    while chunk := list(islice(guides, AT_A_TIME)):
        for guide in chunk:
            guide.name_order = order_of(guide.name)
        Guide.objects.bulk_update(chunk, ["name_order"])


class Migration(migrations.Migration):
    dependencies = [("search", "0002_index_of_guides")]

    operations = [
        migrations.AddField(
            model_name="guide",
            name="name_order",
            field=models.CharField(db_index=True, default="", max_length=1000),
        ),
        migrations.RunPython(fill, migrations.RunPython.noop),
    ]
