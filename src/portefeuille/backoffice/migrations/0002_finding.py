"""What agents find things by: names folded as ``enrolments.folding.fold`` does, and trigrams."""

from django.db import migrations

CREATE = r"""
CREATE FUNCTION folded(p_text text) RETURNS text
LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
    SELECT btrim(regexp_replace(regexp_replace(normalize(
        translate(replace(replace(replace(lower(p_text), 'œ', 'oe'), 'æ', 'ae'), 'ß', 'ss'), 'øđł', 'odl'), NFKD
    ), '[\u0300-\u036f]+', '', 'g'), '[^0-9a-z]+', ' ', 'g'))
$$;
CREATE INDEX firms_found_by_name ON firms_firm USING gin (folded(name) gin_trgm_ops);
CREATE INDEX firms_in_order ON firms_firm (name, id);
CREATE INDEX firms_by_state ON firms_firm (state, name, id);
CREATE INDEX people_found_by_name ON people_user USING gin (folded(full_name) gin_trgm_ops);
CREATE INDEX companies_found_by_name ON registry_company USING gin (folded(name) gin_trgm_ops);
CREATE INDEX holders_found_by_name ON registry_account USING gin (folded(holder) gin_trgm_ops) WHERE siren = '';
CREATE INDEX enrolments_ended_on_a_siren ON enrolments_enrolment (siren, regime)
    WHERE ended_at IS NOT NULL AND siren <> '';
CREATE INDEX enrolments_ended_on_an_account ON enrolments_enrolment (account_number)
    WHERE ended_at IS NOT NULL AND account_number <> '';
"""

DROP = """
DROP INDEX enrolments_ended_on_an_account, enrolments_ended_on_a_siren;
DROP INDEX holders_found_by_name, companies_found_by_name, people_found_by_name, firms_by_state, firms_in_order,
           firms_found_by_name;
DROP FUNCTION folded(text);
"""


class Migration(migrations.Migration):
    dependencies = [
        ("backoffice", "0001_initial"),
        ("enrolments", "0001_initial"),  # brings the trigrams
        ("firms", "0001_initial"),
        ("people", "0001_initial"),
        ("registry", "0001_initial"),
    ]
    operations = [migrations.RunSQL(CREATE, DROP)]
