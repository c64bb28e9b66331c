"""What a load of tens of millions of rows paid for and nothing used."""

import django.db.models.deletion
from django.db import migrations, models

# Django adds an index for LIKE to a primary key of text; identifiers are only ever asked for whole.
DROP = r"""
DO $$
DECLARE unused regclass;
BEGIN
    FOR unused IN
        SELECT indexrelid FROM pg_index JOIN pg_class ON pg_class.oid = indexrelid
        WHERE indrelid IN ('registry_company'::regclass, 'registry_establishment'::regclass)
          AND relname LIKE '%\_like'
    LOOP
        EXECUTE format('DROP INDEX %s', unused);
    END LOOP;
END $$
"""


class Migration(migrations.Migration):
    dependencies = [("registry", "0003_emails_default_to_none")]
    operations = [
        migrations.RunSQL(DROP, migrations.RunSQL.noop),
        migrations.AlterField(
            "prooffact",
            "account",
            models.ForeignKey(
                db_constraint=False,
                db_index=False,
                on_delete=django.db.models.deletion.CASCADE,
                related_name="facts",
                to="registry.account",
            ),
        ),
    ]
