"""What goes wrong with the database or the disk under it while somebody is answered: nothing was kept, try again."""

from sqlalchemy.exc import DBAPIError
from sqlalchemy.exc import TimeoutError as NoConnection

NOT_JUST_NOW: tuple[type[Exception], ...] = (DBAPIError, NoConnection, OSError)
