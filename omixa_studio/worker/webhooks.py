"""Messages to webhooks, sent by threads of their own: a server that hangs holds up nothing else."""

import logging
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait

from django.conf import settings

from omixa_studio.gateway.posting import Receipt, post
from omixa_studio.models import WebhookDelivery
from omixa_studio.presenters.api.webhooks import as_json, body_of, data_of
from omixa_studio.queries.pauses import is_older_copy
from omixa_studio.services import webhook_sending
from omixa_studio.services.sealing import NotReadable
from omixa_studio.services.webhook_sending import Letter

from .calls import Worker

log = logging.getLogger(__name__)

THREADS = 16
# A whole try: connecting, sending, waiting for the answer.
SECONDS = 15.0
# How long one turn waits for a try to end before it looks for more to send.
SECONDS_OF_TURN = 0.5


class Courier:
    """The tries that are under way. Only the loop's own thread asks the database."""

    def __init__(self, *, threads: int = THREADS, seconds: float = SECONDS) -> None:
        self.threads, self.seconds = threads, seconds
        self._pool = ThreadPoolExecutor(threads, thread_name_prefix="webhook")
        self._in_hand: dict[Future[Receipt], WebhookDelivery] = {}

    def deliver(self, worker: Worker) -> None:
        """Send what is due and note what came of it, until nothing is left to do.

        An older copy of the database sends nothing before an admin resumes: what waits in it may
        have been sent, and the studio that it was copied from may still be running.
        """
        while True:
            room = self.threads - len(self._in_hand)
            if room and not worker.stopping.is_set() and not is_older_copy(worker.target):
                held = list(self._in_hand.values())
                for delivery in webhook_sending.claim_due(room, held):
                    self._send(delivery)
            if not self._in_hand:
                return
            done, _rest = wait(self._in_hand, SECONDS_OF_TURN, return_when=FIRST_COMPLETED)
            for one in done:
                webhook_sending.note(self._in_hand.pop(one), one.result())

    def _send(self, delivery: WebhookDelivery) -> None:
        if delivery.data is None:
            delivery.data = as_json(data_of(delivery))
            webhook_sending.keep_data(delivery)
        try:
            letter = webhook_sending.letter_of(delivery, body_of(delivery))
        except NotReadable:
            webhook_sending.note(delivery, webhook_sending.UNSIGNED)
            return
        self._in_hand[self._pool.submit(self._post, letter)] = delivery

    def _post(self, letter: Letter) -> Receipt:
        return post(
            letter.url,
            letter.body,
            letter.headers,
            timeout=self.seconds,
            allowed_networks=settings.WEBHOOK_NETWORKS,
            ca_file=settings.WEBHOOK_CA_FILE,
        )
