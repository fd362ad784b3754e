"""Icons, sample data and help pages that travel with the program."""
