"""A Read handed out as evidence: one signed PDF with its records and pictures, and what it can be checked with."""
