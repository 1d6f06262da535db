"""Where the key lies, and when it is not used."""

import os
from collections.abc import Iterator
from pathlib import Path

import keyring
import pytest
from keyring.backend import KeyringBackend
from keyring.backends.fail import Keyring as NoStore
from keyring.errors import KeyringLocked, PasswordDeleteError

from patrol_anpr.domain.errors import RecordsFault
from patrol_anpr.records import Key, find_key
from patrol_anpr.records.keys import KEY_FILE, LISTS


@pytest.fixture(autouse=True)
def _own_store() -> Iterator[None]:
    """Whatever a test sets, the store of the machine is back afterwards."""
    before = keyring.get_keyring()
    yield
    keyring.set_keyring(before)


class MemoryStore(KeyringBackend):
    """A key store that works, until it is locked."""

    priority = -1  # type: ignore[assignment]  # keyring never chooses it by itself, for other tests

    def __init__(self) -> None:
        super().__init__()
        self.kept: dict[tuple[str, str], str] = {}
        self.locked = False

    def get_password(self, service: str, username: str) -> str | None:
        if self.locked:
            raise KeyringLocked("locked")
        return self.kept.get((service, username))

    def set_password(self, service: str, username: str, password: str) -> None:
        if self.locked:
            raise KeyringLocked("locked")
        self.kept[service, username] = password

    def delete_password(self, service: str, username: str) -> None:
        raise PasswordDeleteError("never asked")


@pytest.fixture
def no_store() -> None:
    keyring.set_keyring(NoStore())


@pytest.fixture
def store() -> MemoryStore:
    store = MemoryStore()
    keyring.set_keyring(store)
    return store


def test_the_key_store_is_asked_first_and_no_file_is_made(tmp_path: Path, store: MemoryStore) -> None:
    key = find_key(tmp_path)
    assert key.warning == ""
    assert find_key(tmp_path) == key
    assert list(tmp_path.iterdir()) == []
    assert list(store.kept.values()) == [key.secret.hex()]


@pytest.mark.usefixtures("no_store")
def test_without_a_key_store_a_private_file_holds_the_key_and_that_is_said(tmp_path: Path) -> None:
    key = find_key(tmp_path / "records")
    assert "key" in key.warning
    assert find_key(tmp_path / "records") == key
    assert len(set(key.secret)) > 10
    if os.name == "posix":
        assert (tmp_path / "records" / KEY_FILE).stat().st_mode & 0o777 == 0o600


@pytest.mark.usefixtures("no_store")
@pytest.mark.skipif(os.name == "nt", reason="Windows has no such modes")
@pytest.mark.parametrize("mode", [0o640, 0o604, 0o660, 0o620])
def test_a_key_file_others_may_touch_is_refused(tmp_path: Path, mode: int) -> None:
    find_key(tmp_path)
    (tmp_path / KEY_FILE).chmod(mode)
    with pytest.raises(RecordsFault, match="mode 0600"):
        find_key(tmp_path)


@pytest.mark.usefixtures("no_store")
@pytest.mark.parametrize("content", [b"", b"00ff", b"not hex at all", b"\xff\xfe\x00"])
def test_a_damaged_key_file_is_refused_and_not_replaced(tmp_path: Path, content: bytes) -> None:
    find_key(tmp_path)
    (tmp_path / KEY_FILE).write_bytes(content)
    with pytest.raises(RecordsFault, match="damaged"):
        find_key(tmp_path)
    assert (tmp_path / KEY_FILE).read_bytes() == content


def test_a_key_file_counts_even_when_there_is_a_store_now(tmp_path: Path, store: MemoryStore) -> None:
    keyring.set_keyring(NoStore())
    key = find_key(tmp_path)
    keyring.set_keyring(store)
    assert find_key(tmp_path) == key
    assert store.kept == {}


def test_a_locked_store_never_leads_to_a_new_key_for_old_records(tmp_path: Path, store: MemoryStore) -> None:
    find_key(tmp_path).mark(tmp_path)
    store.locked = True
    with pytest.raises(RecordsFault, match="Unlock the key store"):
        find_key(tmp_path)
    assert not (tmp_path / KEY_FILE).exists()


@pytest.mark.usefixtures("no_store")
def test_a_key_file_that_was_deleted_is_said_to_be_missing(tmp_path: Path) -> None:
    find_key(tmp_path).mark(tmp_path)
    (tmp_path / KEY_FILE).unlink()
    with pytest.raises(RecordsFault, match=r"records\.key is missing") as raised:
        find_key(tmp_path)
    assert "Unlock" not in str(raised.value)
    assert not (tmp_path / KEY_FILE).exists()


@pytest.mark.usefixtures("no_store")
def test_where_it_is_not_known_how_the_key_was_kept_both_ways_are_told(tmp_path: Path) -> None:
    Key(bytes(32)).mark(tmp_path)
    with pytest.raises(RecordsFault, match=r"Unlock the key store.*records\.key is missing"):
        find_key(tmp_path)


@pytest.mark.usefixtures("no_store")
def test_the_key_to_the_lists_lies_in_their_own_folder_and_is_made_anew_where_it_is_lost(tmp_path: Path) -> None:
    key = find_key(tmp_path / "lists", LISTS)
    assert "key to the hotlists" in key.warning
    assert find_key(tmp_path / "lists", LISTS) == key != find_key(tmp_path / "records")
    (tmp_path / "lists" / "hotlists.key").unlink()
    assert find_key(tmp_path / "lists", LISTS) != key


def test_a_key_store_holds_one_secret_for_both(tmp_path: Path, store: MemoryStore) -> None:
    assert find_key(tmp_path / "lists", LISTS) == find_key(tmp_path / "records")


@pytest.mark.usefixtures("no_store")
@pytest.mark.parametrize("where", ["file", "file/records", "\0records"])
def test_a_folder_that_cannot_be_made_is_a_sentence(tmp_path: Path, where: str) -> None:
    (tmp_path / "file").write_text("in the way")
    with pytest.raises(RecordsFault, match=r"Change records\.folder"):
        find_key(tmp_path / where)
    with pytest.raises(RecordsFault, match=r"Change hotlists\.folder"):
        find_key(tmp_path / where, LISTS)


@pytest.mark.usefixtures("no_store")
def test_a_folder_in_the_place_of_the_key_is_a_sentence(tmp_path: Path) -> None:
    (tmp_path / KEY_FILE).mkdir(mode=0o700)
    with pytest.raises(RecordsFault, match="cannot be read or made"):
        find_key(tmp_path)


def test_a_key_tells_itself_from_another_and_says_nothing_of_itself(tmp_path: Path) -> None:
    one, other = Key(bytes(32)), Key(bytes([1] * 32))
    assert not one.refuted(tmp_path)
    assert not one.proven(tmp_path)
    one.mark(tmp_path)
    assert one.proven(tmp_path)
    assert other.refuted(tmp_path)
    assert "secret" not in repr(one)
    assert one.derived("database") != one.derived("pictures")
