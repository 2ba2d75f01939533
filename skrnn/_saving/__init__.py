"""What files hold of estimators: plain values, under names that stay."""
