"""Everything that a depot holds in a form that anybody can read, out and in again: docs/open-form.md."""
