"""Sessions: everything the window shows as one file, and what is kept for a crash.

Imports wait for the modules that need them: the window starts before numpy is there.
"""
