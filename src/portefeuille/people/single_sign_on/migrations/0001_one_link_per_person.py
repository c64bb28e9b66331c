from django.db import migrations


class Migration(migrations.Migration):
    """A person has one link with each provider: a second one there, with the same address, changes no hands by itself."""

    initial = True
    dependencies = [("socialaccount", "0006_alter_socialaccount_extra_data")]
    operations = [
        migrations.RunSQL(
            "CREATE UNIQUE INDEX one_sign_on_per_person_and_provider ON socialaccount_socialaccount (user_id, provider)",
            "DROP INDEX one_sign_on_per_person_and_provider",
        )
    ]
