"""What is to be said of a fit: whether to trust it, and which components belong together."""
