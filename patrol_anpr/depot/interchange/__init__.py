"""What leaves the depot for other systems, by adapters: the reads for the national system (docs/interchange.md)."""
