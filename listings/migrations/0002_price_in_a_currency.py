"""A price is an amount in one currency; what it is in roubles is derived. Prices so far are roubles."""

from django.db import migrations, models

import listings.validators

CURRENCIES = [("BYN", "BYN"), ("USD", "USD"), ("EUR", "EUR")]


def prices_are_roubles(apps, schema_editor):
    Listing = apps.get_model("listings", "Listing")
    Listing.objects.update(price=models.F("price_byn"))
    Revision = apps.get_model("wagtailcore", "Revision")
    drafts = Revision.objects.filter(content_type__app_label="listings", content_type__model="listing")
    for draft in drafts.iterator(500):
        content = draft.content
        content.setdefault("price", content.get("price_byn"))
        content.setdefault("currency", "BYN")
        content.setdefault("old_price", content.get("old_price_byn"))
        draft.save(update_fields=["content"])


class Migration(migrations.Migration):
    dependencies = [("listings", "0001_initial"), ("wagtailcore", "0098_apitoken")]

    operations = [
        migrations.RemoveConstraint("listing", "listing_price_sane"),
        migrations.RenameField("listing", "old_price_byn", "old_price"),
        migrations.AddField(
            "listing",
            "price",
            models.PositiveIntegerField(
                default=0, validators=[listings.validators.validate_price], verbose_name="price"
            ),
            preserve_default=False,
        ),
        migrations.AddField(
            "listing",
            "currency",
            models.CharField(choices=CURRENCIES, default="BYN", max_length=3, verbose_name="currency"),
        ),
        migrations.RunPython(prices_are_roubles, migrations.RunPython.noop),
        migrations.RemoveField("listing", "price_usd"),
    ]
