"""Read to Hit: the importer of list files, the index and the matcher."""
