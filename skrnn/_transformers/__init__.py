"""What turns series and sequences into what the networks read."""
