import django.db.models.deletion
import django.db.models.functions.datetime
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("omixa_studio", "0047_reports"),
    ]

    operations = [
        migrations.CreateModel(
            name="WalletWarning",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("target", models.CharField(max_length=200, unique=True)),
                ("left_micros", models.BigIntegerField()),
                (
                    "since",
                    models.DateTimeField(db_default=django.db.models.functions.datetime.Now()),
                ),
            ],
        ),
        migrations.AddField(
            model_name="studiosettings",
            name="wallet_warn_micros",
            field=models.BigIntegerField(db_default=5000000, default=5000000),
        ),
        migrations.CreateModel(
            name="BillAnswer",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("target", models.CharField(max_length=200)),
                ("what", models.CharField(max_length=20)),
                ("status", models.PositiveSmallIntegerField(default=0)),
                ("body", models.TextField(blank=True, default="")),
                ("bytes", models.PositiveBigIntegerField(default=0)),
                ("found", models.PositiveIntegerField(default=0)),
                ("error", models.JSONField(blank=True, default=list)),
                (
                    "asked_at",
                    models.DateTimeField(db_default=django.db.models.functions.datetime.Now()),
                ),
            ],
            options={
                "indexes": [models.Index(fields=["target", "-id"], name="bill_answer_by_time")],
            },
        ),
        migrations.CreateModel(
            name="BillCover",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("target", models.CharField(max_length=200)),
                (
                    "source",
                    models.CharField(
                        choices=[("log", "Gateway's log"), ("file", "Imported bill")], max_length=10
                    ),
                ),
                ("since", models.DateTimeField()),
                ("until", models.DateTimeField()),
            ],
            options={
                "indexes": [
                    models.Index(fields=["target", "source", "until"], name="bill_cover_by_time")
                ],
            },
        ),
        migrations.CreateModel(
            name="BillDay",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("target", models.CharField(max_length=200)),
                (
                    "source",
                    models.CharField(
                        choices=[("log", "Gateway's log"), ("file", "Imported bill")], max_length=10
                    ),
                ),
                ("day", models.DateField()),
                ("here_micros", models.BigIntegerField(default=0)),
                ("bill_micros", models.BigIntegerField(null=True)),
                ("told_micros", models.BigIntegerField(null=True)),
                ("calls_here", models.PositiveIntegerField(default=0)),
                ("calls_bill", models.PositiveIntegerField(default=0)),
                ("counts", models.JSONField(default=dict)),
                ("open", models.PositiveIntegerField(default=0)),
                ("digest", models.CharField(blank=True, default="", max_length=64)),
                ("matched_at", models.DateTimeField(null=True)),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(fields=("target", "source", "day"), name="one_bill_day")
                ],
            },
        ),
        migrations.CreateModel(
            name="BillFile",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("target", models.CharField(max_length=200)),
                ("name", models.CharField(max_length=120)),
                ("sha256", models.CharField(max_length=64)),
                ("stored", models.CharField(max_length=120)),
                ("bytes", models.PositiveBigIntegerField()),
                ("columns_key", models.CharField(max_length=64)),
                ("mapping", models.JSONField(null=True)),
                ("rows", models.PositiveIntegerField(default=0)),
                ("entries", models.PositiveIntegerField(default=0)),
                ("known", models.PositiveIntegerField(default=0)),
                ("skipped", models.PositiveIntegerField(default=0)),
                ("faults", models.JSONField(default=list)),
                ("by_name", models.CharField(max_length=150)),
                (
                    "created_at",
                    models.DateTimeField(db_default=django.db.models.functions.datetime.Now()),
                ),
                ("imported_at", models.DateTimeField(null=True)),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(fields=("target", "sha256"), name="one_bill_of_a_file")
                ],
            },
        ),
        migrations.CreateModel(
            name="BillNote",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("target", models.CharField(max_length=200)),
                ("day", models.DateField(null=True)),
                ("source", models.CharField(blank=True, default="", max_length=10)),
                ("entry_id", models.BigIntegerField(default=0)),
                ("generation_id", models.BigIntegerField(default=0)),
                ("here_micros", models.BigIntegerField(null=True)),
                ("bill_micros", models.BigIntegerField(null=True)),
                ("change_micros", models.BigIntegerField(null=True)),
                ("note", models.CharField(max_length=500)),
                ("by_name", models.CharField(max_length=150)),
                (
                    "created_at",
                    models.DateTimeField(db_default=django.db.models.functions.datetime.Now()),
                ),
            ],
            options={
                "indexes": [
                    models.Index(
                        fields=["target", "entry_id", "generation_id"], name="bill_note_of_pair"
                    ),
                    models.Index(fields=["target", "day"], name="bill_note_of_day"),
                ],
            },
        ),
        migrations.CreateModel(
            name="BillEntry",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("target", models.CharField(max_length=200)),
                (
                    "source",
                    models.CharField(
                        choices=[("log", "Gateway's log"), ("file", "Imported bill")], max_length=10
                    ),
                ),
                ("key", models.CharField(max_length=210)),
                ("request_id", models.CharField(blank=True, default="", max_length=200)),
                ("model", models.CharField(blank=True, default="", max_length=120)),
                ("operation", models.CharField(blank=True, default="", max_length=60)),
                ("status", models.CharField(blank=True, default="", max_length=60)),
                ("at", models.DateTimeField(null=True)),
                ("amount_micros", models.BigIntegerField(null=True)),
                ("amount_text", models.CharField(blank=True, default="", max_length=80)),
                (
                    "created_at",
                    models.DateTimeField(db_default=django.db.models.functions.datetime.Now()),
                ),
                (
                    "file",
                    models.ForeignKey(
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        to="omixa_studio.billfile",
                    ),
                ),
            ],
            options={
                "indexes": [
                    models.Index(fields=["target", "source", "at"], name="bill_entry_by_time")
                ],
                "constraints": [
                    models.UniqueConstraint(
                        fields=("target", "source", "key"), name="one_bill_entry"
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="BillMatch",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "kind",
                    models.CharField(
                        choices=[
                            ("equal", "Matches"),
                            ("amount", "Different amounts"),
                            ("bill_only", "In the bill, not here"),
                            ("here_only", "Here, not in the bill"),
                            ("unknown", "Cost unknown here"),
                            ("unclear", "Amount in the bill unclear"),
                            ("uncovered", "Bill not known yet"),
                        ],
                        max_length=10,
                    ),
                ),
                (
                    "proof",
                    models.CharField(
                        blank=True,
                        choices=[
                            ("id", "Same request ID"),
                            ("near", "Near in time"),
                            ("", "No proof"),
                        ],
                        default="",
                        max_length=10,
                    ),
                ),
                ("entry_id", models.BigIntegerField(default=0)),
                ("generation_id", models.BigIntegerField(default=0)),
                ("at", models.DateTimeField(null=True)),
                ("model", models.CharField(blank=True, default="", max_length=120)),
                ("here_micros", models.BigIntegerField(null=True)),
                ("bill_micros", models.BigIntegerField(null=True)),
                (
                    "bill_day",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="matches",
                        to="omixa_studio.billday",
                    ),
                ),
                (
                    "note",
                    models.ForeignKey(
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        to="omixa_studio.billnote",
                    ),
                ),
            ],
            options={
                "indexes": [
                    models.Index(fields=["bill_day", "id"], name="bill_match_of_day"),
                    models.Index(fields=["bill_day", "kind", "id"], name="bill_match_by_kind"),
                ],
            },
        ),
        migrations.CreateModel(
            name="TopUp",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("target", models.CharField(max_length=200)),
                ("amount_micros", models.BigIntegerField()),
                ("day", models.DateField()),
                ("note", models.CharField(blank=True, default="", max_length=200)),
                ("by_name", models.CharField(max_length=150)),
                (
                    "created_at",
                    models.DateTimeField(db_default=django.db.models.functions.datetime.Now()),
                ),
                (
                    "corrects",
                    models.OneToOneField(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="correction",
                        to="omixa_studio.topup",
                    ),
                ),
            ],
            options={
                "indexes": [models.Index(fields=["target", "day"], name="top_up_by_day")],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("amount_micros__gt", 0), ("corrects", None)),
                            models.Q(("amount_micros__lt", 0), ("corrects__isnull", False)),
                            _connector="OR",
                        ),
                        name="top_up_has_its_sign",
                    )
                ],
            },
        ),
    ]
