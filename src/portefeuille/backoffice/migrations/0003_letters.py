"""Batches of printed letters, and the indexes by which agents find what waits and what was given up."""

import uuid

from django.db import migrations, models

CREATE = """
CREATE INDEX letters_waiting ON outbox_message (id) INCLUDE (created_at) WHERE channel = 'letter' AND state = 'waiting';
CREATE INDEX messages_given_up ON outbox_message (id) WHERE state = 'dead';
"""


class Migration(migrations.Migration):
    dependencies = [("backoffice", "0002_finding"), ("outbox", "0001_initial")]
    operations = [
        migrations.CreateModel(
            name="LetterBatch",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("uid", models.UUIDField(default=uuid.uuid4, editable=False, unique=True)),
                ("printed_at", models.DateTimeField()),
                ("printed_by", models.CharField(max_length=60)),
                ("letters", models.PositiveIntegerField()),
                ("unaddressed", models.PositiveIntegerField()),
                ("sealed", models.TextField(blank=True)),
            ],
            options={"indexes": [models.Index(fields=["-printed_at"], name="batches_by_day")]},
        ),
        migrations.RunSQL(CREATE, "DROP INDEX messages_given_up, letters_waiting;"),
    ]
