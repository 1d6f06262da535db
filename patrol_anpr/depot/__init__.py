"""The depot service: roster, hotlists, ingest with receipts; its own database."""
