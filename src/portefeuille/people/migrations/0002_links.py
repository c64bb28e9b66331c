from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('people', '0001_initial'),
    ]

    operations = [
        migrations.CreateModel(
            name='Link',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('purpose', models.CharField(choices=[('open-firm', "ouvrir l'espace d'un cabinet"), ('open-client-space', "ouvrir l'espace d'un client"), ('invitation', 'rejoindre un cabinet'), ('reset', 'choisir un nouveau mot de passe'), ('change-email', "changer d'adresse")], max_length=20)),
                ('email', models.EmailField(max_length=254)),
                ('digest', models.BinaryField(max_length=32, unique=True)),
                ('payload', models.JSONField(default=dict)),
                ('created_at', models.DateTimeField(auto_now_add=True)),
                ('expires_at', models.DateTimeField()),
                ('ended_at', models.DateTimeField(null=True)),
            ],
        ),
    ]
