"""From the click to the call: how long a request waits inside the studio."""

import random
import tempfile
import time
from functools import partial
from pathlib import Path
from statistics import median, quantiles

from omixa_studio.sandbox import Sandbox

from . import samples
from .processes import wait_until
from .studio import KEY, Studio, studio
from .table import Figure, Plan

WARM_UP = 3


def click_to_call(plan: Plan) -> Figure:
    """Milliseconds from the POST leaving the client to the gateway having read the call.

    The gateway runs in this process, so both ends read the same clock.
    """
    with tempfile.TemporaryDirectory() as name:
        answer = samples.write_answer(Path(name) / "answer.json", [samples.picture(256)])
        with (
            Sandbox(key=KEY, fixed_answer=answer.read_bytes()) as sandbox,
            studio(Path(name) / "data", gateway=sandbox.base_url) as found,
        ):
            found.log_in()
            waited = []
            for number in range(WARM_UP + plan.clicks):
                # Another moment of the queue's look each time.
                time.sleep(random.uniform(0.05, 0.2))
                clicked = time.time()
                found.click(f"click {number}")
                wait_until(partial(_have_done, found, number + 1), step=0.005)
                waited.append((sandbox.calls[number].time - clicked) * 1000)
    counted = waited[WARM_UP:]
    return Figure(
        value=median(counted),
        unit="ms",
        said=f"p90 {quantiles(counted, n=10)[-1]:.0f} ms",
        details={"milliseconds": counted},
    )


def _have_done(found: Studio, count: int) -> bool:
    return found.count("done") >= count
