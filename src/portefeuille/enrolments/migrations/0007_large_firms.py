"""How many clients a firm has, as the planner sees it: of the thousand largest firms, not of the hundred."""

from django.db import migrations

SET = "ALTER TABLE enrolments_enrolment ALTER COLUMN firm_id SET STATISTICS {}"


class Migration(migrations.Migration):
    dependencies = [("enrolments", "0006_bulk")]
    operations = [migrations.RunSQL(SET.format(1000), SET.format(-1))]
