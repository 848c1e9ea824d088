"""Photos stored before hashes existed get theirs. A missing file is left without one."""

from typing import Any

from django.db import migrations

from cms.images.perceptual_hash import picture_bands

BATCH = 200
FIELDS = ("hash_0", "hash_1", "hash_2", "hash_3")


def fill_hashes(apps: Any, schema_editor: Any) -> None:
    images = apps.get_model("images", "CustomImage").objects.using(schema_editor.connection.alias)
    last = 0
    while batch := list(images.filter(pk__gt=last, hash_0__isnull=True).only("file").order_by("pk")[:BATCH]):
        for image in batch:
            try:
                with image.file.open() as file:
                    bands = picture_bands(file)
            except OSError:
                continue
            for name, value in zip(FIELDS, bands or (None,) * len(FIELDS)):
                setattr(image, name, value)
        images.bulk_update(batch, FIELDS)
        last = batch[-1].pk


class Migration(migrations.Migration):
    atomic = False  # Many files: what is done stays done.

    dependencies = [("images", "0003_hash_and_watermark")]

    operations = [migrations.RunPython(fill_hashes, migrations.RunPython.noop)]
