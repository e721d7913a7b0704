import django.db.models.deletion
from django.db import migrations, models

import omixa_studio.models.search


class Migration(migrations.Migration):
    dependencies = [
        ("omixa_studio", "0041_projects_in_the_ledger"),
    ]

    operations = [
        migrations.RemoveConstraint(model_name="project", name="one_project_of_a_name"),
        migrations.AddField(
            model_name="project",
            name="name_search",
            field=omixa_studio.models.search.FoldedCopy(
                blank=True, default="", editable=False, of="name"
            ),
        ),
        migrations.AddConstraint(
            model_name="project",
            constraint=models.UniqueConstraint(
                fields=("name_search",), name="one_project_of_a_name"
            ),
        ),
        migrations.AddField(
            model_name="person",
            name="last_project",
            field=models.ForeignKey(
                db_index=False,
                null=True,
                on_delete=django.db.models.deletion.SET_NULL,
                related_name="+",
                to="omixa_studio.project",
            ),
        ),
        migrations.AddIndex(
            model_name="picture",
            index=models.Index(
                condition=models.Q(("project__isnull", False), ("trashed_at__isnull", True)),
                fields=["person", "project", "created_at", "id", "aspect", "trashed_at"],
                name="picture_wall_of_project",
            ),
        ),
        migrations.AddIndex(
            model_name="picture",
            index=models.Index(
                condition=models.Q(
                    ("project__isnull", False), ("shared", True), ("trashed_at__isnull", True)
                ),
                fields=["project", "created_at", "id", "aspect", "shared", "trashed_at"],
                name="picture_team_wall_of_project",
            ),
        ),
    ]
