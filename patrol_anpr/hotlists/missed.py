"""What is said of lists that should be in force and are not. Pure."""

from collections.abc import Iterable, Mapping

from patrol_anpr.domain.hotlist import OWN_LIST, ListFault, ListFaultKind
from patrol_anpr.domain.sentences import joined, sentence
from patrol_anpr.hotlists.compact import FETCH
from patrol_anpr.hotlists.matcher import ListInForce
from patrol_anpr.hotlists.note import Note, NotedList


def absent(note: Note, in_force: Mapping[str, ListInForce], unreadable: Mapping[str, str]) -> dict[str, ListFault]:
    """Return the faults, by list id, of lists that are noted and not in force, or only in an older revision.

    `unreadable` says why of files by their names.
    """
    faults = {}
    for one in note.lists.values():
        if one.list_id.startswith(OWN_LIST):
            continue  # own.py looks after that one
        found = in_force.get(one.list_id)
        if found is None or found.head.revision < one.revision:
            faults[one.list_id] = _fault(one, unreadable)
    return faults


def partly(name: str) -> ListFault:
    """Return the fault of a list that is in force although some of its entries cannot be read."""
    return ListFault(
        ListFaultKind.PARTLY,
        name,
        sentence("Entries of the list {list} cannot be read. {fetch}", list=name, fetch=sentence(FETCH)),
    )


def unsure(reason: str, unreadable: Iterable[str]) -> ListFault:
    """Return the fault that it is not known which lists should be in force."""
    names = ", ".join(sorted(unreadable))
    also = sentence("Not readable: {names}.", names=names) if names else ""
    return ListFault(ListFaultKind.UNSURE, "", joined(reason, also, "Sync with the depot, or import the lists again."))


def _fault(noted: NotedList, unreadable: Mapping[str, str]) -> ListFault:
    why = next((unreadable[name] for name in noted.files if name in unreadable), "")
    kind = ListFaultKind.DAMAGED if why else ListFaultKind.MISSING
    found = why or sentence("The list file {name} is not there. {fetch}", name=noted.file, fetch=sentence(FETCH))
    return ListFault(kind, noted.name, sentence("The list {list} is out of force. {why}", list=noted.name, why=found))
