"""What packing a ZIP file of very many pictures takes."""

import json
import tempfile

from .processes import run
from .table import Figure, Plan


def memory(plan: Plan) -> Figure:
    """How many MiB above its rest a process goes that packs so many pictures."""
    with tempfile.TemporaryDirectory() as folder:
        told = {"STUDIO_DATA_DIR": folder, "DJANGO_SETTINGS_MODULE": "omixa_studio.settings"}
        run(["manage.py", "migrate", "-v0"], told)
        shown = run(["-m", "bench.packing", str(plan.exported)], told)
    found = json.loads(shown.strip().rpartition("\n")[2])
    rate = plan.exported / found["seconds"]
    said = f"rest {found['rest_mib']:.0f} MiB, {rate:.0f} pictures a second"
    return Figure(found["peak_mib"] - found["rest_mib"], "MiB", said, found)
