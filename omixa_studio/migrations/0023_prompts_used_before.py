"""A row for each prompt that was used before there were such rows, and what names it."""

import hashlib
import re
import unicodedata

from django.db import migrations

ROWS_AT_A_TIME = 2_000
OF_A_PROMPT = ("person_id", "target", "sha256")
ACCENTS = re.compile("[\u0300-\u036f]")


def name_prompts(apps, schema_editor):
    """Go through the generations in their order, so that the last use of a prompt stays."""
    generations = apps.get_model("omixa_studio", "Generation").objects
    asked = generations.exclude(prompt="").exclude(person=None).order_by("pk")
    last = 0
    while rows := list(asked.filter(pk__gt=last).values(*READ)[:ROWS_AT_A_TIME]):
        ids = rows_for(apps, {key_of(row): row for row in rows})
        table, column = generations.model._meta.db_table, "used_prompt_id"
        with schema_editor.connection.cursor() as cursor:
            cursor.executemany(
                f'UPDATE "{table}" SET "{column}" = %s WHERE "id" = %s',
                [(ids[key_of(row)], row["pk"]) for row in rows],
            )
        last = rows[-1]["pk"]


READ = ("pk", "person_id", "target", "prompt", "created_at")


def rows_for(apps, latest):
    prompts = apps.get_model("omixa_studio", "UsedPrompt").objects
    made = prompts.bulk_create(
        [
            prompts.model(
                **dict(zip(OF_A_PROMPT, key, strict=True)),
                prompt=row["prompt"],
                prompt_search=folded(row["prompt"]),
                last_used_at=row["created_at"],
            )
            for key, row in latest.items()
        ],
        update_conflicts=True,
        update_fields=["last_used_at"],
        unique_fields=["person", "target", "sha256"],
    )
    return {(one.person_id, one.target, one.sha256): one.pk for one in made}


def key_of(row):
    return row["person_id"], row["target"], hashlib.sha256(row["prompt"].encode()).hexdigest()


def folded(text):
    plain = unicodedata.normalize("NFKC", text.replace("\x00", " ")).casefold().replace("ё", "е")
    bare = ACCENTS.sub("", unicodedata.normalize("NFD", " ".join(plain.split())))
    return unicodedata.normalize("NFC", bare)


class Migration(migrations.Migration):
    dependencies = [
        ("omixa_studio", "0022_used_prompts"),
    ]

    operations = [
        migrations.RunPython(name_prompts, migrations.RunPython.noop),
    ]
