from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("imports", "0003_portfolios_may_go")]

    operations = [
        migrations.AddField(model_name="import", name="source", field=models.TextField(blank=True, default="")),
    ]
