"""An S3 server in this process, which can be stopped and started."""

import secrets
from collections.abc import Iterator
from contextlib import contextmanager

import boto3
from moto.server import ThreadedMotoServer

from tests.servers import free_port

KEY, SECRET = "the-key-of-the-bucket", "the-secret-of-the-bucket"


class BucketServer:
    """What it holds stays in this process while it is stopped."""

    def __init__(self) -> None:
        self.port = free_port()
        self.start()

    @property
    def address(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def start(self) -> None:
        self._server = ThreadedMotoServer(ip_address="127.0.0.1", port=self.port)
        self._server.start()

    def stop(self) -> None:
        self._server.stop()

    def make_bucket(self) -> str:
        """Make an empty bucket; return the STORAGE_URL that names it."""
        name, where = f"studio-{secrets.token_hex(4)}", "us-east-1"
        boto3.client(
            "s3",
            endpoint_url=self.address,
            region_name=where,
            aws_access_key_id=KEY,
            aws_secret_access_key=SECRET,
        ).create_bucket(Bucket=name)
        options = f"endpoint_url={self.address}&region_name={where}"
        return f"s3://{name}?{options}&access_key={KEY}&secret_key={SECRET}"


@contextmanager
def bucket_server() -> Iterator[BucketServer]:
    """Run an S3 server."""
    server = BucketServer()
    try:
        yield server
    finally:
        server.stop()
