"""The values and pure rules of the field, in the words of docs/glossary.md. Imports nothing of the other rooms."""
