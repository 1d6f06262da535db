"""Objects in a store that speaks S3. boto3 is loaded here alone, and only where a depot's pictures are in such a store.

The bucket keeps versions and has object lock, so that what is held as evidence is held by the store itself.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from typing import Any

from patrol_anpr.depot.storage.objects import NoSuchObject, ObjectHeld, StoredObject
from patrol_anpr.domain.errors import RecordsFault

_NOT_THERE = {"NoSuchKey", "NoSuchVersion", "404", "InvalidRange", "416"}
_FORBIDDEN = {"AccessDenied", "403"}
"""What a store says that is asked to delete what is held."""
_CONNECT_SECONDS, _ANSWER_SECONDS, _TRIES, _CONNECTIONS = 5, 30, 3, 20


class S3Objects:
    """See Objects. `bucket` at `endpoint` (a URL), or at AWS; who asks is told to boto3 by the environment.

    Raises RecordsFault when there is no such bucket, or one without object lock.
    """

    def __init__(self, bucket: str, endpoint: str | None, region: str | None) -> None:
        self._bucket = bucket
        self._client = _client(endpoint, region)
        try:
            with self._asking():
                lock = self._client.get_object_lock_configuration(Bucket=bucket)
        except (OSError, NoSuchObject) as fault:
            raise RecordsFault(
                "The store of the depot's pictures does not answer, or its bucket has no object lock. Check [pictures] "
                "in depot.toml and the account of the store; make the bucket with object lock."
            ) from fault
        assert lock["ObjectLockConfiguration"]["ObjectLockEnabled"] == "Enabled"

    def put(self, name: str, content: bytes) -> None:
        """Put the object; the store checks that it arrived as it was sent."""
        with self._asking():
            self._client.put_object(Bucket=self._bucket, Key=name, Body=content, ChecksumAlgorithm="SHA256")

    def get(self, name: str, start: int, length: int) -> bytes:
        """Get a range."""
        with self._asking():
            wanted = f"bytes={start}-{start + length - 1}"
            answer = self._client.get_object(Bucket=self._bucket, Key=name, Range=wanted)
            content: bytes = answer["Body"].read()
        if len(content) != length:
            raise NoSuchObject(name)
        return content

    def delete(self, name: str) -> None:
        """Delete every version; a mark of deletion alone would leave the object there."""
        from botocore.exceptions import ClientError

        with self._asking():
            answer = self._client.list_object_versions(Bucket=self._bucket, Prefix=name)
            for version in (*answer.get("Versions", ()), *answer.get("DeleteMarkers", ())):
                try:
                    self._client.delete_object(Bucket=self._bucket, Key=name, VersionId=version["VersionId"])
                except ClientError as fault:
                    if fault.response["Error"]["Code"] in _FORBIDDEN:
                        raise ObjectHeld(name) from fault
                    raise

    def hold(self, name: str, *, held: bool) -> None:
        """Put a legal hold on the object, or end it."""
        with self._asking():
            status = {"Status": "ON" if held else "OFF"}
            self._client.put_object_legal_hold(Bucket=self._bucket, Key=name, LegalHold=status)

    def list(self, group: str = "") -> Iterator[StoredObject]:
        """Give the objects, a page of the store at a time."""
        with self._asking():
            pages = self._client.get_paginator("list_objects_v2")
            for page in pages.paginate(Bucket=self._bucket, Prefix=f"{group}/" if group else ""):
                for one in page.get("Contents", ()):
                    yield StoredObject(one["Key"], one["Size"], one["LastModified"])

    def delete_halves(self, before: datetime) -> int:
        """Return 0: an object is there whole or not at all, and none is sent in parts."""
        return 0

    @contextmanager
    def _asking(self) -> Iterator[None]:
        """Turn what boto3 raises into what Objects promises. Nothing of an object's content is in it."""
        from botocore.exceptions import BotoCoreError, ClientError

        try:
            yield
        except ClientError as fault:
            code = fault.response["Error"]["Code"]
            if code in _NOT_THERE:
                raise NoSuchObject(code) from fault
            raise OSError(f"the store of the pictures refused: {code}") from fault
        except BotoCoreError as fault:
            raise OSError(f"the store of the pictures does not answer: {type(fault).__name__}") from fault


def _client(endpoint: str | None, region: str | None) -> Any:
    try:
        import boto3
        from botocore.config import Config
    except ModuleNotFoundError as fault:
        raise RecordsFault(
            "The depot's pictures are in a store that speaks S3, whose library is not installed. Install "
            "patrol-anpr[depot]."
        ) from fault
    return boto3.client(
        "s3",
        endpoint_url=endpoint,
        region_name=region,
        config=Config(
            connect_timeout=_CONNECT_SECONDS,
            read_timeout=_ANSWER_SECONDS,
            retries={"max_attempts": _TRIES, "mode": "standard"},
            max_pool_connections=_CONNECTIONS,
        ),
    )
