"""The rows of a fit: where they come from, how they are read, and what is summed over them."""
