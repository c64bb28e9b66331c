import django.db.models.deletion
import django.db.models.functions.text
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
            name='Firm',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('uid', models.UUIDField(default=uuid.uuid4, editable=False, unique=True)),
                ('name', models.CharField(max_length=160)),
                ('siren', models.CharField(blank=True, max_length=9)),
                ('state', models.CharField(choices=[('pending', "en attente d'admission"), ('active', 'actif'), ('suspended', 'suspendu'), ('refused', 'refusé')], default='active', max_length=10)),
                ('state_since', models.DateTimeField(auto_now_add=True)),
                ('reason', models.CharField(blank=True, max_length=500)),
                ('created_at', models.DateTimeField(auto_now_add=True)),
            ],
            options={
                'constraints': [models.UniqueConstraint(condition=models.Q(models.Q(('siren', ''), _negated=True), models.Q(('state', 'refused'), _negated=True)), fields=('siren',), name='one_space_per_siren')],
            },
        ),
        migrations.CreateModel(
            name='Member',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('uid', models.UUIDField(default=uuid.uuid4, editable=False, unique=True)),
                ('role', models.CharField(choices=[('administrator', 'administrateur'), ('collaborator', 'collaborateur')], max_length=13)),
                ('active', models.BooleanField(default=True)),
                ('second_factor_by', models.DateTimeField(null=True)),
                ('left_at', models.DateTimeField(null=True)),
                ('created_at', models.DateTimeField(auto_now_add=True)),
                ('firm', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='members', to='firms.firm')),
                ('user', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='memberships', to=settings.AUTH_USER_MODEL)),
            ],
        ),
        migrations.CreateModel(
            name='Invitation',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('uid', models.UUIDField(default=uuid.uuid4, editable=False, unique=True)),
                ('email', models.EmailField(max_length=254)),
                ('full_name', models.CharField(blank=True, max_length=120)),
                ('role', models.CharField(choices=[('administrator', 'administrateur'), ('collaborator', 'collaborateur')], max_length=13)),
                ('grants', models.JSONField(default=list)),
                ('created_at', models.DateTimeField(auto_now_add=True)),
                ('sent_at', models.DateTimeField()),
                ('expires_at', models.DateTimeField()),
                ('accepted_at', models.DateTimeField(null=True)),
                ('cancelled_at', models.DateTimeField(null=True)),
                ('firm', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='invitations', to='firms.firm')),
                ('accepted_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='firms.member')),
                ('invited_by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='firms.member')),
            ],
        ),
        migrations.CreateModel(
            name='Portfolio',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('uid', models.UUIDField(default=uuid.uuid4, editable=False, unique=True)),
                ('name', models.CharField(max_length=80)),
                ('unfiled', models.BooleanField(db_default=False, default=False)),
                ('firm', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='portfolios', to='firms.firm')),
            ],
        ),
        migrations.CreateModel(
            name='PortfolioGrant',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('level', models.CharField(choices=[('view', 'consulter'), ('manage', 'gérer')], default='manage', max_length=6)),
                ('services', models.BigIntegerField(null=True)),
                ('member', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='grants', to='firms.member')),
                ('portfolio', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='grants', to='firms.portfolio')),
            ],
        ),
        migrations.AddConstraint(
            model_name='member',
            constraint=models.UniqueConstraint(fields=('firm', 'user'), name='one_membership_per_person_and_firm'),
        ),
        migrations.AddConstraint(
            model_name='invitation',
            constraint=models.UniqueConstraint(models.F('firm'), django.db.models.functions.text.Lower('email'), condition=models.Q(('accepted_at', None), ('cancelled_at', None)), name='one_open_invitation_per_address'),
        ),
        migrations.AddConstraint(
            model_name='portfolio',
            constraint=models.UniqueConstraint(models.F('firm'), django.db.models.functions.text.Lower('name'), name='portfolio_name_unique_in_its_firm'),
        ),
        migrations.AddConstraint(
            model_name='portfolio',
            constraint=models.UniqueConstraint(condition=models.Q(('unfiled', True)), fields=('firm',), name='one_unfiled_portfolio'),
        ),
        migrations.AddConstraint(
            model_name='portfoliogrant',
            constraint=models.UniqueConstraint(fields=('member', 'portfolio'), name='one_grant_per_member_and_portfolio'),
        ),
    ]
