"""Files to tables: reading, recognising columns, choosing rows and columns to fit."""
