from django.db import migrations, models
from django.db.models.functions import Now


class Migration(migrations.Migration):
    dependencies = [("registry", "0001_initial")]
    operations = [
        migrations.AddField("flatrateamount", "applied_at", models.DateTimeField(null=True)),
        # What feeds brought so far was applied as it came.
        migrations.RunPython(
            lambda apps, _schema: apps.get_model("registry", "FlatRateAmount").objects.update(applied_at=Now()),
            migrations.RunPython.noop,
        ),
    ]
