import django.db.models.deletion
from django.db import migrations, models

SCOPES = [
    ("person", "Person"),
    ("role", "Role"),
    ("project", "Project"),
    ("model", "Model"),
    ("token", "Access token"),
    ("studio", "Studio"),
]


class Migration(migrations.Migration):
    dependencies = [
        ("omixa_studio", "0051_api_orders"),
    ]

    operations = [
        migrations.AddField(
            model_name="charge",
            name="token_id",
            field=models.BigIntegerField(db_default=0, default=0),
        ),
        migrations.AddField(
            model_name="generation",
            name="token",
            field=models.ForeignKey(
                db_index=False,
                null=True,
                on_delete=django.db.models.deletion.SET_NULL,
                related_name="generations",
                to="omixa_studio.token",
            ),
        ),
        migrations.AddField(
            model_name="token",
            name="project",
            field=models.ForeignKey(
                db_index=False,
                null=True,
                on_delete=django.db.models.deletion.SET_NULL,
                related_name="+",
                to="omixa_studio.project",
            ),
        ),
        *(
            migrations.AlterField(
                model_name=model,
                name="scope",
                field=models.CharField(choices=SCOPES, max_length=10),
            )
            for model in ("balance", "budgetrequest", "limit")
        ),
        migrations.AddIndex(
            model_name="generation",
            index=models.Index(
                condition=models.Q(("token__isnull", False)),
                fields=["token", "-id"],
                name="generation_of_token",
            ),
        ),
    ]
