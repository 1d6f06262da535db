"""Looking after those who look: the audit read and checked, patterns of misuse, the monthly sample and return."""
