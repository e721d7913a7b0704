"""What litellm gets from the studio, told as JSON; it runs in an environment of its own.

`python with_litellm.py BASE_URL TOKEN`. The cases follow litellm's own tests of images.
"""

import base64
import io
import json
import sys

import litellm  # type: ignore[import-not-found]  # it is not in the environment of mypy

base_url, token = sys.argv[1:]
told = {"api_base": base_url, "api_key": token}
made = litellm.image_generation(model="openai/gpt-image-1", prompt="By litellm", n=1, **told)
data = base64.b64decode(made.data[0].b64_json)
file = io.BytesIO(data)
file.name = "a.png"
edited = litellm.image_edit(model="openai/gpt-image-1", image=[file], prompt="Edited", **told)
try:
    litellm.image_generation(model="openai/gpt-image-1.5", prompt="[fault: cut] litellm", **told)
    failed = "nothing failed"
except Exception as error:  # noqa: BLE001 - which one it is is told
    failed = str(getattr(error, "status_code", error))
try:
    litellm.image_generation(
        model="openai/gpt-image-1.5", prompt="x", style="natural", drop_params=False, **told
    )
    refused = "nothing was refused"
except Exception as error:  # noqa: BLE001 - which one it is is told
    refused = str(getattr(error, "status_code", error))
seen = [data[1:4].decode(), base64.b64decode(edited.data[0].b64_json)[1:4].decode()]
print(json.dumps({"pictures": seen, "failed": failed, "refused": refused}))
