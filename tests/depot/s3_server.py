"""A store that speaks S3, over HTTP, in this process: moto's own server. Its bucket has object lock."""

from collections.abc import Iterator
from contextlib import contextmanager

import boto3
from moto.server import ThreadedMotoServer

BUCKET, REGION = "pictures", "eu-west-2"


@contextmanager
def s3_server() -> Iterator[str]:
    """Run one; gives its URL. Whoever asks needs the environment of `ACCOUNT`."""
    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    server.start()
    host, port = server.get_host_and_port()
    url = f"http://{host}:{port}"
    try:
        make_bucket(url, BUCKET)
        make_bucket(url, "open", lock=False)
        yield url
    finally:
        server.stop()


def make_bucket(url: str, name: str, *, lock: bool = True) -> None:
    """Make a bucket there."""
    client = boto3.client(
        "s3",
        endpoint_url=url,
        region_name=REGION,
        aws_access_key_id=ACCOUNT["AWS_ACCESS_KEY_ID"],
        aws_secret_access_key=ACCOUNT["AWS_SECRET_ACCESS_KEY"],
    )
    where = {"LocationConstraint": REGION}
    client.create_bucket(Bucket=name, ObjectLockEnabledForBucket=lock, CreateBucketConfiguration=where)
    client.close()


ACCOUNT = {"AWS_ACCESS_KEY_ID": "depot", "AWS_SECRET_ACCESS_KEY": "invented", "AWS_EC2_METADATA_DISABLED": "true"}
