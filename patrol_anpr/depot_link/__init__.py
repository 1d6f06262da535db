"""The car's side of the wire to the depot: download, upload, receipts."""
