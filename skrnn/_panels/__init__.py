"""Series on the grid of their time, in whatever container, and the labels that follow them."""
