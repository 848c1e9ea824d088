from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    """What somebody kept out of a channel becomes a choice that can also put a car in."""

    dependencies = [
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
        ("publications", "0002_kept_out"),
    ]

    operations = [
        migrations.RenameModel("KeptOut", "Choice"),
        migrations.RemoveConstraint("choice", "kept_out_once"),
        migrations.AddConstraint("choice", models.UniqueConstraint(fields=["channel", "listing"], name="choice_once")),
        migrations.AddField("choice", "wanted", models.BooleanField(default=False), preserve_default=False),
    ]
