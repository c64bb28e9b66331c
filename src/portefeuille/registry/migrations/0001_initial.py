
import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):

    initial = True

    dependencies = [
    ]

    operations = [
        migrations.CreateModel(
            name='Company',
            fields=[
                ('siren', models.CharField(max_length=9, primary_key=True, serialize=False)),
                ('name', models.CharField(max_length=250)),
                ('legal_category', models.CharField(blank=True, max_length=4)),
                ('naf', models.CharField(blank=True, max_length=6)),
                ('created_on', models.DateField(null=True)),
                ('ceased_on', models.DateField(null=True)),
                ('email', models.CharField(blank=True, max_length=254)),
            ],
        ),
        migrations.CreateModel(
            name='FlatRateAmount',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('amount', models.DecimalField(decimal_places=2, max_digits=12, unique=True)),
                ('label', models.CharField(blank=True, max_length=120)),
            ],
        ),
        migrations.CreateModel(
            name='Account',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('number', models.CharField(max_length=18)),
                ('shown_number', models.CharField(max_length=18)),
                ('regime', models.CharField(choices=[('RG', 'Régime Général'), ('AC', 'Artisan Commerçant'), ('PL', 'Profession Libérale'), ('PLR', 'Profession Libérale réglementée'), ('GM', 'Gérant majoritaire sans Siret')], max_length=3)),
                ('organisation', models.CharField(max_length=3)),
                ('siren', models.CharField(blank=True, max_length=9)),
                ('siret', models.CharField(blank=True, max_length=14)),
                ('holder', models.CharField(max_length=250)),
                ('postcode', models.CharField(blank=True, max_length=10)),
                ('town', models.CharField(blank=True, max_length=120)),
                ('state', models.CharField(choices=[('actif', 'Actif'), ('suspendu', 'Suspendu'), ('radie', 'Radié')], default='actif', max_length=8)),
                ('state_since', models.DateField(null=True)),
                ('email', models.CharField(blank=True, max_length=254)),
            ],
            options={
                'indexes': [models.Index(fields=['siren'], name='accounts_of_a_siren'), models.Index(fields=['siret'], name='accounts_of_a_siret')],
                'constraints': [models.UniqueConstraint(fields=('number',), name='one_account_of_a_number')],
            },
        ),
        migrations.CreateModel(
            name='Establishment',
            fields=[
                ('siret', models.CharField(max_length=14, primary_key=True, serialize=False)),
                ('siren', models.CharField(max_length=9)),
                ('sign', models.CharField(blank=True, max_length=250)),
                ('address', models.CharField(blank=True, max_length=250)),
                ('postcode', models.CharField(blank=True, max_length=10)),
                ('town', models.CharField(blank=True, max_length=120)),
                ('naf', models.CharField(blank=True, max_length=6)),
                ('is_head_office', models.BooleanField(default=False)),
                ('opened_on', models.DateField(null=True)),
                ('closed_on', models.DateField(null=True)),
            ],
            options={
                'indexes': [models.Index(fields=['siren'], name='establishments_of_a_siren')],
            },
        ),
        migrations.CreateModel(
            name='ProofFact',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('kind', models.CharField(choices=[('montant_declaration', 'montant de la dernière déclaration'), ('montant_premiere_echeance', "montant de la première échéance de l'année"), ('nir', 'numéro de sécurité sociale')], max_length=25)),
                ('due_date', models.DateField(null=True)),
                ('digest', models.BinaryField()),
                ('key_id', models.CharField(max_length=16)),
                ('account', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='facts', to='registry.account')),
            ],
            options={
                'constraints': [models.UniqueConstraint(fields=('account', 'kind', 'due_date'), name='one_fact_per_account_kind_and_due_date', nulls_distinct=False)],
            },
        ),
    ]
