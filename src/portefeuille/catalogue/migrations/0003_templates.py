
import django.db.models.deletion
import uuid
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('catalogue', '0002_entries'),
        ('firms', '0001_initial'),
    ]

    operations = [
        migrations.CreateModel(
            name='SelectionTemplate',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('uid', models.UUIDField(default=uuid.uuid4, editable=False, unique=True)),
                ('name', models.CharField(max_length=60)),
                ('services', models.BigIntegerField()),
                ('notices', models.BigIntegerField()),
                ('firm', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='selection_templates', to='firms.firm')),
            ],
            options={
                'constraints': [models.UniqueConstraint(fields=('firm', 'name'), name='template_name_unique_in_its_firm')],
            },
        ),
    ]
