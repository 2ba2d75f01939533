"""Series on the grid of their time, and the steps that follow them."""
