"""The parts of the window beside the plots: data, columns, model, clusters."""
