"""The calendar in force: what the program brings, and over it what was released in the store."""

from domain.calendars.publication import CALENDAR_BOOK, CalendarBook
from domain.law.calendar import WorkCalendar
from workflows.event_store import EventStore


class CalendarInForce:
    """Looks for every act whether an edition has been released since, by whichever process."""

    def __init__(self, store: EventStore) -> None:
        self._store = store
        self._over: tuple[WorkCalendar, int, WorkCalendar] | None = None

    def over(self, brought: WorkCalendar) -> WorkCalendar:
        """The calendar brought by the program with the released editions laid over it."""
        version = self._store.version_of(CALENDAR_BOOK)
        if not version:
            return brought
        kept = self._over
        if kept is None or kept[0] is not brought or kept[1] != version:
            book = self._store.repository.get(CALENDAR_BOOK, projector_func=CalendarBook.project)
            kept = self._over = (brought, version, brought.with_editions(book.released()))
        return kept[2]
