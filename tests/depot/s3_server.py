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
        client = boto3.client(
            "s3",
            endpoint_url=url,
            region_name=REGION,
            aws_access_key_id=ACCOUNT["AWS_ACCESS_KEY_ID"],
            aws_secret_access_key=ACCOUNT["AWS_SECRET_ACCESS_KEY"],
        )
        client.create_bucket(
            Bucket=BUCKET,
            ObjectLockEnabledForBucket=True,
            CreateBucketConfiguration={"LocationConstraint": REGION},
        )
        client.create_bucket(Bucket="open", CreateBucketConfiguration={"LocationConstraint": REGION})
        client.close()
        yield url
    finally:
        server.stop()


ACCOUNT = {"AWS_ACCESS_KEY_ID": "depot", "AWS_SECRET_ACCESS_KEY": "invented", "AWS_EC2_METADATA_DISABLED": "true"}
