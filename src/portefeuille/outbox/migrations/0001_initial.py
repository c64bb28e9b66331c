import uuid
from django.db import migrations, models


class Migration(migrations.Migration):

    initial = True

    dependencies = [
    ]

    operations = [
        migrations.CreateModel(
            name='Message',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('uid', models.UUIDField(default=uuid.uuid4, editable=False, unique=True)),
                ('channel', models.CharField(choices=[('email', 'courriel'), ('letter', 'lettre')], max_length=6)),
                ('recipient', models.CharField(blank=True, max_length=254)),
                ('account_id', models.BigIntegerField(null=True)),
                ('subject', models.CharField(max_length=200)),
                ('body', models.TextField()),
                ('secret', models.TextField(blank=True)),
                ('created_at', models.DateTimeField(auto_now_add=True)),
                ('state', models.CharField(choices=[('waiting', 'à envoyer'), ('sent', 'envoyé'), ('dead', 'abandonné')], default='waiting', max_length=7)),
                ('attempts', models.PositiveSmallIntegerField(default=0)),
                ('due_at', models.DateTimeField()),
                ('sent_at', models.DateTimeField(null=True)),
                ('failure', models.CharField(blank=True, max_length=200)),
            ],
            options={
                'indexes': [models.Index(condition=models.Q(('channel', 'email'), ('state', 'waiting')), fields=['due_at'], name='outbox_waiting')],
            },
        ),
    ]
