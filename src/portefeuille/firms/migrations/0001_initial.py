
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
            name='Firm',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('uid', models.UUIDField(default=uuid.uuid4, editable=False, unique=True)),
                ('name', models.CharField(max_length=160)),
                ('siren', models.CharField(blank=True, max_length=9)),
                ('state', models.CharField(choices=[('active', 'actif'), ('suspended', 'suspendu')], default='active', max_length=10)),
                ('created_at', models.DateTimeField(auto_now_add=True)),
            ],
        ),
        migrations.CreateModel(
            name='Member',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('uid', models.UUIDField(default=uuid.uuid4, editable=False, unique=True)),
                ('role', models.CharField(choices=[('administrator', 'administrateur'), ('collaborator', 'collaborateur')], max_length=13)),
                ('active', models.BooleanField(default=True)),
                ('created_at', models.DateTimeField(auto_now_add=True)),
                ('firm', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='members', to='firms.firm')),
                ('user', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='memberships', to=settings.AUTH_USER_MODEL)),
            ],
        ),
        migrations.CreateModel(
            name='Portfolio',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('uid', models.UUIDField(default=uuid.uuid4, editable=False, unique=True)),
                ('name', models.CharField(max_length=80)),
                ('firm', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='portfolios', to='firms.firm')),
            ],
        ),
        migrations.CreateModel(
            name='PortfolioGrant',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('level', models.CharField(choices=[('view', 'consulter'), ('manage', 'gérer')], default='manage', max_length=6)),
                ('member', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='grants', to='firms.member')),
                ('portfolio', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='grants', to='firms.portfolio')),
            ],
        ),
        migrations.AddConstraint(
            model_name='member',
            constraint=models.UniqueConstraint(fields=('firm', 'user'), name='one_membership_per_person_and_firm'),
        ),
        migrations.AddConstraint(
            model_name='portfolio',
            constraint=models.UniqueConstraint(fields=('firm', 'name'), name='portfolio_name_unique_in_its_firm'),
        ),
        migrations.AddConstraint(
            model_name='portfoliogrant',
            constraint=models.UniqueConstraint(fields=('member', 'portfolio'), name='one_grant_per_member_and_portfolio'),
        ),
    ]
