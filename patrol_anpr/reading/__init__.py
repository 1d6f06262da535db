"""Frame to Read: detector, OCR, tracker, consensus, recogniser."""
