"""Where runs of the EM algorithm begin."""
