
import django.db.models.deletion
import uuid
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('enrolments', '0002_tallies'),
        ('firms', '0001_initial'),
    ]

    operations = [
        migrations.CreateModel(
            name='ClientRule',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('siren', models.CharField(blank=True, max_length=9)),
                ('account_number', models.CharField(blank=True, max_length=18)),
                ('rule', models.CharField(choices=[('open', 'un cabinet qui fournit les justificatifs est inscrit aussitôt'), ('ask', 'chaque inscription attend mon accord'), ('closed', 'aucune nouvelle inscription')], max_length=6)),
                ('changed_at', models.DateTimeField(auto_now=True)),
            ],
            options={
                'constraints': [models.UniqueConstraint(fields=('siren', 'account_number'), name='one_rule_of_a_client'), models.CheckConstraint(condition=models.Q(models.Q(('account_number__gt', ''), ('siren', '')), models.Q(('account_number', ''), ('siren__gt', '')), _connector='OR'), name='a_rule_is_about_a_siren_or_an_account_number')],
            },
        ),
        migrations.CreateModel(
            name='Decision',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('uid', models.UUIDField(default=uuid.uuid4, editable=False, unique=True)),
                ('kind', models.CharField(choices=[('confirmed', "a accepté l'inscription"), ('refused', "a refusé l'inscription"), ('expired', "n'a pas répondu dans le délai"), ('contested', "conteste l'inscription"), ('withdrawn', "ne conteste plus l'inscription"), ('ended', "a mis fin à l'inscription")], max_length=9)),
                ('at', models.DateTimeField()),
                ('read_at', models.DateTimeField(null=True)),
                ('enrolment', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='decisions', to='enrolments.enrolment')),
                ('firm', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name='+', to='firms.firm')),
                ('read_by', models.ForeignKey(db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='firms.member')),
            ],
            options={
                'indexes': [models.Index(condition=models.Q(('read_at', None)), fields=['firm', '-at'], name='decisions_to_read')],
            },
        ),
        migrations.CreateModel(
            name='OnlyFor',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('enrolment', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='only_for', to='enrolments.enrolment')),
                ('member', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='firms.member')),
            ],
            options={
                'constraints': [models.UniqueConstraint(fields=('member', 'enrolment'), name='named_once_for_a_client')],
            },
        ),
    ]
