"""What views draw with: rows, bars, curves and ellipses along one or two axes."""
