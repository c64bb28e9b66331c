"""One company in 64 instead of one in 256: at 8 million companies a word that the sample hardly knows was in thousands."""

from django.db import migrations

CREATE = """
CREATE INDEX companies_sampled_by_name ON registry_company USING gin (folded(name) gin_trgm_ops)
    WHERE left(md5(siren), 2) IN ('40', '41', '42', '43');
"""
BEFORE = """
CREATE INDEX companies_sampled_by_name ON registry_company USING gin (folded(name) gin_trgm_ops)
    WHERE left(md5(siren), 2) = '42';
"""
DROP = "DROP INDEX companies_sampled_by_name;"


class Migration(migrations.Migration):
    dependencies = [("backoffice", "0004_names_sampled")]
    operations = [migrations.RunSQL(DROP + CREATE, DROP + BEFORE)]
