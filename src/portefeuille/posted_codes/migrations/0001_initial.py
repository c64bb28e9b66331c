from django.db import migrations, models


class Migration(migrations.Migration):

    initial = True

    dependencies = [
    ]

    operations = [
        migrations.CreateModel(
            name='PostedCode',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('purpose', models.CharField(choices=[('space', "ouvrir l'espace du client"), ('enrolment', "inscrire le client au portefeuille d'un cabinet")], max_length=9)),
                ('firm_id', models.BigIntegerField(default=0)),
                ('regime', models.CharField(blank=True, choices=[('RG', 'Régime Général'), ('AC', 'Artisan Commerçant'), ('PL', 'Profession Libérale'), ('PLR', 'Profession Libérale réglementée'), ('GM', 'Gérant majoritaire sans Siret')], max_length=3)),
                ('siren', models.CharField(blank=True, max_length=9)),
                ('account_number', models.CharField(blank=True, max_length=18)),
                ('digest', models.BinaryField(max_length=32)),
                ('tries_left', models.PositiveSmallIntegerField()),
                ('created_at', models.DateTimeField()),
                ('expires_at', models.DateTimeField()),
                ('used_at', models.DateTimeField(null=True)),
                ('ended_at', models.DateTimeField(null=True)),
            ],
            options={
                'indexes': [models.Index(fields=['siren', 'account_number', '-created_at'], name='codes_sent_to_a_client')],
                'constraints': [models.UniqueConstraint(condition=models.Q(('ended_at', None)), fields=('purpose', 'firm_id', 'regime', 'siren', 'account_number'), name='one_live_code_of_a_kind'), models.CheckConstraint(condition=models.Q(models.Q(('account_number__gt', ''), ('siren', '')), models.Q(('account_number', ''), ('siren__gt', '')), _connector='OR'), name='a_code_is_about_a_siren_or_an_account_number')],
            },
        ),
    ]
