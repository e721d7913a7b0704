import django.db.models.deletion
import django.db.models.functions.datetime
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("omixa_studio", "0035_background_jobs"),
    ]

    operations = [
        migrations.AddField(
            model_name="person",
            name="mail_notices",
            field=models.BooleanField(db_default=True, default=True),
        ),
        migrations.AddField(
            model_name="person",
            name="mailed_at",
            field=models.DateTimeField(blank=True, null=True),
        ),
        migrations.AddField(
            model_name="person",
            name="unread",
            field=models.PositiveIntegerField(db_default=0, default=0),
        ),
        migrations.AddField(
            model_name="picture",
            name="approval",
            field=models.CharField(
                blank=True,
                choices=[("approved", "Approved"), ("needs_work", "Needs work")],
                db_default="",
                default="",
                max_length=10,
            ),
        ),
        migrations.CreateModel(
            name="GuestLink",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("title", models.CharField(blank=True, default="", max_length=120)),
                ("seed", models.CharField(max_length=32)),
                ("digest", models.CharField(max_length=64, unique=True)),
                ("password", models.CharField(blank=True, default="", max_length=128)),
                ("pictures", models.PositiveIntegerField(default=0)),
                ("downloads", models.BooleanField(default=False)),
                ("prompts", models.BooleanField(default=False)),
                ("comments", models.BooleanField(default=False)),
                ("expires_at", models.DateTimeField(null=True)),
                ("revoked_at", models.DateTimeField(null=True)),
                ("opened_at", models.DateTimeField(null=True)),
                (
                    "created_at",
                    models.DateTimeField(db_default=django.db.models.functions.datetime.Now()),
                ),
                (
                    "collection",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="guest_links",
                        to="omixa_studio.collection",
                    ),
                ),
                (
                    "person",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="guest_links",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="Comment",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("guest", models.CharField(blank=True, default="", max_length=64)),
                ("guest_name", models.CharField(blank=True, default="", max_length=60)),
                ("text", models.TextField(blank=True, default="")),
                (
                    "approval",
                    models.CharField(
                        blank=True,
                        choices=[("approved", "Approved"), ("needs_work", "Needs work")],
                        default="",
                        max_length=10,
                    ),
                ),
                ("click", models.CharField(max_length=64, unique=True)),
                ("edited_at", models.DateTimeField(null=True)),
                ("deleted_at", models.DateTimeField(null=True)),
                (
                    "created_at",
                    models.DateTimeField(db_default=django.db.models.functions.datetime.Now()),
                ),
                (
                    "person",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="comments",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "picture",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="comments",
                        to="omixa_studio.picture",
                    ),
                ),
                (
                    "link",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="left_comments",
                        to="omixa_studio.guestlink",
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="LinkPicture",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("number", models.PositiveIntegerField()),
                (
                    "link",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="numbers",
                        to="omixa_studio.guestlink",
                    ),
                ),
                (
                    "picture",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="guest_numbers",
                        to="omixa_studio.picture",
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="LinkVisits",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("day", models.DateField()),
                ("count", models.PositiveIntegerField(default=0)),
                (
                    "link",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="visits",
                        to="omixa_studio.guestlink",
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="Notice",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("read_at", models.DateTimeField(null=True)),
                ("mailed_at", models.DateTimeField(null=True)),
                (
                    "created_at",
                    models.DateTimeField(db_default=django.db.models.functions.datetime.Now()),
                ),
                (
                    "comment",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="notices",
                        to="omixa_studio.comment",
                    ),
                ),
                (
                    "person",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="notices",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
        ),
        migrations.AddIndex(
            model_name="guestlink",
            index=models.Index(fields=["person", "-id"], name="guest_link_of_person"),
        ),
        migrations.AddIndex(
            model_name="comment",
            index=models.Index(fields=["picture", "id"], name="comment_of_picture"),
        ),
        migrations.AddConstraint(
            model_name="linkpicture",
            constraint=models.UniqueConstraint(
                fields=("link", "number"), name="one_picture_per_number"
            ),
        ),
        migrations.AddConstraint(
            model_name="linkpicture",
            constraint=models.UniqueConstraint(
                fields=("link", "picture"), name="one_number_per_picture"
            ),
        ),
        migrations.AddConstraint(
            model_name="linkvisits",
            constraint=models.UniqueConstraint(
                fields=("link", "day"), name="one_count_of_visits_per_day"
            ),
        ),
        migrations.AddIndex(
            model_name="notice",
            index=models.Index(fields=["person", "-id"], name="notice_of_person"),
        ),
        migrations.AddIndex(
            model_name="notice",
            index=models.Index(
                condition=models.Q(("mailed_at__isnull", True), ("read_at__isnull", True)),
                fields=["created_at"],
                name="notice_to_mail",
            ),
        ),
        migrations.AddConstraint(
            model_name="notice",
            constraint=models.UniqueConstraint(
                fields=("person", "comment"), name="one_notice_per_comment"
            ),
        ),
    ]
