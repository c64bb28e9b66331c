"""An index of one company in 256, by which a search tells common words from rare ones."""

from django.db import migrations

CREATE = """
CREATE INDEX companies_sampled_by_name ON registry_company USING gin (folded(name) gin_trgm_ops)
    WHERE left(md5(siren), 2) = '42';
"""


class Migration(migrations.Migration):
    dependencies = [
        ("backoffice", "0003_letters"),
        ("registry", "0004_leaner_indexes"),
    ]
    operations = [migrations.RunSQL(CREATE, "DROP INDEX companies_sampled_by_name")]
