
import django.contrib.postgres.fields
from django.db import migrations, models


class Migration(migrations.Migration):

    initial = True

    dependencies = [
    ]

    operations = [
        migrations.CreateModel(
            name='Notice',
            fields=[
                ('code', models.SlugField(max_length=40, primary_key=True, serialize=False)),
                ('label', models.CharField(max_length=120)),
                ('bit', models.PositiveSmallIntegerField(unique=True)),
                ('position', models.PositiveSmallIntegerField()),
                ('regimes', django.contrib.postgres.fields.ArrayField(base_field=models.CharField(choices=[('RG', 'Régime Général'), ('AC', 'Artisan Commerçant'), ('PL', 'Profession Libérale'), ('PLR', 'Profession Libérale réglementée'), ('GM', 'Gérant majoritaire sans Siret')], max_length=3), size=None)),
            ],
            options={
                'ordering': ['position'],
                'abstract': False,
            },
        ),
        migrations.CreateModel(
            name='Service',
            fields=[
                ('code', models.SlugField(max_length=40, primary_key=True, serialize=False)),
                ('label', models.CharField(max_length=120)),
                ('bit', models.PositiveSmallIntegerField(unique=True)),
                ('position', models.PositiveSmallIntegerField()),
                ('regimes', django.contrib.postgres.fields.ArrayField(base_field=models.CharField(choices=[('RG', 'Régime Général'), ('AC', 'Artisan Commerçant'), ('PL', 'Profession Libérale'), ('PLR', 'Profession Libérale réglementée'), ('GM', 'Gérant majoritaire sans Siret')], max_length=3), size=None)),
                ('group', models.CharField(blank=True, max_length=80)),
            ],
            options={
                'ordering': ['position'],
                'abstract': False,
            },
        ),
    ]
