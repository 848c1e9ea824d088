from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [("publications", "0007_wanted_at")]

    operations = [
        migrations.AlterModelOptions(
            "publication",
            {
                "ordering": ["-changed_at"],
                "permissions": [("plan_publication", "Plan publications of one's own cars")],
                "verbose_name": "publication",
                "verbose_name_plural": "publications",
            },
        ),
    ]
