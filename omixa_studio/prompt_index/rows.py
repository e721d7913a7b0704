"""The rows of the index: the folded prompt of every generation that has pictures."""

from omixa_studio.models import Generation, IndexedPrompt, Picture

PROMPTS = IndexedPrompt._meta.db_table
GENERATIONS, PICTURES = Generation._meta.db_table, Picture._meta.db_table
TABLES = (PROMPTS, GENERATIONS, PICTURES)
# Never part of a folded text: str.split() takes it for a space.
SEPARATOR = "\x1f"
# A row is stray if it is older than the newest before it by more than this. Transactions that
# run at once, and calls that end together, disagree by less.
DISORDER_SECONDS = 60

# By name, the times that statements compare.
_TIMES = {
    "made": "made.latest",
    "before": "before.latest",
    "new": "NEW.created_at",
    "own": f"{PROMPTS}.latest",
}


def earlier(template: str) -> dict[str, str]:
    """Return the SQL of each time less DISORDER_SECONDS, made by a database's template."""
    return {
        name: template.format(time=time, seconds=DISORDER_SECONDS) for name, time in _TIMES.items()
    }


# `{greater}` is the database's own function for the greater of two, and `{earlier[x]}` a time less
# DISORDER_SECONDS. Each prompt once, at the time of its last picture.
FILL = f"""
INSERT INTO {PROMPTS} (generation_id, person_id, latest, stray, text)
SELECT g.id, coalesce(g.person_id, 0), made.latest, made.first < {{earlier[made]}}, g.prompt_search
FROM {GENERATIONS} g JOIN (
    SELECT generation_id, min(created_at) AS first, max(created_at) AS latest, max(id) AS place
    FROM {PICTURES} GROUP BY generation_id
) made ON made.generation_id = g.id
WHERE g.prompt_search <> '' ORDER BY made.latest, made.place
"""
OF_NEW_PICTURE = f"""
INSERT INTO {PROMPTS} (generation_id, person_id, latest, stray, text)
SELECT g.id, coalesce(g.person_id, 0),
    {{greater}}(coalesce(before.latest, NEW.created_at), NEW.created_at),
    coalesce(NEW.created_at < {{earlier[before]}}, false), g.prompt_search
FROM {GENERATIONS} g
LEFT JOIN (SELECT latest FROM {PROMPTS} ORDER BY id DESC LIMIT 1) before ON true
WHERE g.id = NEW.generation_id AND g.prompt_search <> ''
    AND NOT EXISTS (SELECT 1 FROM {PROMPTS} WHERE generation_id = NEW.generation_id)
"""
# A picture that came later than the others of its generation.
OF_LATE_PICTURE = f"""
UPDATE {PROMPTS} SET stray = true WHERE generation_id = NEW.generation_id AND NOT stray
    AND (latest < {{earlier[new]}} OR NEW.created_at < {{earlier[own]}})
"""
OF_LOST_PICTURE = f"""
DELETE FROM {PROMPTS} WHERE generation_id = OLD.generation_id
    AND NOT EXISTS (SELECT 1 FROM {PICTURES} WHERE generation_id = OLD.generation_id)
"""
REWRITTEN = f"UPDATE {PROMPTS} SET text = NEW.prompt_search WHERE generation_id = NEW.id"
CHANGED = "UPDATE OF prompt_search"
IS_CHANGED = "OLD.prompt_search <> NEW.prompt_search"
