"""Sending one pack: piece by piece, and after a break from where the depot has it."""

from collections.abc import Callable

from patrol_anpr.depot_link.channel import NOT_REACHED, NOT_THE_DEPOT, Channel, Refused, TryAgain
from patrol_anpr.domain.errors import DepotFault
from patrol_anpr.wire.pack import Pack
from patrol_anpr.wire.receipts import LENGTH, OFFSET, PARTIAL, PackArrived, PackReply

LARGEST_PIECE = 2**20
"""Bytes of one request: it must be over within a request's deadline on a slow line, too."""
SMALLEST_PIECE = 4096
_NO_OFFSET = 409


class PieceSize:
    """How many bytes go in one request: what the line has carried lately. Half after a break, twice after a success."""

    def __init__(self) -> None:
        self.bytes = LARGEST_PIECE

    def went(self, size: int) -> None:
        """A piece of `size` bytes went through."""
        if size == self.bytes:  # a smaller one, the end of a pack, shows nothing
            self.bytes = min(2 * size, LARGEST_PIECE)

    def broke(self, size: int) -> None:
        """The line broke under a piece of `size` bytes."""
        self.bytes = max(size // 2, SMALLEST_PIECE)


class Sending:
    """The sending of one pack. `on_sent` is told of bytes that the depot has and had not before."""

    def __init__(self, channel: Channel, pack: Pack, piece_size: PieceSize, on_sent: Callable[[int], None]) -> None:
        self._channel = channel
        self._pack = pack
        self._piece_size = piece_size
        self._on_sent = on_sent
        self._path = f"packs/{pack.pack_id}"
        self._offset = 0
        self._sure = True  # whether the depot has the pack up to `_offset`, and no further

    def run(self) -> PackReply:
        """Return the depot's answer to the whole pack. Raises Refused, DepotFault."""
        while (reply := self._channel.patiently(self._go_on)) is None:
            pass
        return reply

    def _go_on(self) -> PackReply | None:
        """Send the next piece; None when there is more to send. Raises TryAgain when it got no further."""
        before = self._offset
        if not self._sure:
            self._find_out()
            if self._offset > before:
                return None  # some of it had arrived: that was no failed try
        piece = self._pack.piece(self._offset, self._piece_size.bytes)
        try:
            return self._send(piece)
        except TryAgain as broken:
            self._sure = False
            if broken.sentence != NOT_REACHED:
                raise
            self._piece_size.broke(len(piece))
            self._find_out()  # at once: most often a new connection does
            if self._offset > before:
                return None
            raise

    def _send(self, piece: bytes) -> PackReply | None:
        headers = {OFFSET: str(self._offset), LENGTH: str(self._pack.size)}
        try:
            arrived, _ = self._channel.ask_once(
                "PATCH", self._path, PackArrived, body=piece, media=PARTIAL, headers=headers
            )
        except Refused as refusal:
            if refusal.status == _NO_OFFSET:
                raise TryAgain(NOT_REACHED) from None
            raise
        assert arrived is not None  # 304 answers a tag, and none was sent
        if arrived.offset != self._offset + len(piece):
            raise DepotFault(NOT_THE_DEPOT)
        self._piece_size.went(len(piece))
        self._move_to(arrived.offset)
        if self._offset == self._pack.size and arrived.reply is None:
            raise DepotFault(NOT_THE_DEPOT)
        return arrived.reply

    def _find_out(self) -> None:
        """Ask how much of the pack the depot has."""
        with self._channel.open("HEAD", self._path) as response:
            text = response.headers.get(OFFSET, "")
            if not (text.isascii() and text.isdecimal() and len(text) < 12 and int(text) <= self._pack.size):
                raise TryAgain(NOT_THE_DEPOT)
        self._move_to(int(text))
        self._sure = True

    def _move_to(self, offset: int) -> None:
        if offset > self._offset:
            self._on_sent(offset - self._offset)
        self._offset = offset
