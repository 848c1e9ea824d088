from django.contrib.postgres.indexes import BrinIndex
from django.db import migrations, models
from django.db.models import F


def begin_with_the_start(apps, schema_editor):
    apps.get_model("publications", "PublicationAttempt").objects.update(wanted_at=F("started_at"))


class Migration(migrations.Migration):
    dependencies = [("publications", "0006_pauses_by_hand_and_task_runs")]

    operations = [
        migrations.AddField(
            "publication",
            "wanted_at",
            models.DateTimeField(help_text="Since when something is to be done; of a plan, its time.", null=True),
        ),
        migrations.AddField("publicationattempt", "wanted_at", models.DateTimeField(null=True)),
        migrations.RunPython(begin_with_the_start, migrations.RunPython.noop),
        migrations.AlterField(
            "publicationattempt",
            "wanted_at",
            models.DateTimeField(help_text="When the wish that it serves was made, or was planned for."),
        ),
        migrations.AddIndex("publicationattempt", BrinIndex(fields=["started_at"], name="attempt_started")),
    ]
