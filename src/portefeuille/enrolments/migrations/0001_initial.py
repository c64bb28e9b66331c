import django.contrib.postgres.indexes
import django.db.models.deletion
import uuid
from django.contrib.postgres.operations import BtreeGinExtension, TrigramExtension
from django.db import migrations, models


class Migration(migrations.Migration):

    initial = True

    dependencies = [
        ('firms', '0001_initial'),
    ]

    operations = [
        TrigramExtension(),
        BtreeGinExtension(),
        migrations.CreateModel(
            name='Enrolment',
            fields=[
                # What a search reads stands first: PostgreSQL walks a row from its beginning to the column it wants.
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('firm', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='enrolments', to='firms.firm')),
                ('portfolio', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='enrolments', to='firms.portfolio')),
                ('created_by', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='firms.member')),
                ('services', models.BigIntegerField(default=0)),
                ('notices', models.BigIntegerField(default=0)),
                ('created_at', models.DateTimeField()),
                ('uid', models.UUIDField(default=uuid.uuid4, editable=False, unique=True)),
                ('accounts', models.PositiveIntegerField(default=1)),
                ('restricted', models.BooleanField(db_default=False, default=False)),
                ('state', models.CharField(choices=[('pending', 'à confirmer'), ('active', 'active'), ('contested', 'contestée'), ('refused', 'refusée'), ('terminated', 'résiliée')], default='active', max_length=10)),
                ('search', models.TextField()),
                ('name_key', models.CharField(max_length=250)),
                ('regime', models.CharField(choices=[('RG', 'Régime Général'), ('AC', 'Artisan Commerçant'), ('PL', 'Profession Libérale'), ('PLR', 'Profession Libérale réglementée'), ('GM', 'Gérant majoritaire sans Siret')], max_length=3)),
                ('siren', models.CharField(blank=True, max_length=9)),
                ('account_number', models.CharField(blank=True, max_length=18)),
                ('asked_until', models.DateTimeField(null=True)),
                ('contested_at', models.DateTimeField(null=True)),
                ('ended_at', models.DateTimeField(null=True)),
                ('ended_by', models.CharField(blank=True, choices=[('firm', 'le cabinet'), ('client', 'le client'), ('agent', "l'organisme"), ('delay', 'le délai')], max_length=6)),
                ('ending', models.UUIDField(null=True)),
                ('name', models.CharField(max_length=250)),
                ('siret', models.CharField(blank=True, max_length=14)),
                ('town', models.CharField(blank=True, max_length=120)),
                ('postcode', models.CharField(blank=True, max_length=10)),
                ('account_state', models.CharField(choices=[('actif', 'Actif'), ('suspendu', 'Suspendu'), ('radie', 'Radié')], default='actif', max_length=8)),
            ],
        ),
        migrations.CreateModel(
            name='EstablishmentChoice',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('siret', models.CharField(max_length=14)),
                ('services', models.BigIntegerField()),
                ('notices', models.BigIntegerField()),
                ('enrolment', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='establishment_choices', to='enrolments.enrolment')),
            ],
        ),
        migrations.CreateModel(
            name='Submission',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('key', models.UUIDField()),
                ('created_at', models.DateTimeField(auto_now_add=True)),
                ('enrolment', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to='enrolments.enrolment')),
                ('firm', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to='firms.firm')),
            ],
        ),
        migrations.CreateModel(
            name='Tally',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('restricted', models.BooleanField()),
                ('regime', models.CharField(max_length=3)),
                ('state', models.CharField(max_length=10)),
                ('account_state', models.CharField(max_length=8)),
                ('number', models.IntegerField()),
                ('firm', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name='+', to='firms.firm')),
                ('portfolio', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name='tallies', to='firms.portfolio')),
            ],
        ),
        migrations.AddIndex(
            model_name='enrolment',
            index=models.Index(models.F('firm'), models.F('name_key'), models.F('id'), condition=models.Q(('ended_at', None)), name='list_by_name'),
        ),
        migrations.AddIndex(
            model_name='enrolment',
            index=models.Index(models.F('firm'), models.OrderBy(models.F('created_at'), descending=True), models.OrderBy(models.F('id'), descending=True), condition=models.Q(('ended_at', None)), name='list_by_age'),
        ),
        migrations.AddIndex(
            model_name='enrolment',
            index=models.Index(models.F('siren'), condition=models.Q(('ended_at', None), models.Q(('siren', ''), _negated=True)), name='enrolments_on_a_siren'),
        ),
        migrations.AddIndex(
            model_name='enrolment',
            index=models.Index(models.F('account_number'), condition=models.Q(('ended_at', None), models.Q(('account_number', ''), _negated=True)), name='enrolments_on_an_account'),
        ),
        migrations.AddIndex(
            model_name='enrolment',
            index=models.Index(models.F('firm'), models.OrderBy(models.F('ended_at'), descending=True), condition=models.Q(('ended_at__isnull', False)), name='list_of_terminated'),
        ),
        migrations.AddIndex(
            model_name='enrolment',
            index=django.contrib.postgres.indexes.GinIndex(models.F('firm'), django.contrib.postgres.indexes.OpClass(models.F('search'), name='gin_trgm_ops'), condition=models.Q(('ended_at', None)), name='search_in_a_firm'),
        ),
        migrations.AddConstraint(
            model_name='enrolment',
            constraint=models.UniqueConstraint(condition=models.Q(('ended_at', None), models.Q(('siren', ''), _negated=True)), fields=('firm', 'siren', 'regime'), name='one_live_enrolment_per_siren_and_regime'),
        ),
        migrations.AddConstraint(
            model_name='enrolment',
            constraint=models.UniqueConstraint(condition=models.Q(('ended_at', None), models.Q(('account_number', ''), _negated=True)), fields=('firm', 'account_number'), name='one_live_enrolment_per_account'),
        ),
        migrations.AddConstraint(
            model_name='enrolment',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('account_number__gt', ''), ('siren', '')), models.Q(('account_number', ''), ('siren__gt', '')), _connector='OR'), name='a_subject_is_a_siren_or_an_account_number'),
        ),
        migrations.AddConstraint(
            model_name='enrolment',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('ended_at__isnull', False), ('state__in', ['terminated', 'refused'])), models.Q(models.Q(('state__in', ['terminated', 'refused']), _negated=True), ('ended_at__isnull', True)), _connector='OR'), name='ended_when_terminated_or_refused'),
        ),
        migrations.AddConstraint(
            model_name='enrolment',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('state', 'pending'), _negated=True), ('asked_until__isnull', False), _connector='OR'), name='pending_until_a_day'),
        ),
        migrations.AddConstraint(
            model_name='establishmentchoice',
            constraint=models.UniqueConstraint(fields=('enrolment', 'siret'), name='one_choice_per_establishment'),
        ),
        migrations.AddConstraint(
            model_name='submission',
            constraint=models.UniqueConstraint(fields=('firm', 'key'), name='a_form_acts_once'),
        ),
        migrations.AddConstraint(
            model_name='tally',
            constraint=models.UniqueConstraint(fields=('firm', 'portfolio', 'restricted', 'regime', 'state', 'account_state'), name='one_tally_of_a_kind'),
        ),
    ]
