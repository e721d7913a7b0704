import hashlib

from django.db import migrations, models

from omixa_studio.models.pictures import PictureFate

BATCH = 5000
REPEATED = """
UPDATE omixa_studio_generation SET had_before = TRUE
WHERE id >= %s AND id < %s AND request_key IS NOT NULL AND charged = 'yes' AND EXISTS (
    SELECT 1 FROM omixa_studio_picture p
    WHERE p.shared AND p.trashed_at IS NULL
    AND p.person_id <> omixa_studio_generation.person_id
    AND p.generation_id IN (
        SELECT e.id FROM omixa_studio_generation e
        WHERE e.request_key = omixa_studio_generation.request_key
        AND e.id < omixa_studio_generation.id
        ORDER BY e.id DESC LIMIT 24
    )
)
"""


def added(model, name, field, column):
    """Add a column in place: on SQLite Django would write the whole table anew."""
    table = f"omixa_studio_{model}"
    return migrations.SeparateDatabaseAndState(
        state_operations=[migrations.AddField(model, name, field)],
        database_operations=[
            migrations.RunSQL(
                f"ALTER TABLE {table} ADD COLUMN {name} {column}",
                f"ALTER TABLE {table} DROP COLUMN {name}",
            )
        ],
    )


def key_of(template):
    """Return what services/hashes.template_key does."""
    words = str(template.get("prompt", ""))
    return -2 - (int.from_bytes(hashlib.sha256(words.encode()).digest()[:8]) >> 2)


def fill(apps, schema_editor):
    """Find templates, and requests that the team already had; counts follow after migrations."""
    alias = schema_editor.connection.alias
    rows = apps.get_model("omixa_studio", "Generation").objects.using(alias)
    for pk, template in rows.exclude(template=None).values_list("pk", "template").iterator():
        if template:
            rows.filter(pk=pk).update(template_key=key_of(template))
    last = rows.aggregate(last=models.Max("pk"))["last"] or 0
    with schema_editor.connection.cursor() as cursor:
        for first in range(1, last + 1, BATCH):
            cursor.execute(REPEATED, [first, first + BATCH])


class Migration(migrations.Migration):
    dependencies = [
        ("omixa_studio", "0045_totals_of_costs"),
    ]

    operations = [
        migrations.CreateModel(
            name='KeptChange',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('target', models.CharField(max_length=200)),
                ('day', models.DateField()),
                ('person_id', models.BigIntegerField()),
                ('model', models.CharField(max_length=120)),
                ('project_id', models.BigIntegerField()),
                ('recipe', models.BigIntegerField()),
                ('kept', models.BigIntegerField(db_default=0, default=0)),
                ('starred', models.BigIntegerField(db_default=0, default=0)),
                ('downloaded', models.BigIntegerField(db_default=0, default=0)),
                ('approved', models.BigIntegerField(db_default=0, default=0)),
                ('collected', models.BigIntegerField(db_default=0, default=0)),
                ('rejected', models.BigIntegerField(db_default=0, default=0)),
                ('rejected_micros', models.BigIntegerField(db_default=0, default=0)),
                ('repeats', models.BigIntegerField(db_default=0, default=0)),
                ('repeat_micros', models.BigIntegerField(db_default=0, default=0)),
                ('pictures', models.BigIntegerField(db_default=0, default=0)),
                ('billed_micros', models.BigIntegerField(db_default=0, default=0)),
            ],
            options={
                'abstract': False,
            },
        ),
        migrations.CreateModel(
            name='KeptTotal',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('target', models.CharField(max_length=200)),
                ('day', models.DateField()),
                ('person_id', models.BigIntegerField()),
                ('model', models.CharField(max_length=120)),
                ('project_id', models.BigIntegerField()),
                ('recipe', models.BigIntegerField()),
                ('kept', models.BigIntegerField(db_default=0, default=0)),
                ('starred', models.BigIntegerField(db_default=0, default=0)),
                ('downloaded', models.BigIntegerField(db_default=0, default=0)),
                ('approved', models.BigIntegerField(db_default=0, default=0)),
                ('collected', models.BigIntegerField(db_default=0, default=0)),
                ('rejected', models.BigIntegerField(db_default=0, default=0)),
                ('rejected_micros', models.BigIntegerField(db_default=0, default=0)),
                ('repeats', models.BigIntegerField(db_default=0, default=0)),
                ('repeat_micros', models.BigIntegerField(db_default=0, default=0)),
                ('pictures', models.BigIntegerField(db_default=0, default=0)),
                ('billed_micros', models.BigIntegerField(db_default=0, default=0)),
                ('grain', models.CharField(choices=[('day', 'Day'), ('month', 'Month')], max_length=5)),
                ('level', models.CharField(choices=[('all', 'All'), ('person', 'Person'), ('model', 'Model'), ('project', 'Project'), ('recipe', 'Recipe'), ('each', 'Each')], max_length=7)),
            ],
        ),
        migrations.CreateModel(
            name='PriceDay',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('target', models.CharField(max_length=200)),
                ('day', models.DateField()),
                ('model', models.CharField(max_length=120)),
                ('quality', models.CharField(blank=True, default='', max_length=120)),
                ('size', models.CharField(blank=True, default='', max_length=120)),
                ('inputs', models.PositiveSmallIntegerField(default=0)),
                ('pictures', models.BigIntegerField(default=0)),
                ('billed_micros', models.BigIntegerField(default=0)),
                ('usual_micros', models.BigIntegerField(null=True)),
            ],
        ),
        migrations.CreateModel(
            name='PriceMark',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('charge_id', models.BigIntegerField(default=0)),
            ],
        ),
        added(
            "collection",
            "to_recount",
            models.BooleanField(db_default=False, default=False),
            "bool NOT NULL DEFAULT FALSE",
        ),
        added(
            "collectionitem",
            "counted",
            models.BooleanField(db_default=True, default=True),
            "bool NOT NULL DEFAULT TRUE",
        ),
        added(
            "generation",
            "had_before",
            models.BooleanField(db_default=False, default=False),
            "bool NOT NULL DEFAULT FALSE",
        ),
        added("generation", "template_key", models.BigIntegerField(null=True), "bigint NULL"),
        added(
            "picture",
            "collected_in",
            models.PositiveIntegerField(db_default=0, default=0),
            'integer NOT NULL DEFAULT 0 CHECK ("collected_in" >= 0)',
        ),
        added(
            "picture",
            "downloaded",
            models.BooleanField(db_default=False, default=False),
            "bool NOT NULL DEFAULT FALSE",
        ),
        migrations.RunPython(fill, migrations.RunPython.noop),
        migrations.AddIndex(
            model_name="picture",
            index=models.Index(
                PictureFate(), models.F("created_at"), models.F("id"), name="picture_by_fate"
            ),
        ),
        migrations.AddIndex(
            model_name='collection',
            index=models.Index(condition=models.Q(('to_recount', True)), fields=['id'], name='collection_to_recount'),
        ),
        migrations.AddIndex(
            model_name='generation',
            index=models.Index(condition=models.Q(('had_before', True)), fields=['target', 'created_at'], name='generation_had_before'),
        ),
        migrations.AddIndex(
            model_name='generation',
            index=models.Index(condition=models.Q(('template_key__isnull', False)), fields=['template_key', '-id'], name='generation_of_template'),
        ),
        migrations.AddIndex(
            model_name='kepttotal',
            index=models.Index(fields=['target', 'level', 'person_id', 'day'], name='kept_of_person'),
        ),
        migrations.AddIndex(
            model_name='kepttotal',
            index=models.Index(fields=['target', 'level', 'model', 'day'], name='kept_of_model'),
        ),
        migrations.AddIndex(
            model_name='kepttotal',
            index=models.Index(fields=['target', 'level', 'project_id', 'day'], name='kept_of_project'),
        ),
        migrations.AddConstraint(
            model_name='kepttotal',
            constraint=models.UniqueConstraint(fields=('target', 'grain', 'level', 'day', 'person_id', 'model', 'project_id', 'recipe'), name='one_total_of_kept'),
        ),
        migrations.AddIndex(
            model_name='priceday',
            index=models.Index(fields=['target', 'day'], name='price_by_day'),
        ),
        migrations.AddConstraint(
            model_name='priceday',
            constraint=models.UniqueConstraint(fields=('target', 'model', 'quality', 'size', 'inputs', 'day'), name='one_price_of_a_day'),
        ),
    ]
