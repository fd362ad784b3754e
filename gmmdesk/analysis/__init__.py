"""From a table and settings to an answer: the same calls for the window and the command line."""
