"""What poses as a depot: it has the files that a depot published, and none of its keys."""

import json
import re
from collections.abc import Callable
from datetime import UTC, datetime
from email.utils import format_datetime
from pathlib import Path

from pytest_httpserver import HTTPServer
from werkzeug import Request, Response

from patrol_anpr.depot.lists.publishing import opening_keys, published, repository_of
from patrol_anpr.wire.lists import ListKeysAsk, ListKeysReply, SealedListKey

NOW = datetime(2026, 12, 1, 7, 40, tzinfo=UTC)
ROW = "AB12CDE,FORD" + "," * 14 + "\n"
ROSTER = {"officers": [{"officer_id": "PC1", "name": "Ann", "pin_hash": "$argon2id$x"}]}


class Attacker:
    """A server with a depot's files, some of them `instead`, and a clock of its own; not a byte of a key."""

    def __init__(self, server: HTTPServer, folder: Path) -> None:
        self.url = server.url_for("").rstrip("/")
        self.folder, self.now, self.said = folder, NOW, None
        self.instead: dict[str, bytes | Response] = {}
        self.asked: list[str] = []
        self.set_up: Callable[[Request], Response] = lambda _: Response("{}", 404)  # as of an earlier version
        self._repository = repository_of(folder, now=lambda: self.now)
        server.expect_request("/v2/set-up").respond_with_handler(lambda request: self.set_up(request))  # noqa: PLW0108  which changes
        server.expect_request("/v2/roster").respond_with_handler(lambda _: self._json(json.dumps(ROSTER)))
        server.expect_request("/v2/dispositions").respond_with_handler(lambda _: self._json('{"dispositions":[]}'))
        server.expect_request("/v2/held").respond_with_handler(lambda _: self._json('{"sha256":"%s"}' % ("0" * 64)))
        server.expect_request("/v2/lists/keys").respond_with_handler(self._keys)
        server.expect_request(re.compile("/v2/lists/metadata/.*")).respond_with_handler(self._metadata)
        server.expect_request(re.compile("/v2/lists/targets/.*")).respond_with_handler(self._target)

    def _json(self, content: str | bytes) -> Response:
        return Response(content, content_type="application/json")

    @property
    def date(self) -> str:
        """What the head of each answer says of time."""
        return self.said if self.said is not None else format_datetime(self.now, usegmt=True)

    def _keys(self, request: Request) -> Response:
        ask = ListKeysAsk.model_validate_json(request.get_data())
        opening = opening_keys(self.folder)
        known = [opening.get(head.key_id) for head, _ in published(self._repository)]
        reply = ListKeysReply(
            keys=tuple(SealedListKey.of(key.key_id, key.secret, ask) for key in known if key and key.secret)
        )
        return self._json(reply.model_dump_json())

    def _metadata(self, request: Request) -> Response:
        name = request.path.rpartition("/")[2]
        self.asked.append(name)
        content = self.instead.get(name, self._repository.metadata(name))
        if content is None:
            return Response("{}", 404)
        return content if isinstance(content, Response) else self._json(content)

    def _target(self, request: Request) -> Response:
        sha256 = request.path.rpartition("/")[2].partition(".")[0]
        content = self.instead.get(sha256, None)
        if content is None:
            content = self._repository.target(sha256).read_bytes()
        return content if isinstance(content, Response) else Response(content, content_type="application/octet-stream")
