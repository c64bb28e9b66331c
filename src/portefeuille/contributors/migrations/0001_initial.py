import django.db.models.deletion
import uuid
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    initial = True

    dependencies = [
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name='ClientSpace',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('uid', models.UUIDField(default=uuid.uuid4, editable=False, unique=True)),
                ('siren', models.CharField(blank=True, max_length=9)),
                ('account_number', models.CharField(blank=True, max_length=18)),
                ('name', models.CharField(max_length=250)),
                ('opened_at', models.DateTimeField(auto_now_add=True)),
            ],
            options={
                'constraints': [models.UniqueConstraint(fields=('siren', 'account_number'), name='one_space_of_a_client'), models.CheckConstraint(condition=models.Q(models.Q(('account_number__gt', ''), ('siren', '')), models.Q(('account_number', ''), ('siren__gt', '')), _connector='OR'), name='a_space_is_of_a_siren_or_an_account_number')],
            },
        ),
        migrations.CreateModel(
            name='SpaceHolder',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('uid', models.UUIDField(default=uuid.uuid4, editable=False, unique=True)),
                ('active', models.BooleanField(default=True)),
                ('since', models.DateTimeField(auto_now_add=True)),
                ('space', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='holders', to='contributors.clientspace')),
                ('user', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='client_spaces', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'constraints': [models.UniqueConstraint(fields=('space', 'user'), name='one_holding_per_person_and_space')],
            },
        ),
    ]
