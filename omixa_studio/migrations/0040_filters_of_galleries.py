from django.db import migrations, models
from django.db.models import OuterRef, Subquery

from omixa_studio.models.pictures import size_class


def repeat_operations(apps, schema_editor):
    """Give pictures the operation of their requests; most keep the default."""
    using = schema_editor.connection.alias
    generations = apps.get_model("omixa_studio", "Generation").objects.using(using)
    pictures = apps.get_model("omixa_studio", "Picture").objects.using(using)
    others = generations.exclude(operation="generate")
    own = generations.filter(pk=OuterRef("generation"))
    pictures.filter(generation__in=others.values("pk")).update(
        operation=Subquery(own.values("operation"))
    )


class Migration(migrations.Migration):

    dependencies = [
        ('omixa_studio', '0039_indexes_of_pages'),
    ]

    operations = [
        migrations.AddField(
            model_name='picture',
            name='operation',
            field=models.CharField(db_default='generate', default='generate', max_length=20),
        ),
        migrations.RunPython(repeat_operations, migrations.RunPython.noop),
        migrations.AddIndex(
            model_name='picture',
            index=models.Index(condition=models.Q(('shared', True), ('trashed_at__isnull', True), ('verdict', 'rejected')), fields=['created_at', 'id'], name='picture_team_wall_of_rejected'),
        ),
        migrations.AddIndex(
            model_name='picture',
            index=models.Index(condition=models.Q(('trashed_at__isnull', True)), fields=['person', 'operation', 'created_at', 'id'], name='picture_wall_of_operation'),
        ),
        migrations.AddIndex(
            model_name='picture',
            index=models.Index(condition=models.Q(('shared', True), ('trashed_at__isnull', True)), fields=['operation', 'created_at', 'id'], name='picture_team_wall_of_operation'),
        ),
        migrations.AddIndex(
            model_name='picture',
            index=models.Index(condition=models.Q(models.Q(('operation', 'generate'), _negated=True), ('trashed_at__isnull', True)), fields=['person', 'created_at', 'id'], name='picture_wall_of_edits'),
        ),
        migrations.AddIndex(
            model_name='picture',
            index=models.Index(condition=models.Q(models.Q(('operation', 'generate'), _negated=True), ('shared', True), ('trashed_at__isnull', True)), fields=['created_at', 'id'], name='picture_team_wall_of_edits'),
        ),
        migrations.AddIndex(
            model_name='picture',
            index=models.Index(models.F('person'), size_class(), models.F('created_at'), models.F('id'), condition=models.Q(('trashed_at__isnull', True)), name='picture_wall_of_size'),
        ),
        migrations.AddIndex(
            model_name='picture',
            index=models.Index(size_class(), models.F('created_at'), models.F('id'), condition=models.Q(('shared', True), ('trashed_at__isnull', True)), name='picture_team_wall_of_size'),
        ),
        migrations.AddIndex(
            model_name='picture',
            index=models.Index(condition=models.Q(('shared', True), ('trashed_at__isnull', True)), fields=['person', 'created_at', 'id'], name='picture_wall_of_shared'),
        ),
        migrations.AddIndex(
            model_name='picture',
            index=models.Index(condition=models.Q(models.Q(('approval', ''), _negated=True), ('trashed_at__isnull', True)), fields=['person', 'approval', 'created_at', 'id'], name='picture_wall_of_approval'),
        ),
        migrations.AddIndex(
            model_name='picture',
            index=models.Index(condition=models.Q(models.Q(('approval', ''), _negated=True), ('shared', True), ('trashed_at__isnull', True)), fields=['approval', 'created_at', 'id'], name='picture_team_wall_of_approval'),
        ),
    ]
