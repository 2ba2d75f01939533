"""What users pass, turned into checked arrays."""
